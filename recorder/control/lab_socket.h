// LabSocket: the Unix socket on which one running lab answers, and the claim on the lab's name that goes with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// A listening socket, DIRECTORY/LAB.sock, that is unlinked when its owner is destroyed.
//
// Shape: a name is claimed by listening. There is no pid file to go stale: a socket that refuses is a dead recorder's,
//        and who listens is asked of the kernel (SO_PEERCRED). Claims in one directory exclude each other by a
//        lock on it.
class LabSocket {
 public:
  // Claims a lab's name. `directory` is one that make_run_directory() gave. Claim it in the process that records, after
  // every fork: a forked process that keeps the descriptor would keep the name.
  //
  // Errors: Error{usage} if a lab of this name is running (its pid is named), if the name cannot be a file's, or if the
  //         path is too long for a socket. Throws std::system_error if the OS refuses.
  static Result<LabSocket> claim(const std::string& directory, const std::string& lab);

  ~LabSocket();
  LabSocket(LabSocket&&) noexcept = default;
  LabSocket& operator=(LabSocket&&) = delete;

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

 private:
  LabSocket(std::string path, OwnedFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  OwnedFd fd_;
};

// Connects to a socket without ever waiting. The descriptor is non-blocking and close-on-exec.
//
// Errors: the errno in `failure`: ENOENT (no socket), ECONNREFUSED (a dead recorder's), EAGAIN (its backlog is full).
struct ConnectAttempt {
  OwnedFd fd;
  int failure = 0;
};
ConnectAttempt connect_to_socket(const std::string& path);

// Who is at the other end of a connected Unix socket; for a client, the process that listens.
struct Peer {
  std::int64_t pid = 0;
  uid_t uid = 0;
};
std::optional<Peer> peer_of_socket(int fd);

// Says whether a path fits into a socket address, as an error for people if not.
std::optional<Error> socket_path_error(const std::string& path);

// Removes a dead recorder's socket; a live one, or one that was claimed anew in the meantime, stays.
void remove_if_dead(const std::string& directory, const std::string& path);

}  // namespace labreel
