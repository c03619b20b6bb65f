#include "engine/transports/vhost_user/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "engine/core/check.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr int kRestOfMessage_ms = 5'000;
constexpr std::size_t kFdsMax = 8;

Error torn(const std::string& what) { return Error{ErrorKind::lab, "the guest's device socket: " + what}; }

void collect_fds(msghdr& packet, std::vector<OwnedFd>* fds) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&packet); part != nullptr; part = CMSG_NXTHDR(&packet, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      OwnedFd owned(fd);
      if (fds != nullptr) fds->push_back(std::move(owned));
    }
  }
}

}  // namespace

Result<bool> Channel::read(std::span<std::byte> bytes, std::vector<OwnedFd>* fds) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    iovec rest{bytes.data() + done, bytes.size() - done};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kFdsMax * sizeof(int))> control{};
    msghdr packet{};
    packet.msg_iov = &rest;
    packet.msg_iovlen = 1;
    packet.msg_control = control.data();
    packet.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.get(), &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got > 0) {
      collect_fds(packet, fds);
      done += static_cast<std::size_t>(got);
      continue;
    }
    if (got == 0 || errno == ECONNRESET) {
      if (done == 0) return false;
      return torn("closed in the middle of a message");
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return torn(std::strerror(errno));
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (retried([&] { return ::poll(&waiting, 1, kRestOfMessage_ms); }) == 0)
      return torn("a message that does not end");
  }
  return true;
}

Status Channel::write(std::span<const std::byte> bytes, std::span<const int> fds) {
  LABREEL_CHECK(fds.size() <= kFdsMax);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kFdsMax * sizeof(int))> control{};
  std::size_t done = 0;
  while (done < bytes.size()) {
    iovec rest{const_cast<std::byte*>(bytes.data()) + done, bytes.size() - done};
    msghdr packet{};
    packet.msg_iov = &rest;
    packet.msg_iovlen = 1;
    if (done == 0 && !fds.empty()) {
      packet.msg_control = control.data();
      packet.msg_controllen = CMSG_SPACE(fds.size_bytes());
      cmsghdr* const part = CMSG_FIRSTHDR(&packet);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN(fds.size_bytes());
      std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
    }
    const ssize_t sent = ::sendmsg(socket_.get(), &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return torn(std::strerror(errno));
    pollfd waiting{socket_.get(), POLLOUT, 0};
    if (retried([&] { return ::poll(&waiting, 1, kRestOfMessage_ms); }) == 0)
      return torn("does not take what it asked for");
  }
  return ok_status();
}

}  // namespace labreel
