// interface_request(): what an ioctl about a network interface is asked with.
#pragma once

#include <net/if.h>

#include <algorithm>
#include <string>

#include "engine/os/system_call.h"

namespace labreel {

// Errors: std::system_error for a name that is no interface's.
inline ifreq interface_request(const std::string& name) {
  ifreq request{};
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw std::system_error(EINVAL, std::generic_category(), "an interface name has 1 to 15 characters");
  }
  std::copy(name.begin(), name.end(), std::begin(request.ifr_name));
  return request;
}

}  // namespace labreel
