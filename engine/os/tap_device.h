// attach_tap(): a TAP device whose card, to the node, finishes checksums and cuts large segments of TCP.
#pragma once

#include <string>

namespace labreel {

// Makes the device in the network namespace in which `tun` (/dev/net/tun) was opened.
//
// Shape:  what is read and written has a virtio header of 10 bytes before each frame.
// Errors: std::system_error: a name that is no interface's, or that one has already.
// Source: linux Documentation/networking/tuntap.rst.
void attach_tap(int tun, const std::string& name);

}  // namespace labreel
