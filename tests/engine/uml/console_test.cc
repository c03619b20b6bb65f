// Consoles of guests: terminals in the guest, spoken to over its agent.
#include <catch2/catch.hpp>

#include "tests/engine/uml/virtual_lab.h"

namespace labreel {
namespace {

bool shows(VirtualLab& lab, ExecId console, const std::string& text) {
  return lab.run_until([&] { return lab.execs[console].out.find(text) != std::string::npos; });
}

TEST_CASE("a console is a terminal of the guest, with a size, keys and signals", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  const ExecId console = lab.open_console("h1", {"/bin/sh"});
  lab.driver.write_console(console, "stty size; tty\n");
  CHECK(shows(lab, console, "24 80\r\n/dev/pts/0\r\n"));
  lab.driver.resize_console(console, 40, 100);
  lab.driver.write_console(console, "stty size\n");
  CHECK(shows(lab, console, "40 100\r\n"));
  lab.driver.write_console(console, "sleep 1000; echo slept=$?\n");
  lab.run_for(1'000'000'000);
  lab.driver.write_console(console, "\x03");
  lab.driver.write_console(console, "echo after $((40 + 2))\n");
  CHECK(shows(lab, console, "after 42"));
  lab.driver.write_console(console, "exit 7\n");
  REQUIRE(lab.run_until([&] { return lab.execs[console].done; }));
  CHECK(lab.execs[console].status == 7);
  lab.driver.write_console(console, "nobody hears this\n");
  CHECK(lab.exec("h1", "echo on").out == "on\n");
}

TEST_CASE("a long paste comes whole and in order, though the program reads it late", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  std::string pasted;
  for (int line = 0; line < 3'000; ++line) pasted += "line " + std::to_string(line) + "\n";
  const ExecId console =
      lab.open_console("h1", {"/bin/sh", "-c", "stty -echo; echo ready; sleep 1; head -n 3000 | md5sum"});
  REQUIRE(shows(lab, console, "ready"));
  for (std::size_t at = 0; at < pasted.size(); at += 7'000) lab.driver.write_console(console, pasted.substr(at, 7'000));
  REQUIRE(lab.run_until([&] { return lab.execs[console].done; }));
  CHECK(lab.execs[console].status == 0);
  const ExecResult wanted =
      lab.exec("h1", "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done | md5sum | cut -c 1-32");
  CHECK(lab.execs[console].out.find(wanted.out.substr(0, 32)) != std::string::npos);
}

TEST_CASE("a console ends when it is hung up, and with its guest, and a program that is not there says so", "[uml]") {
  VirtualLab lab;
  const NodeId h1 = lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  const ExecId hung_up = lab.open_console("h1", {"/bin/sh", "-c", "sleep 1000 & sleep 1000"});
  const ExecId wrong = lab.open_console("h1", {"/no/such/shell"});
  REQUIRE(lab.run_until([&] { return lab.execs[wrong].done; }));
  CHECK(lab.execs[wrong].status == 127);
  CHECK(lab.execs[wrong].out.find("/no/such/shell") != std::string::npos);
  lab.driver.kill_exec(hung_up);
  REQUIRE(lab.run_until([&] { return lab.execs[hung_up].done; }));
  CHECK(lab.exec("h1", "ps ax | grep -c '[s]leep 1000'").out == "0\n");
  const ExecId last = lab.open_console("h1", {"/bin/sh"});
  lab.run_for(100'000'000);
  lab.driver.stop(h1);
  REQUIRE(lab.run_until([&] { return lab.execs[last].done; }));
  const ExecId late = lab.open_console("h1", {"/bin/sh"});
  REQUIRE(lab.run_until([&] { return lab.execs[late].done; }));
  CHECK(lab.execs[late].status == 126);
}

}  // namespace
}  // namespace labreel
