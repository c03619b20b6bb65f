// What a lab in virtual time needs before it can start: its kernel.
#pragma once

#include "engine/lab/lab_file.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {

// Returns the options of a virtual lab's guests; builds their kernel, with progress, if it is not there. Throws VerbError.
UmlOptions prepare_guests(const LabFile& file);

}  // namespace labreel
