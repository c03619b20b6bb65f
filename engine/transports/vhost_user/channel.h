// Channel: whole messages over a guest's stream socket, within a time limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: a message that begins must arrive whole before the limit; a peer that stops in its middle is an error, not a
// hang.
class Channel {
 public:
  Channel() = default;
  explicit Channel(OwnedFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  bool is_open() const { return socket_.is_open(); }
  void close() { socket_.reset(); }

  // Fills `bytes`; false if the peer closed before the first. Descriptors that come along are added to `fds`, if given.
  Result<bool> read(std::span<std::byte> bytes, std::vector<OwnedFd>* fds = nullptr);
  // Sends all of `bytes`; an error if the peer has closed.
  Status write(std::span<const std::byte> bytes, std::span<const int> fds = {});

 private:
  OwnedFd socket_;
};

}  // namespace labreel
