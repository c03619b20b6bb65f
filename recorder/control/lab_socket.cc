#include "recorder/control/lab_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <string_view>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un{}.sun_path) - 1;
constexpr int kBacklog = 64;

sockaddr_un address_of(const std::string& path) {
  LABREEL_CHECK(path.size() <= kSocketPathMax);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

OwnedFd new_socket() {
  return OwnedFd{
      checked("make a Unix socket", ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))};
}

// Held while a name is claimed or a dead socket removed, so that nobody removes what another has just claimed.
OwnedFd lock_directory(const std::string& directory) {
  OwnedFd fd{checked("open " + directory,
                     ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))};
  checked("lock " + directory, retried([&] { return ::flock(fd.get(), LOCK_EX); }));
  return fd;
}

// A lab's name must be one file's name, and not a hidden one.
bool can_be_a_file_name(std::string_view lab) {
  return !lab.empty() && lab.front() != '.' && lab.find('/') == lab.npos && lab.find('\0') == lab.npos;
}

Error already_running(const std::string& lab, const ConnectAttempt& attempt) {
  std::string who = "a lab named " + lab + " is already running";
  if (attempt.failure == 0) {
    if (const auto peer = peer_of_socket(attempt.fd.get())) who += " (pid " + std::to_string(peer->pid) + ")";
  }
  return Error{ErrorKind::usage, who, {}, "stop it with `labreel stop " + lab + "`, or give this lab another name"};
}

bool is_dead(const ConnectAttempt& attempt) { return attempt.failure == ECONNREFUSED; }

}  // namespace

Result<LabSocket> LabSocket::claim(const std::string& directory, const std::string& lab) {
  if (!can_be_a_file_name(lab)) {
    return Error{ErrorKind::usage, "\"" + lab + "\" cannot name a running lab", {},
                 "a lab's name has no slash and does not start with a dot"};
  }
  const std::string path = directory + "/" + lab + ".sock";
  if (auto error = socket_path_error(path)) return *std::move(error);
  const OwnedFd lock = lock_directory(directory);
  const ConnectAttempt attempt = connect_to_socket(path);
  if (is_dead(attempt)) {
    checked("remove the dead recorder's socket " + path, ::unlink(path.c_str()));
  } else if (attempt.failure == 0 || attempt.failure == EAGAIN) {
    return already_running(lab, attempt);
  }
  OwnedFd fd = new_socket();
  const sockaddr_un address = address_of(path);
  checked("bind " + path, ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  LabSocket claimed{path, std::move(fd)};  // from here on the path is ours to unlink
  checked("make " + path + " private", ::chmod(path.c_str(), 0600));
  checked("listen on " + path, ::listen(claimed.fd(), kBacklog));
  return claimed;
}

LabSocket::~LabSocket() {
  // Unlinked before it is closed: while it listens, nobody else can have claimed the path.
  if (fd_.is_open()) ::unlink(path_.c_str());
}

ConnectAttempt connect_to_socket(const std::string& path) {
  if (path.size() > kSocketPathMax) return {OwnedFd{}, ENAMETOOLONG};
  OwnedFd fd = new_socket();
  const sockaddr_un address = address_of(path);
  const int result =
      retried([&] { return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); });
  if (result < 0) return {OwnedFd{}, errno};
  return {std::move(fd), 0};
}

std::optional<Peer> peer_of_socket(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return std::nullopt;
  return Peer{credentials.pid, credentials.uid};
}

std::optional<Error> socket_path_error(const std::string& path) {
  if (path.size() <= kSocketPathMax) return std::nullopt;
  return Error{ErrorKind::usage,
               "the path of the lab's socket has " + std::to_string(path.size()) + " bytes; Linux allows " +
                   std::to_string(kSocketPathMax),
               path, "set LABREEL_RUN_DIR to a shorter folder, or give the lab a shorter name"};
}

void remove_if_dead(const std::string& directory, const std::string& path) {
  const OwnedFd lock = lock_directory(directory);
  if (is_dead(connect_to_socket(path))) ::unlink(path.c_str());
}

}  // namespace labreel
