// What root in a node can no longer do to the host.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/engine/nodes/node_bench.h"

namespace labreel {
namespace {

constexpr NodeId kNode{1};
constexpr const char* kCapabilities = "grep ^Cap /proc/self/status | tr -d '\\t\\n'";
// Exactly those that node_rights.cc keeps, and the same for a command and on a console.
constexpr const char* kKept =
    "CapInh:0000000000000000CapPrm:00000000802cbdfbCapEff:00000000802cbdfbCapBnd:00000000802cbdfb"
    "CapAmb:0000000000000000";

}  // namespace

TEST_CASE("commands and consoles of a node have the capabilities of network daemons and no others", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.shell(kNode, kCapabilities).out == kKept);
  const ExecId console = bench.begin_console(kNode, {"/bin/sh", "-c", std::string(kCapabilities) + " > /tmp/console"});
  bench.finish(console);
  CHECK(bench.shell(kNode, "cat /tmp/console").out == kKept);
  // A program with capabilities of its own gets none back.
  CHECK(bench.shell(kNode, "cp /bin/grep /tmp/grep && setcap cap_net_admin+ep /tmp/grep && /tmp/grep ^CapBnd: /proc/self/status")
            .out == "CapBnd:\t00000000802cbdfb\n");
}

TEST_CASE("a node makes no device, and neither reads nor writes the host's log and kernel settings", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  for (const std::string device : {"b 7 1", "b 8 0", "c 1 1", "c 1 11"}) {
    INFO(device);
    CHECK(bench.shell(kNode, "cd /; mknod made " + device).status != 0);
  }
  CHECK(bench.run(kNode, {"dmesg"}).status != 0);
  CHECK(bench.shell(kNode, "test ! -e /dev/kmsg").status == 0);
  CHECK(bench.shell(kNode, "echo '|/x' > /proc/sys/kernel/core_pattern").status != 0);
  CHECK(bench.shell(kNode, "echo 1 > /proc/sys/vm/drop_caches").status != 0);
  for (const std::string file : {"kcore", "keys", "kmsg", "kpagecount", "timer_list"}) {
    INFO(file);
    CHECK(bench.shell(kNode, "test ! -e /proc/" + file + " || head -c 1 /proc/" + file).out.empty());
  }
  for (const std::string folder : {"/proc/acpi", "/proc/scsi", "/sys/firmware", "/sys/dev/block"}) {
    INFO(folder);
    CHECK(bench.shell(kNode, "test ! -e " + folder + " || ls -A " + folder).out.empty());
  }
  for (const std::string folder : {"/proc/sys", "/proc/irq", "/proc/bus"}) {
    INFO(folder);
    CHECK(bench.shell(kNode, "test ! -e " + folder + " || grep -q ' " + folder + " proc ro,' /proc/mounts").status == 0);
  }
  CHECK(bench.shell(kNode, "sysctl -w net.ipv4.ip_forward=1").status == 0);
}

TEST_CASE("what a node writes into memory ends at its limits", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const auto sizes = bench.shell(kNode, "for f in / /tmp /run /dev/shm /dev; do stat -f -c '%b %S %c' $f; done").out;
  CHECK(sizes == "262144 4096 204800\n65536 4096 102400\n16384 4096 20480\n16384 4096 20480\n256 4096 2048\n");
  const auto filled = bench.shell(kNode, "head -c 300m /dev/zero > /tmp/big; stat -c %s /tmp/big");
  CHECK_THAT(filled.err, Catch::Contains("No space left on device"));
  CHECK(filled.out == "268435456\n");
  CHECK(bench.shell(kNode, "head -c 70m /dev/zero > /dev/shm/big").status != 0);
}

TEST_CASE("the host's kernel ends a node before it ends the recorder, and no node can change that", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.shell(kNode, "cat /proc/1/oom_score_adj /proc/self/oom_score_adj").out == "500\n500\n");
  CHECK(bench.shell(kNode, "echo -1 > /proc/self/oom_score_adj").status != 0);
}

}  // namespace labreel
