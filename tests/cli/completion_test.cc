// completion: the verbs' own words, and the names of labs and reels, as the shell asks for them.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// The words that labreel offers, without what they mean.
std::vector<std::string> offered(std::vector<std::string> words, const std::string& directory = ".") {
  words.insert(words.begin(), "__complete");
  const auto answer = labreel(words, directory);
  INFO(answer.err);
  CHECK(answer.status == 0);
  std::vector<std::string> found = lines_of(answer.out);
  for (std::string& line : found) line = line.substr(0, line.find('\t'));
  return found;
}

// What bash would put on the line, after it has split it in its own way.
std::vector<std::string> bash_offers(const std::string& line, const std::string& directory) {
  const std::string script = "PATH=" + labreel_binary().substr(0, labreel_binary().rfind('/')) +
                             ":$PATH; source <(labreel completion bash); " + "COMP_LINE='" + line +
                             "'; COMP_POINT=${#COMP_LINE}; _labreel; printf '%s\\n' \"${COMPREPLY[@]}\"";
  const auto asked = run_program({"bash", "-c", script}, directory);
  INFO(asked.err);
  CHECK(asked.status == 0);
  return lines_of(asked.out);
}

using Words = std::vector<std::string>;

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("verbs, their subcommands and their options are completed from the program itself", "[cli]") {
  CHECK(offered({"ver"}) == Words{"verify", "version"});
  CHECK(offered({"link", "d"}) == Words{"del", "down"});
  CHECK(offered({"events", "--pay"}) == Words{"--payload"});
  CHECK(offered({"events", "--kind", "link.d"}) == Words{"link.down"});
  CHECK(offered({"completion", ""}) == Words{"bash", "zsh", "fish"});
  CHECK(offered({"link", "set", "h1:eth0", "delay=1ms", "lo"}) == Words{"loss="});
  CHECK(offered({"run", ""}) == Words{":files"});
  CHECK(offered({"nosuch", "verb", ""}).size() <= offered({""}).size());
  CHECK_FALSE(has(offered({""}), "__complete"));
  const auto help = labreel({"--help"});
  for (const std::string& verb : offered({""})) CHECK(help.out.find("  " + verb) != std::string::npos);
}

TEST_CASE("nodes, ports, labs and markers are completed from running labs and from reels", "[cli]") {
  const TestFolder folder;
  CHECK(offered({"link", "down", ""}, folder.path()).empty());  // no lab, no names, no error
  CHECK(offered({"events", "--port", ""}, folder.path()).empty());
  for (const char* const name : {"left", "right"}) {
    folder.write(std::string{name} + ".yml", two_hosts(name));
    REQUIRE(labreel({"run", "--detach", std::string{name} + ".yml"}, folder.path()).status == 0);
  }
  CHECK(offered({"stop", ""}) == Words{"left", "right"});
  CHECK(offered({"mark", "--lab", "r"}) == Words{"right"});
  CHECK(labreel({"node", "add", "--lab", "right", "extra"}).status == 0);
  CHECK(offered({"exec", "--lab", "right", ""}) == Words{"h1", "h2", "extra"});
  CHECK(offered({"exec", "--lab", "left", "h"}) == Words{"h1", "h2"});
  CHECK(offered({"stop", "left"}) == Words{"left"});
  CHECK(labreel({"mark", "--lab", "left", "half-time"}).status == 0);
  REQUIRE(labreel({"stop", "left"}).status == 0);
  CHECK(offered({"link", "down", "h1"}) == Words{"h1:eth0"});  // only one lab is left to mean
  CHECK(offered({"events", "left.reel", "--from", ""}, folder.path()) == Words{"half-time", "end"});
  CHECK(offered({"events", "left.reel", "--port", "h2:"}, folder.path()) == Words{"h2:eth0"});
  CHECK(offered({"events", "right.reel", "--port", ""}, folder.path()) == Words{"h1:eth0", "h2:eth0"});
  REQUIRE(labreel({"stop"}).status == 0);
}

TEST_CASE("the bash script offers what labreel knows, and cuts off what bash has already", "[cli]") {
  const TestFolder folder;
  folder.write("shell.yml", two_hosts("shell"));
  folder.write("show me.reel", "");
  REQUIRE(labreel({"run", "--detach", "shell.yml"}, folder.path()).status == 0);
  CHECK(bash_offers("labreel ver", folder.path()) == Words{"verify", "version"});
  CHECK(bash_offers("labreel link down h2:e", folder.path()) == Words{"eth0"});
  CHECK(bash_offers("labreel link down ", folder.path()) == Words{"h1:eth0", "h2:eth0"});
  Words files = bash_offers("labreel run sh", folder.path());
  CHECK(has(files, "shell.yml"));
  CHECK(has(files, "show me.reel"));
  REQUIRE(labreel({"stop"}).status == 0);
  const auto unknown = labreel({"completion", "tcsh"});
  CHECK(unknown.status == 2);
  for (const char* const shell : {"zsh", "fish"}) {
    CHECK(labreel({"completion", shell}).out.find("__complete") != std::string::npos);
  }
}

TEST_CASE("Tab completes in all three shells as the README sets it up, with an alias", "[cli]") {
  const TestFolder folder;
  struct Shell {
    std::vector<std::string> argv;
    std::string source;
  };
  const Shell shells[] = {
      {{"bash", "--norc", "-i"}, "source <(labreel completion bash)"},
      {{"zsh", "-f", "-i"}, "autoload -Uz compinit; compinit -u -D; source <(labreel completion zsh)"},
      {{"fish", "--no-config", "-i"}, "labreel completion fish | source"},
  };
  for (const Shell& shell : shells) {
    INFO(shell.argv.front());
    // What shells keep of their users goes with the folder.
    std::vector<std::string> argv{"env", "HOME=" + folder.path(), "XDG_RUNTIME_DIR=" + folder.path()};
    argv.insert(argv.end(), shell.argv.begin(), shell.argv.end());
    TerminalProgram terminal(argv, folder.path());
    terminal.type("echo rea''dy\r");
    REQUIRE(terminal.shows("ready"));
    terminal.type("alias labreel=" + labreel_binary() + "\r" + shell.source + "; echo so''urced\r");
    REQUIRE(terminal.shows("sourced"));
    terminal.type("labreel unp\t--help\r");  // a space is put behind what is completed
    CHECK(terminal.shows("Take a reel's packed files out"));
    terminal.type("labreel link u\t--help\r");
    CHECK(terminal.shows("Usage: labreel link up"));
    terminal.type("exit\r");
    terminal.wait();
  }
}

TEST_CASE("a path on the line is asked itself, and a packager may write another program into the script", "[cli]") {
  const TestFolder folder;
  folder.write("labreel", "#!/bin/sh\necho planted\n");
  REQUIRE(run_program({"chmod", "+x", folder / "labreel"}).status == 0);
  CHECK(bash_offers("./labreel ver", folder.path()) == Words{"planted"});
  CHECK(bash_offers("labreel ver", folder.path()) == Words{"verify", "version"});
  const auto script = labreel({"completion", "bash", "--program", "it's"});
  CHECK(script.out.find("program='it'\\''s'\n") != std::string::npos);
}

}  // namespace labreel::test
