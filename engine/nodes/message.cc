#include "engine/nodes/message.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "engine/core/check.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kInlineBodyMax = 16'384;

struct Header {
  std::uint8_t kind = 0;
  std::uint8_t body_in_memfd = 0;  // it is the last descriptor
  std::uint16_t zero = 0;
  std::uint32_t node = 0;
  std::uint32_t id = 0;
  std::int32_t status = 0;
};

OwnedFd body_to_memfd(const std::string& body) {
  OwnedFd file(checked("create a memory file for a message", ::memfd_create("labreel-message", MFD_CLOEXEC)));
  std::size_t done = 0;
  while (done < body.size()) {
    const auto wrote = retried([&] { return ::write(file.get(), body.data() + done, body.size() - done); });
    done += static_cast<std::size_t>(checked("write a message to memory", wrote));
  }
  return file;
}

bool body_from_memfd(int file, std::string& body) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
  if (facts.st_size < 0 || static_cast<std::size_t>(facts.st_size) > kMessageBodyMax) return false;
  body.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t done = 0;
  while (done < body.size()) {
    const auto got =
        retried([&] { return ::pread(file, body.data() + done, body.size() - done, static_cast<off_t>(done)); });
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

void collect_fds(msghdr& packet, std::vector<OwnedFd>& fds) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&packet); part != nullptr; part = CMSG_NXTHDR(&packet, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

// Numbers in host order: both ends are the same program.
class Writer {
 public:
  void number(std::uint32_t value) {
    std::array<char, sizeof value> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    out_.append(bytes.data(), bytes.size());
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  void words(const std::vector<std::string>& values) {
    number(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) text(value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// After the first thing that does not fit, everything read is empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  std::uint32_t number() {
    std::uint32_t value = 0;
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number())); }
  std::vector<std::string> words() {
    std::vector<std::string> values;
    for (std::uint32_t left = number(); left > 0 && ok_; --left) values.push_back(text());
    return values;
  }
  bool ok() const { return ok_; }
  bool ok_and_at_end() const { return ok_ && in_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    ok_ = ok_ && size <= in_.size();
    if (!ok_) return {};
    const std::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  std::string_view in_;
  bool ok_ = true;
};

void write_interface(Writer& out, const InterfaceSpec& interface) {
  out.number(index_of(interface.port));
  out.text(interface.name);
  for (const auto byte : interface.mac) out.number(byte);
  out.number(interface.mtu);
  out.words(interface.addresses);
}

InterfaceSpec read_interface(Reader& in) {
  InterfaceSpec interface;
  interface.port = PortId{in.number()};
  interface.name = in.text();
  for (auto& byte : interface.mac) byte = static_cast<std::uint8_t>(in.number());
  interface.mtu = in.number();
  interface.addresses = in.words();
  return interface;
}

}  // namespace

Sent send_message(int socket, const Message& message, bool wait) {
  LABREEL_CHECK(message.body.size() <= kMessageBodyMax && message.fds.size() < kMessageFdsMax);
  Header header{static_cast<std::uint8_t>(message.kind), 0, 0, index_of(message.node), message.id, message.status};
  OwnedFd long_body;
  if (message.body.size() > kInlineBodyMax) {
    long_body = body_to_memfd(message.body);
    header.body_in_memfd = 1;
  }
  std::array<int, kMessageFdsMax> fds{};
  std::size_t fd_count = 0;
  for (const auto& fd : message.fds) fds.at(fd_count++) = fd.get();
  if (long_body.is_open()) fds.at(fd_count++) = long_body.get();

  std::array<iovec, 2> parts{{{&header, sizeof header}, {const_cast<char*>(message.body.data()), message.body.size()}}};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = long_body.is_open() ? 1 : 2;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fds)> control{};
  if (fd_count > 0) {
    packet.msg_control = control.data();
    packet.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), fds.data(), fd_count * sizeof(int));
  }
  const int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
  if (retried([&] { return ::sendmsg(socket, &packet, flags); }) >= 0) return Sent::done;
  if (errno == EAGAIN) return Sent::full;
  if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) return Sent::gone;
  throw std::system_error(errno, std::generic_category(), "send to the spawner");
}

Arrived receive_message(int socket, Message& message) {
  Header header{};
  std::string body(kInlineBodyMax, '\0');
  std::array<iovec, 2> parts{{{&header, sizeof header}, {body.data(), body.size()}}};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMessageFdsMax * sizeof(int))> control{};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  packet.msg_control = control.data();
  packet.msg_controllen = control.size();
  const auto got = retried([&] { return ::recvmsg(socket, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
  if (got < 0) return errno == EAGAIN ? Arrived::nothing : Arrived::closed;
  if (got == 0) return Arrived::closed;
  message = Message{};
  collect_fds(packet, message.fds);
  const bool cut = (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (cut || static_cast<std::size_t>(got) < sizeof header) return Arrived::malformed;
  if (header.kind > static_cast<std::uint8_t>(kMessageKindLast) || header.body_in_memfd > 1) return Arrived::malformed;
  body.resize(static_cast<std::size_t>(got) - sizeof header);
  if (header.body_in_memfd != 0) {
    if (message.fds.empty() || !body.empty() || !body_from_memfd(message.fds.back().get(), body)) {
      return Arrived::malformed;
    }
    message.fds.pop_back();
  }
  message.kind = static_cast<MessageKind>(header.kind);
  message.node = NodeId{header.node};
  message.id = header.id;
  message.status = header.status;
  message.body = std::move(body);
  return Arrived::message;
}

std::string encode_words(const std::vector<std::string>& words) {
  Writer out;
  out.words(words);
  return out.take();
}

std::optional<std::vector<std::string>> decode_words(std::string_view body) {
  Reader in(body);
  auto words = in.words();
  if (!in.ok_and_at_end()) return std::nullopt;
  return words;
}

std::string encode_interface(const InterfaceSpec& interface) {
  Writer out;
  write_interface(out, interface);
  return out.take();
}

std::optional<InterfaceSpec> decode_interface(std::string_view body) {
  Reader in(body);
  auto interface = read_interface(in);
  if (!in.ok_and_at_end()) return std::nullopt;
  return interface;
}

std::string encode_spec(const NodeSpec& spec) {
  Writer out;
  out.number(index_of(spec.node));
  out.text(spec.name);
  out.text(std::string(spec.kind.text()));
  out.number(static_cast<std::uint32_t>(spec.interfaces.size()));
  for (const auto& interface : spec.interfaces) write_interface(out, interface);
  out.number(static_cast<std::uint32_t>(spec.files.size()));
  for (const auto& file : spec.files) {
    out.text(file.path);
    out.text(file.content);
    out.number(file.mode);
  }
  return out.take();
}

std::optional<NodeSpec> decode_spec(std::string_view body) {
  Reader in(body);
  NodeSpec spec;
  spec.node = NodeId{in.number()};
  spec.name = in.text();
  spec.kind = in.text();
  for (std::uint32_t left = in.number(); left > 0 && in.ok(); --left) spec.interfaces.push_back(read_interface(in));
  for (std::uint32_t left = in.number(); left > 0 && in.ok(); --left) {
    NodeFile file;
    file.path = in.text();
    file.content = in.text();
    file.mode = in.number();
    spec.files.push_back(std::move(file));
  }
  if (!in.ok_and_at_end()) return std::nullopt;
  return spec;
}

}  // namespace labreel
