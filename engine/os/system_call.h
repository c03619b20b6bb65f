// checked(): turns a failed system call into a std::system_error that names the attempt.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace labreel {

// Returns `result`, or throws std::system_error with errno and the attempt ("open /dev/net/tun").
template <class T>
T checked(const std::string& attempt, T result) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), attempt);
  return result;
}

// Repeats a system call that a signal interrupted.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace labreel
