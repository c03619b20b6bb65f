// The reasons of drops, explained.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/core/event.h"

namespace labreel {

struct ReasonWords {
  Reason reason;
  std::string_view meaning;  // what happened, one sentence
  std::string_view look;     // what to look for
};

// All of them, in the order of their numbers.
inline constexpr std::array<ReasonWords, kReasonCount - 1> kReasonWords{{
    {Reason::loss, "The cable's `loss` drew it.", "`show`: the cable's loss; the lab file, or who set it live"},
    {Reason::queue_full, "The cable's queue was full: more came than its `rate` let through.",
     "`show`: rate and queue; who sent so much at once"},
    {Reason::link_down, "The cable was cut, when the frame was sent or while it flew.", "`events --kind link.down`"},
    {Reason::port_down, "The receiver's card, or the sender's, was down.",
     "`events --kind port.down`: `ip link set … down` in the node"},
    {Reason::port_removed, "The receiver's port was removed while the frame flew.", "`events --kind port.removed`"},
    {Reason::node_stopped, "The receiver's node did not run: it had stopped, or had not started yet.",
     "`events --kind node.stopped,node.started`; at the start and stop of a lab it means nothing"},
    {Reason::mtu, "The frame was longer than the port's MTU in the fabric.", "`show`: the ports' MTUs"},
    {Reason::no_receiver, "Nobody was there to get it: the port has no cable, or its lan has no other port.",
     "`show`: the port's cable, the lan's ports"},
    {Reason::refused_by_node, "The node's socket did not take it: its buffer was full, or its card was down or gone.",
     "a node that is too slow; at the stop of a lab it means nothing"},
    {Reason::malformed, "It was no Ethernet frame: too short, or too long.", "the program that sent it"},
    {Reason::lab_ended, "It still flew when the lab ended.", "nothing: any lab may end so"},
}};

// The table for people, one line a reason and one for what to look for.
std::string reasons_text();

}  // namespace labreel
