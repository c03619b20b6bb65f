// Lab setup: the effects that make a topology what the lab file says.
#pragma once

#include "recorder/session/lab_runtime.h"

namespace labreel {

// Shape: in virtual time every cable gets a delay (give_virtual_delay). Of an empty topology it makes the lab file's, in the file's order. Of one that is there already, as in a reel that goes
//        on, it takes away what the file does not have, adds what is missing and sets what differs; a node, port or lan whose
//        own properties differ is taken away and added anew. `command` is the cause of every effect.
void set_up_lab(const LabRuntime& runtime, Seq command);

}  // namespace labreel
