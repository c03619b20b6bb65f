#include "engine/nodes/user_namespace.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

// What `body` returns in a process of user nobody, who has no subordinate ids.
std::string as_nobody(const std::function<std::string(NodeBench&)>& body) {
  std::array<int, 2> report{};
  REQUIRE(::pipe(report.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr unsigned nobody = 65'534;
    if (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0) ::_exit(1);
    if (::setresuid(nobody, nobody, nobody) != 0 || ::prctl(PR_SET_DUMPABLE, 1) != 0) ::_exit(1);
    std::string told;
    {
      NodeBench bench;
      told = body(bench);
    }
    ::_exit(::write(report[1], told.data(), told.size()) < 0 ? 1 : 0);
  }
  ::close(report[1]);
  std::string told;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(report[0], buffer.data(), buffer.size())) > 0;) {
    told.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(report[0]);
  ::waitpid(child, nullptr, 0);
  return told;
}

std::string failure_of(NodeBench& bench, const NodeSpec& spec) {
  bench.spawner.start(spec);
  bench.serve_until([&] { return bench.failed.contains(spec.node) || bench.up.contains(spec.node); }, 20s);
  return bench.failed[spec.node];
}

}  // namespace

TEST_CASE("subordinate ids are found by the user's name or number, in order", "[nodes]") {
  const std::string text =
      "anna:100000:65536\nbert:165536:65536\n1000:300000:10\nanna:400000:5\nanna:x:5\nanna:5\n:::\nanna:1:0\nanna:1:"
      "99999999999\n";
  const auto ranges = subordinate_ids(text, "anna", 1000);
  REQUIRE(ranges.size() == 3);
  CHECK(ranges[0].first == 100'000);
  CHECK(ranges[0].count == 65'536);
  CHECK(ranges[1].first == 300'000);
  CHECK(ranges[2].count == 5);
  CHECK(subordinate_ids(text, "ann", 100).empty());
  CHECK(subordinate_ids("", "anna", 1000).empty());
}

TEST_CASE("a user without subordinate ids gets nodes whose processes are all root", "[nodes][root]") {
  CHECK(as_nobody([](NodeBench& bench) {
          auto spec = node_spec(1, {{"10.0.0.1/24"}});
          spec.files = {{"/etc/lab.conf", "here\n", 0644}};
          const std::string error = failure_of(bench, spec);
          if (!error.empty()) return error;
          return bench.shell(NodeId{1}, "id -u; cat /etc/lab.conf; ip -br addr show eth1 | cut -c 1-4").out;
        }) == "0\nhere\neth1\n");
}

TEST_CASE("a file for another user's daemon says what a user without subordinate ids lacks", "[nodes][root]") {
  CHECK_THAT(as_nobody([](NodeBench& bench) {
               auto spec = node_spec(1);
               spec.files = {{"/etc/frr/frr.conf", "hostname n1\n", 0640}};
               return failure_of(bench, spec);
             }),
             Catch::Contains("/etc/frr/frr.conf") && Catch::Contains("user nobody has no subordinate ids") &&
                 Catch::Contains("usermod --add-subuids"));
}

}  // namespace labreel
