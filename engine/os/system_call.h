// checked(): turns a failed system call into a std::system_error that names the attempt.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

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

// System calls of the path of each frame. They are no places where a thread may be cancelled: for that the library does two
// atomic exchanges a call as soon as a process has threads, and here no thread is ever cancelled.
inline ssize_t read_uncancelled(int fd, void* to, std::size_t bytes) { return ::syscall(SYS_read, fd, to, bytes); }
inline ssize_t write_uncancelled(int fd, const void* from, std::size_t bytes) { return ::syscall(SYS_write, fd, from, bytes); }
inline ssize_t writev_uncancelled(int fd, const iovec* parts, int count) { return ::syscall(SYS_writev, fd, parts, count); }
inline ssize_t recvmsg_uncancelled(int fd, msghdr* message, int flags) { return ::syscall(SYS_recvmsg, fd, message, flags); }
inline ssize_t sendmsg_uncancelled(int fd, const msghdr* message, int flags) { return ::syscall(SYS_sendmsg, fd, message, flags); }

}  // namespace labreel
