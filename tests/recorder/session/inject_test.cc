// Frames sent into a port of a running lab: each is a command of its own, in their order, up to the first that is refused.
#include <catch2/catch.hpp>

#include "engine/text/hex.h"
#include "tests/recorder/session/fakes.h"

using namespace labreel;
using namespace labreel::test;

namespace {

constexpr const char* kLab =
    "name: live\ntopology:\n  nodes: {h1: , h2: , h3: }\n  links:\n    - endpoints: [\"h1:eth0\", \"h2:eth0\"]\n"
    "  lans:\n    office: {ports: [\"h2:eth1\", \"h3:eth0\"]}\n";

// Sixty bytes to everybody, the last of them `mark`.
std::string frame(char mark) {
  std::string bytes(60, '\x02');
  bytes.replace(0, 6, 6, '\xff');
  bytes.back() = mark;
  return bytes;
}

}  // namespace

TEST_CASE("frames go into a port in their order, each the effect of an inject command of its own", "[session]") {
  FakeLab lab(kLab);
  lab.start();
  const std::size_t before = lab.events().size();
  const InjectReply reply = lab.commands.inject({"h2:eth0", {{"h1:eth0", frame('a')}, {"", frame('b')}}, "cli"});
  CHECK(reply.last.ok);
  REQUIRE(reply.commands.size() == 2);
  REQUIRE(lab.events().size() == before + 6);  // twice command, frame, done
  for (std::size_t i = 0; i < 2; ++i) {
    const Event& command = lab.events()[before + 3 * i];
    const Event& injected = lab.events()[before + 3 * i + 1];
    const Event& done = lab.events()[before + 3 * i + 2];
    CHECK(command.seq == reply.commands[i]);
    const auto& words = std::get<Command>(command.body);
    CHECK(words.verb == "inject");
    CHECK(words.by == "cli");
    CHECK(words.arguments[0] == "h2:eth0");
    CHECK(words.arguments[2] == to_hex(frame(i == 0 ? 'a' : 'b')));
    CHECK(injected.cause == command.seq);
    CHECK(std::get<Frame>(injected.body).bytes.back() == static_cast<std::byte>(i == 0 ? 'a' : 'b'));
    CHECK(done.cause == command.seq);
    CHECK(std::get<CommandDone>(done.body).ok);
  }
  CHECK(reply.last.command == reply.commands.back());
}

TEST_CASE("the first frame that is refused ends them, and is recorded with its reason", "[session]") {
  FakeLab lab(kLab);
  lab.start();
  const auto check_refused = [&](const InjectRequest& request, std::size_t refused, const std::string& why) {
    const std::size_t before = lab.events().size();
    const InjectReply reply = lab.commands.inject(request);
    CHECK_FALSE(reply.last.ok);
    CHECK_THAT(reply.last.error, Catch::Contains(why));
    REQUIRE(reply.commands.size() == refused + 1);
    REQUIRE(lab.events().size() == before + 3 * refused + 2);
    const auto& done = std::get<CommandDone>(lab.events().back().body);
    CHECK_FALSE(done.ok);
    CHECK(done.error == reply.last.error);
    CHECK(lab.events().back().cause == reply.commands.back());
  };
  check_refused({"h9:eth0", {{"h1:eth0", frame('a')}, {"h1:eth0", frame('b')}}, "cli"}, 0, "h9");
  check_refused({"h2:eth0", {{"", frame('a')}, {"", "short"}, {"", frame('c')}}, "cli"}, 1, "that is no frame");
  check_refused({"h2:eth0", {{"", std::string(65'536, 'x')}}, "cli"}, 0, "that is no frame");
  check_refused({"h2:eth1", {{"h3:eth0", frame('a')}, {"h1:eth0", frame('b')}}, "cli"}, 1, "is not on the lan");
  check_refused({"h2:eth1", {{"h2:eth1", frame('a')}}, "cli"}, 0, "is not on the lan");
}

TEST_CASE("no frames are no commands", "[session]") {
  FakeLab lab(kLab);
  lab.start();
  const std::size_t before = lab.events().size();
  const InjectReply reply = lab.commands.inject({"h2:eth0", {}, "cli"});
  CHECK(reply.last.ok);
  CHECK(reply.commands.empty());
  CHECK(lab.events().size() == before);
}
