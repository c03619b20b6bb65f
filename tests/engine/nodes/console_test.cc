#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

bool shows(NodeBench& bench, ExecId console, const std::string& text) {
  std::string shown;
  return bench.serve_until(
      [&] {
        std::array<char, 4096> buffer;
        const auto got = ::read(bench.consoles.at(console).get(), buffer.data(), buffer.size());
        if (got > 0) shown.append(buffer.data(), static_cast<std::size_t>(got));
        return shown.find(text) != std::string::npos;
      },
      10s);
}

void type(NodeBench& bench, ExecId console, const std::string& text) {
  REQUIRE(::write(bench.consoles.at(console).get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

ExecId open_console(NodeBench& bench, const std::vector<std::string>& argv) {
  const ExecId console = bench.begin_console(NodeId{1}, argv);
  REQUIRE(bench.serve_until([&] { return bench.consoles.contains(console); }, 10s));
  return console;
}

}  // namespace

TEST_CASE("a console is a terminal of the node with the size asked for, and is resized", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId console = open_console(bench, {"/bin/sh"});
  type(bench, console, "stty size; tty\n");
  CHECK(shows(bench, console, "30 101\r\n/dev/pts/0\r\n"));
  const winsize size{12, 34, 0, 0};
  REQUIRE(::ioctl(bench.consoles.at(console).get(), TIOCSWINSZ, &size) == 0);
  type(bench, console, "stty size\n");
  CHECK(shows(bench, console, "12 34\r\n"));
  type(bench, console, "exit 7\n");
  CHECK(bench.finish(console).status == 7);
}

TEST_CASE("Ctrl-C on a console interrupts the command that runs there", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId console = open_console(bench, {"/bin/sh", "-c", "echo ready; exec sleep 1010"});
  REQUIRE(shows(bench, console, "ready"));
  type(bench, console, "\x03");
  CHECK(bench.finish(console).status == 128 + SIGINT);
}

TEST_CASE("a console of a node that is not there ends at once", "[nodes]") {
  NodeBench bench;
  const ExecId console = bench.begin_console(NodeId{1}, {"/bin/sh"});
  CHECK(bench.finish(console).status == 126);
}

}  // namespace labreel
