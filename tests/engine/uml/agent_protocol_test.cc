#include "engine/nodes/uml/agent_protocol.h"

#include <catch2/catch.hpp>

namespace labreel {
namespace {

TEST_CASE("messages come out of a stream whole, however it is cut", "[agent]") {
  const std::string stream = encode({AgentMessageKind::printed, 7, 2, std::string("a\0b", 3)}) +
                             encode({AgentMessageKind::ended, 7, -1, {}}) +
                             encode({AgentMessageKind::ready, 0, 0, std::string(100'000, 'x')});
  for (std::size_t piece = 1; piece < 40; piece += 6) {
    AgentReader reader;
    std::vector<AgentMessage> messages;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(std::string_view(stream).substr(at, piece));
      while (auto message = reader.next().value()) messages.push_back(std::move(*message));
    }
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].id == 7);
    CHECK(messages[0].detail == 2);
    CHECK(messages[0].body == std::string("a\0b", 3));
    CHECK(messages[1].detail == -1);
    CHECK(messages[2].body.size() == 100'000);
  }
}

TEST_CASE("bytes that are no message are refused", "[agent]") {
  AgentReader unknown;
  unknown.feed(std::string(16, '\x7f'));
  CHECK_FALSE(unknown.next());
  AgentReader huge;
  std::string header = encode({AgentMessageKind::printed, 1, 1, {}});
  header[15] = '\x7f';
  huge.feed(header);
  CHECK_FALSE(huge.next());
}

}  // namespace
}  // namespace labreel
