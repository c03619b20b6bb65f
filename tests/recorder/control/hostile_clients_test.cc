// Garbage, huge messages, other users and half-open sockets: only their own connection is lost.
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "tests/recorder/control/served.h"

using namespace labreel;

namespace {

OwnedFd raw_connection(const Served& served) {
  auto attempt = connect_to_socket(served.server->socket_path());
  while (attempt.failure == EAGAIN) {  // we are faster than the server
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    attempt = connect_to_socket(served.server->socket_path());
  }
  REQUIRE(attempt.failure == 0);
  return std::move(attempt.fd);
}

void send_bytes(const OwnedFd& fd, const std::string& bytes) {
  ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// Reads until the server closes; false if it has not within 5 s.
bool is_closed_by_server(const OwnedFd& fd) {
  for (;;) {
    pollfd waiting{fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 5000) <= 0) return false;
    char bytes[4096];
    if (::recv(fd.get(), bytes, sizeof bytes, 0) <= 0) return true;
  }
}

std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((value >> shift) & 0xffU);
  return bytes;
}

// One message of one segment: the frame of Cap'n Proto's streams around some words.
std::string message(std::uint32_t words, const std::string& content) {
  return little_endian(0) + little_endian(words) + content;
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("a message that claims 100 MB loses its own connection, at once and without the memory", "[control]") {
  Served served;
  auto other = served.client();
  const auto before = resident_bytes();
  std::vector<OwnedFd> greedy;
  for (int i = 0; i < 20; ++i) {
    greedy.push_back(raw_connection(served));
    send_bytes(greedy.back(), message(100'000'000 / 8, std::string(64, 'x')));
  }
  for (const auto& fd : greedy) CHECK(is_closed_by_server(fd));
  CHECK(resident_bytes() < before + (50U << 20U));
  CHECK(other.status());
}

TEST_CASE("a request beyond 1 MiB loses its own connection only, and our client does not send it", "[control]") {
  Served served;
  auto other = served.client();
  const auto greedy = raw_connection(served);
  send_bytes(greedy, message((1U << 20U) / 8 + 1, ""));
  CHECK(is_closed_by_server(greedy));
  const auto refused = other.command("mark", {std::string(3 << 20, 'x')});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK_FALSE(other.exec("r1", std::vector<std::string>(2, std::string(1 << 19, 'x')),
                         [](Stream, std::string_view) { return true; }));
  CHECK(served.lab.commands().empty());
  const auto reply = other.command("mark", {std::string((1 << 20) - 2048, 'x')});
  REQUIRE(reply);
  CHECK(reply->ok);
}

TEST_CASE("garbage loses its own connection only", "[control]") {
  Served served;
  auto other = served.client();
  const std::vector<std::string> garbage = {
      "GET / HTTP/1.1\r\nHost: lab\r\n\r\n",
      std::string(4096, '\xff'),
      little_endian(0x7fffffffU) + std::string(64, '\0'),            // more segments than there can be
      message(2, std::string(16, '\xff')),                           // a root pointer to nowhere
  };
  for (const auto& bytes : garbage) {
    CAPTURE(bytes.size(), Catch::rangeToString(bytes.substr(0, 8)));
    const auto fd = raw_connection(served);
    send_bytes(fd, bytes);
    CHECK(is_closed_by_server(fd));
    CHECK(other.status());
  }
}

TEST_CASE("well-formed nonsense does no harm to others", "[control]") {
  Served served;
  auto other = served.client();
  const auto fd = raw_connection(served);
  send_bytes(fd, message(1, std::string("\xfc\xff\xff\xff\x01\x00\x00\x00", 8)));  // a struct that is its own pointer
  send_bytes(fd, std::string(4096, '\0'));                                            // empty messages
  CHECK(other.status());
}

TEST_CASE("random messages do no harm to others", "[control]") {
  Served served;
  auto other = served.client();
  std::mt19937 random(42);
  for (int i = 0; i < 300; ++i) {
    const auto fd = raw_connection(served);
    std::string words(8U * (1 + random() % 12), '\0');
    // Few bits set: pointers that stay near, which get further than noise does.
    for (char& byte : words) byte = static_cast<char>(random() % 3 == 0 ? random() % 8 : 0);
    send_bytes(fd, message(static_cast<std::uint32_t>(words.size() / 8), words));
  }
  const auto reply = other.command("mark", {});
  REQUIRE(reply);
  CHECK(reply->ok);
}

TEST_CASE("half a message, or none, keeps nobody waiting, also not the server's end", "[control]") {
  Served served;
  const auto silent = raw_connection(served);
  const auto half = raw_connection(served);
  send_bytes(half, little_endian(0) + little_endian(100));
  CHECK(served.client().status());
  const auto begun = std::chrono::steady_clock::now();
  served.server.reset();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
  CHECK(is_closed_by_server(silent));
  CHECK(is_closed_by_server(half));
}

TEST_CASE("a client that reads nothing does not keep the server from ending", "[control]") {
  Served served;
  auto client = served.client();
  // A client whose reader sleeps while the lab floods it, and whose server goes meanwhile.
  std::optional<std::chrono::steady_clock::duration> took;
  const auto ended = client.exec("r1", {"flood", "30"}, [&](Stream, std::string_view) {
    if (took) return true;
    const auto begun = std::chrono::steady_clock::now();
    served.server.reset();
    took = std::chrono::steady_clock::now() - begun;
    return true;
  });
  CHECK_FALSE(ended);
  REQUIRE(took);
  CHECK(*took < std::chrono::seconds(5));
}

TEST_CASE("the socket and its folder are the owner's alone", "[control]") {
  Served served;
  namespace fs = std::filesystem;
  const auto everything = fs::perms::mask;
  CHECK((fs::status(served.server->socket_path()).permissions() & everything) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK((fs::status(served.folder.path()).permissions() & everything) == fs::perms::owner_all);
}

TEST_CASE("another user is refused, even where the folder's modes would let him in", "[control][system]") {
  if (::geteuid() != 0) return;  // only root can become another user
  Served served;
  constexpr uid_t kNobody = 65534;
  const auto as_nobody = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(90);
      const auto attempt = connect_to_socket(served.server->socket_path());
      if (attempt.failure == EACCES) ::_exit(10);
      if (attempt.failure != 0) ::_exit(91);
      ::_exit(is_closed_by_server(attempt.fd) ? 11 : 12);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CHECK(as_nobody() == 10);
  std::filesystem::permissions(served.folder.path(), std::filesystem::perms(0755));
  CHECK(as_nobody() == 10);  // the socket's own mode
  std::filesystem::permissions(served.server->socket_path(), std::filesystem::perms(0777));
  CHECK(as_nobody() == 11);  // who he is
  CHECK(served.client().status());
}
