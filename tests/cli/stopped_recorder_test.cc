// A recorder that is stopped (SIGSTOP, a debugger): nobody waits for it, and everybody is told which one it is.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("who asks a recorder that is stopped is told which one, and soon", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("halted"));
  BackgroundProgram run{{labreel_binary(), "run", "lab.yml", "-o", "a.reel"}, folder.path()};
  REQUIRE(run.wait_for_err("all nodes run"));
  run.signal(SIGSTOP);
  constexpr int kSoon_s = 8;  // of a busy host; they waited for ten seconds, and said nothing
  const auto ask = [&](std::vector<std::string> words) {
    words.insert(words.begin(), labreel_binary());
    return run_program(words, folder.path(), kSoon_s);
  };
  const std::string silent = "(pid " + std::to_string(run.pid()) + ") does not answer within a second";
  const auto listed = ask({"ps"});
  CHECK(listed.status == 0);
  CHECK(listed.err.find(silent) != std::string::npos);
  CHECK(listed.out == "halted  silent  pid " + std::to_string(run.pid()) + "\n");
  CHECK(ask({"ps", "--json"}).out.find("\"state\":\"silent\"") != std::string::npos);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"stop", "halted"}, {"exec", "h1", "--", "true"}, {"info", "a.reel"}, {"events", "a.reel", "--follow"}}) {
    const auto asked = ask(words);
    INFO(words[0] << ": " << asked.err);
    CHECK(asked.status == 5);
    CHECK(asked.err.find(silent) != std::string::npos);
  }
  CHECK(ask({"__complete", "exec", ""}).status == 0);
  CHECK(ask({"ls"}).out.find("does not answer within a second") != std::string::npos);
  const std::string extcap = (std::filesystem::path{labreel_binary()}.parent_path() / "extcap/labreel-extcap").string();
  const auto shown = run_program({extcap, "--extcap-interfaces"}, folder.path(), kSoon_s);
  CHECK(shown.status == 0);
  CHECK(shown.out.find("labreel:halted}") != std::string::npos);
  run.signal(SIGCONT);
  run.signal(SIGINT);
  CHECK(run.wait().status == 130);
}

}  // namespace labreel::test
