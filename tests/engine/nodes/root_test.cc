#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/engine/nodes/node_bench.h"
#include "tests/places.h"

namespace labreel {
namespace {

std::set<std::string> host_frr_files() {
  std::set<std::string> files;
  std::error_code none_there;
  for (const auto& entry : std::filesystem::directory_iterator("/run/frr", none_there)) {
    files.insert(entry.path().filename());
  }
  return files;
}

}  // namespace

TEST_CASE("nothing that a node writes reaches the host", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const std::string mark = "labreel-root-test-" + std::to_string(::getpid());
  for (const std::string folder : {"/etc", "/run", "/var", "/tmp", "/root", "/usr", "/dev", "/dev/shm", "/home"}) {
    INFO(folder);
    const std::string path = folder + "/" + mark;
    CHECK(bench.run(NodeId{1}, {"sh", "-c", "echo x > " + path + " && cat " + path}).out == "x\n");
    std::error_code not_for_us;
    CHECK_FALSE(std::filesystem::exists(path, not_for_us));
  }
  CHECK(bench.run(NodeId{1}, {"rm", "/etc/passwd"}).status == 0);
  CHECK(std::filesystem::exists("/etc/passwd"));
  CHECK(bench.shell(NodeId{1}, "echo 1 > /proc/sys/kernel/sysrq").status != 0);
  CHECK(bench.shell(NodeId{1}, "echo 1 > /proc/sys/net/ipv4/ip_forward").status == 0);
  CHECK(bench.shell(NodeId{1}, "test -w /proc/sysrq-trigger && echo h > /proc/sysrq-trigger").status != 0);
}

TEST_CASE("two nodes do not see each other's files, processes or names", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  bench.start(node_spec(2));
  CHECK(bench.shell(NodeId{1}, "echo one > /etc/same; setsid sleep 1005 &").status == 0);
  CHECK(bench.run(NodeId{2}, {"cat", "/etc/same"}).status == 1);
  CHECK(bench.run(NodeId{2}, {"pgrep", "-fx", "sleep 1005"}).out.empty());
  CHECK(bench.run(NodeId{2}, {"cat", "/etc/hostname"}).out == "n2\n");
  CHECK_THAT(bench.run(NodeId{2}, {"getent", "hosts", "n2"}).out, Catch::Contains("127.0.1.1"));
}

TEST_CASE("system folders are fresh and complete", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.run(NodeId{1}, {"ls", "-A", "/tmp"}).out.empty());
  CHECK(bench.run(NodeId{1}, {"stat", "-c", "%a", "/", "/tmp", "/run", "/dev/shm"}).out == "755\n1777\n755\n1777\n");
  CHECK(bench.run(NodeId{1}, {"find", "/run", "-type", "f"}).out.empty());
  CHECK(bench.run(NodeId{1}, {"ls", "/sys/class/net"}).out == "lo\n");
  CHECK(bench.shell(NodeId{1}, "cat /proc/1/comm").out == "labreel-node\n");
  CHECK(bench
            .shell(NodeId{1},
                   "for f in null zero full random urandom tty net/tun ptmx; do test -c /dev/$f || echo $f; "
                   "done; test -L /dev/fd && head -c 4 /dev/urandom | wc -c")
            .out == "4\n");
  CHECK(bench.run(NodeId{1}, {"script", "-qec", "tty", "/dev/null"}).out == "/dev/pts/0\r\n");
  // The host's root and the layers are out of sight.
  CHECK_THAT(
      bench.run(NodeId{1}, {"cat", "/proc/mounts"}).out,
      !Catch::Contains(" /tmp/") && Catch::StartsWith(::geteuid() == 0 ? "labreel / overlay" : "labreel / tmpfs"));
}

TEST_CASE("files are in place, whole, before anything runs", "[nodes]") {
  NodeBench bench;
  auto spec = node_spec(1);
  const std::string big(3'000'000, 'b');
  spec.files = {{"/etc/new/deep/file", "content\n", 0640},
                {"/usr/local/bin/hello", "#!/bin/sh\necho hello\n", 0755},
                {"/etc/hosts", "127.0.0.1 mine\n", 0644},
                {"/tmp/big", big, 0644}};
  bench.start(spec);
  CHECK(bench.run(NodeId{1}, {"cat", "/etc/new/deep/file"}).out == "content\n");
  CHECK(bench.run(NodeId{1}, {"stat", "-c", "%a %U", "/etc/new/deep/file", "/etc/new/deep"}).out ==
        "640 root\n755 root\n");
  CHECK(bench.run(NodeId{1}, {"hello"}).out == "hello\n");
  CHECK(bench.run(NodeId{1}, {"cat", "/etc/hosts"}).out == "127.0.0.1 mine\n");
  CHECK(bench.run(NodeId{1}, {"cat", "/tmp/big"}).out == big);
}

TEST_CASE("a file takes over owner and mode of the one it replaces, or the owner of its folder", "[nodes]") {
  NodeBench bench;
  auto spec = node_spec(1);
  spec.files = {{"/etc/frr/frr.conf", "hostname n1\n", 0644}, {"/etc/frr/own.conf", "x\n", 0644}};
  bench.start(spec);
  // An ordinary user cannot look into the host's /etc/frr, so the lab's file keeps its mode.
  CHECK(bench.run(NodeId{1}, {"stat", "-c", "%a %U:%G", "/etc/frr/frr.conf", "/etc/frr/own.conf"}).out ==
        (::geteuid() == 0 ? "640 frr:frr\n644 frr:frr\n" : "644 frr:frr\n644 frr:frr\n"));
  CHECK(bench.run(NodeId{1}, {"su", "-s", "/bin/sh", "frr", "-c", "cat /etc/frr/frr.conf"}).out == "hostname n1\n");
}

TEST_CASE("a file that cannot be placed fails the node and names the file", "[nodes]") {
  NodeBench bench;
  auto spec = node_spec(1);
  SECTION("on a folder") {
    spec.files = {{"/etc", "x", 0644}};
    bench.spawner.start(spec);
    REQUIRE(bench.serve_until([&] { return bench.failed.contains(NodeId{1}); }, std::chrono::seconds(20)));
    CHECK(bench.failed[NodeId{1}] == "write file /etc: Is a directory");
  }
  SECTION("with a relative path") {
    spec.files = {{"etc/x", "x", 0644}};
    bench.spawner.start(spec);
    REQUIRE(bench.serve_until([&] { return bench.failed.contains(NodeId{1}); }, std::chrono::seconds(20)));
    CHECK(bench.failed[NodeId{1}] == "write file etc/x: Invalid argument");
  }
}

TEST_CASE("a file system that the host has mounted is shown with a private layer, too", "[nodes][root]") {
  // A bind mount looks like a disk of its own. It is made in a mount namespace of a child, so nothing of it can stay.
  const std::string folder = test::build_dir() + "/mounted-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder + "/from");
  std::ofstream(folder + "/from/file") << "old\n";
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string from = folder + "/from";
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(1);
    if (::mount(from.c_str(), "/mnt", nullptr, MS_BIND, nullptr) != 0) ::_exit(2);
    NodeBench bench;
    bench.start(node_spec(1));
    if (bench.run(NodeId{1}, {"cat", "/mnt/file"}).out != "old\n") ::_exit(3);
    if (bench.shell(NodeId{1}, "echo new > /mnt/file; echo x > /mnt/other; cat /mnt/file").out != "new\n") ::_exit(4);
    ::_exit(0);
  }
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  std::ifstream file(folder + "/from/file");
  std::string line;
  std::getline(file, line);
  CHECK(line == "old");
  CHECK_FALSE(std::filesystem::exists(folder + "/from/other"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("FRR's own start script brings its daemons up in the node only", "[nodes]") {
  NodeBench bench;
  auto spec = node_spec(1, {{"10.0.0.1/24"}});
  spec.files = {{"/etc/frr/daemons", "ospfd=yes\nvtysh_enable=yes\n", 0640},
                {"/etc/frr/frr.conf", "ip forwarding\nrouter ospf\n network 10.0.0.0/24 area 0\n", 0640}};
  bench.start(spec);
  const auto before = host_frr_files();
  const auto started = bench.run(NodeId{1}, {"/usr/lib/frr/frrinit.sh", "start"});
  INFO(started.out << started.err);
  CHECK(started.status == 0);
  for (const std::string daemon : {"watchfrr", "zebra", "ospfd"}) {
    CHECK(bench.run(NodeId{1}, {"pgrep", "-x", daemon}).status == 0);
  }
  CHECK_THAT(bench.run(NodeId{1}, {"vtysh", "-c", "show ip ospf interface eth1"}).out,
             Catch::Contains("Internet Address 10.0.0.1/24"));
  // FRR forwards only if its configuration says so.
  CHECK(bench.run(NodeId{1}, {"cat", "/proc/sys/net/ipv4/ip_forward"}).out == "1\n");
  CHECK(bench.run(NodeId{1}, {"stat", "-c", "%U", "/run/frr/zebra.vty"}).out == "frr\n");
  CHECK(host_frr_files() == before);
  CHECK(bench.stop(NodeId{1}).asked);
}

}  // namespace labreel
