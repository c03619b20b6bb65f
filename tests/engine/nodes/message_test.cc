#include "engine/nodes/message.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

namespace labreel {
namespace {

struct Sockets {
  Sockets() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
    a = OwnedFd(ends[0]);
    b = OwnedFd(ends[1]);
  }
  OwnedFd a, b;
};

std::ptrdiff_t open_fd_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

Message exec_message(std::string body) { return {MessageKind::exec, NodeId{7}, 8, -9, std::move(body), {}}; }

}  // namespace

TEST_CASE("messages arrive whole, whatever their size, with their descriptors", "[nodes]") {
  const std::size_t size = GENERATE(0U, 1U, 16'384U, 16'385U, 5'000'000U);
  Sockets sockets;
  Message sent = exec_message(std::string(size, 'x'));
  sent.fds.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(send_message(sockets.a.get(), sent, false) == Sent::done);
  Message got;
  REQUIRE(receive_message(sockets.b.get(), got) == Arrived::message);
  CHECK(got.kind == MessageKind::exec);
  CHECK(got.node == NodeId{7});
  CHECK(got.id == 8);
  CHECK(got.status == -9);
  CHECK(got.body == sent.body);
  CHECK(got.fds.size() == 1);
  CHECK(receive_message(sockets.b.get(), got) == Arrived::nothing);
}

TEST_CASE("a full socket and a closed one are told apart", "[nodes]") {
  Sockets sockets;
  Sent sent = Sent::done;
  for (int i = 0; i < 10'000 && sent == Sent::done; ++i) {
    sent = send_message(sockets.a.get(), exec_message(std::string(10'000, 'x')), false);
  }
  CHECK(sent == Sent::full);
  sockets.b.reset();
  CHECK(send_message(sockets.a.get(), exec_message(""), false) == Sent::gone);
  Message got;
  CHECK(receive_message(sockets.a.get(), got) == Arrived::closed);
}

TEST_CASE("packets that are no messages are refused and leave no descriptor open", "[nodes]") {
  Sockets sockets;
  const auto before = open_fd_count();
  const auto arrives = [&](const std::string& packet) {
    REQUIRE(::send(sockets.a.get(), packet.data(), packet.size(), 0) >= 0);
    Message got;
    return receive_message(sockets.b.get(), got);
  };
  CHECK(arrives("x") == Arrived::malformed);
  CHECK(arrives(std::string(15, '\0')) == Arrived::malformed);
  CHECK(arrives(std::string(16, '\xff')) == Arrived::malformed);  // unknown kind
  std::string says_memfd(16, '\0');
  says_memfd[1] = 1;
  CHECK(arrives(says_memfd) == Arrived::malformed);                  // but sends none
  CHECK(arrives(std::string(100'000, '\0')) == Arrived::malformed);  // longer than any message
  CHECK(open_fd_count() == before);
}

TEST_CASE("a node's description comes out as it went in", "[nodes]") {
  NodeSpec spec{NodeId{3}, "r1", "namespace", {}, {}};
  spec.interfaces.push_back({PortId{4}, "eth1", {2, 0, 0, 0, 0, 1}, 9000, {"10.0.0.1/24", "2001:db8::1/64"}});
  spec.files.push_back({"/etc/x", std::string("a\0b", 3), 0755});
  const auto got = decode_spec(encode_spec(spec));
  REQUIRE(got);
  CHECK(got->name == "r1");
  CHECK(got->interfaces.at(0).mac == spec.interfaces[0].mac);
  CHECK(got->interfaces.at(0).addresses == spec.interfaces[0].addresses);
  CHECK(got->files.at(0).content == spec.files[0].content);
  CHECK(got->files.at(0).mode == 0755);
}

TEST_CASE("cut or lengthened descriptions are refused", "[nodes]") {
  NodeSpec spec{NodeId{3}, "r1", "namespace", {{PortId{4}, "eth1", {}, 1500, {"10.0.0.1/24"}}}, {{"/x", "y", 0644}}};
  const std::string whole = encode_spec(spec);
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(decode_spec(whole.substr(0, size)));
  CHECK_FALSE(decode_spec(whole + "z"));
  CHECK_FALSE(decode_words(std::string(4, '\xff')));  // four thousand million words
  CHECK(decode_words(encode_words({"a", "", "c d"})) == std::vector<std::string>{"a", "", "c d"});
}

}  // namespace labreel
