#include <catch2/catch.hpp>

#include "tests/engine/uml/virtual_lab.h"

namespace labreel {
namespace {

TEST_CASE("a command in a guest has an exit status, and its stdout and stderr apart", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {{"10.0.0.1/24", "2001:db8::1/64"}},
               {{"/etc/lab/greeting", "hello", 0640}, {"/etc/motd", "mine", 0644}});
  REQUIRE(lab.all_up());

  const ExecResult both = lab.exec("h1", "echo to-out; echo to-err >&2; exit 7");
  CHECK(both.status == 7);
  CHECK(both.out == "to-out\n");
  CHECK(both.err == "to-err\n");
  CHECK(lab.exec("h1", "kill -SEGV $$").status == 128 + 11);
  CHECK(lab.exec("h1", "exec /no/such/program").status == 127);
  CHECK(lab.exec("h1", "hostname; cat /etc/lab/greeting /etc/motd; stat -c %a /etc/lab/greeting").out ==
        "h1\nhellomine640\n");
  CHECK(lab.exec("h1", "cat /proc/sys/kernel/hostname; wc -c < /dev/null").out == "h1\n0\n");
  CHECK(lab.exec("h1", "ip -o addr show eth1").out.find("2001:db8::1/64") != std::string::npos);
  CHECK(lab.exec("h1", "ip link show eth1").out.find("mtu 1500") != std::string::npos);
}

TEST_CASE("each guest has the memory that its node was given", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  lab.add_node("h2", {}, {}, {{"memory", "256MiB"}});
  lab.add_node("h3", {}, {}, {{"memory", "1"}});  // as a stranger's recording may say: as if it said nothing
  REQUIRE(lab.all_up());
  const auto memory_kib = [&](const std::string& node) {
    return std::stoul(lab.exec(node, "sed -n 's/^MemTotal: *//p' /proc/meminfo").out);
  };
  const std::size_t plain = memory_kib("h1");
  CHECK((plain > 40 * 1024 && plain < 64 * 1024));
  CHECK(memory_kib("h2") - plain == Approx(192 * 1024).margin(8 * 1024));
  CHECK(memory_kib("h3") == plain);
}

TEST_CASE("commands run side by side, and one can be killed", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  const ExecId slow = lab.begin("h1", "echo begun; sleep 1000 & wait");
  const ExecId quick = lab.begin("h1", "sleep 1; echo done");
  REQUIRE(lab.run_until([&] { return lab.execs[quick].done; }));
  CHECK(lab.execs[quick].out == "done\n");
  CHECK_FALSE(lab.execs[slow].done);
  CHECK(lab.execs[slow].out == "begun\n");
  lab.driver.kill_exec(slow);
  REQUIRE(lab.run_until([&] { return lab.execs[slow].done; }));
  CHECK(lab.execs[slow].status == 128 + 9);
  CHECK(lab.exec("h1", "ps ax | grep -c '[s]leep 1000'").out == "0\n");
}

TEST_CASE("a large output comes whole, and one without end does not stop lab time", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  const ExecResult large = lab.exec("h1", "seq 1 50000; printf '\\000\\001\\377\\r\\n\\003\\004'");
  CHECK(large.out.size() == 288894 + 7);
  CHECK(large.out.substr(large.out.size() - 7) == std::string("\0\1\377\r\n\3\4", 7));
  const ExecId endless = lab.begin("h1", "yes");
  lab.run_for(10'000'000);
  CHECK_FALSE(lab.execs[endless].done);
  CHECK(lab.execs[endless].out.size() > 10'000);
  lab.driver.kill_exec(endless);
  CHECK(lab.run_until([&] { return lab.execs[endless].done; }));
}

TEST_CASE("an hour of sleep costs next to nothing, and clocks agree with lab time", "[uml]") {
  VirtualLab lab;
  lab.add_node("h1", {});
  REQUIRE(lab.all_up());
  CHECK(lab.exec("h1", "sleep 3600; date +%s", 3'700'000'000'000).out == "1700003600\n");
  CHECK(lab.loop.now().ns / 1'000'000'000 == 3600);
}

TEST_CASE("a guest's random numbers come from the lab's seed and its name", "[uml]") {
  const std::string draw =
      "od -An -N16 -tx8 /dev/urandom; cat /proc/sys/kernel/random/boot_id; mktemp -u; python3 -c 'import uuid; "
      "print(uuid.uuid4())'";
  const auto draws_of = [&](std::uint64_t seed, const std::string& name) {
    LabOptions options;
    options.seed = seed;
    VirtualLab lab(options);
    lab.add_node(name, {});
    REQUIRE(lab.all_up());
    const ExecResult drawn = lab.exec(name, draw);
    REQUIRE(drawn.out.size() > 80);
    return drawn.out;
  };
  const std::string first = draws_of(1, "h1");
  CHECK(draws_of(1, "h1") == first);
  CHECK(draws_of(2, "h1") != first);
  CHECK(draws_of(1, "h2") != first);
}

}  // namespace
}  // namespace labreel
