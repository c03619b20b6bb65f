// A lab that is too large for the host is refused with the figure and the limit.
#include <catch2/catch.hpp>

#include "engine/nodes/host_capacity.h"

namespace labreel {
namespace {

HostCapacity ample() {
  HostCapacity host;
  host.pid_max = 4'194'304;
  host.threads_max = 190'000;
  host.threads = 500;
  host.files = 1'048'576;
  host.net_namespaces = 100'000;
  host.memory_bytes = std::uint64_t{64} << 30U;
  return host;
}

void check_refused(const LabSize& lab, const HostCapacity& host, const std::string& why) {
  const Status status = check_capacity(lab, host);
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::host);
  CHECK_THAT(status.error().what, Catch::Contains(why));
  CHECK_FALSE(status.error().hint.empty());
}

}  // namespace

TEST_CASE("a lab that fits in every respect is borne", "[capacity]") {
  CHECK(check_capacity({1'000, 5'000, 1'000}, ample()));
  CHECK(check_capacity({64'000, 0, 0}, HostCapacity{}));  // nothing is known of the host
  CHECK(check_capacity({3, 6, 3}, read_host_capacity()));
}

TEST_CASE("what a host has too little of is named with the figure and the limit", "[capacity]") {
  HostCapacity host = ample();
  host.pid_max = 32'768;
  check_refused({64'000, 128'000, 0}, host,
                "this host cannot bear the lab's 64000 nodes: they need at least 64000 processes, and kernel.pid_max is "
                "32768, of which 500 are taken");
  check_refused({20'000, 0, 20'000}, host, "40000 processes");
  host = ample();
  host.threads_max = 1'000;
  check_refused({501, 0, 0}, host, "501 processes, and kernel.threads-max is 1000, of which 500 are taken");
  CHECK(check_capacity({500, 0, 0}, host));
  host = ample();
  host.own_processes = 50;
  check_refused({51, 0, 0}, host, "the user's limit of processes (RLIMIT_NPROC) is 50");
  host = ample();
  host.group_processes = 10;
  check_refused({11, 0, 0}, host, "its control group's pids.max is 10");
  host = ample();
  host.files = 1'024;
  check_refused({300, 700, 300}, host, "1700 open files, and the limit of open files (RLIMIT_NOFILE, hard) is 1024");
  host = ample();
  host.net_namespaces = 100;
  check_refused({51, 0, 0}, host, "102 network namespaces, and user.max_net_namespaces is 100");
  host = ample();
  host.memory_bytes = std::uint64_t{100} << 20U;
  check_refused({51, 0, 0}, host, "102 MiB of memory before they run anything, and 100 MiB are available");
  check_refused({12, 0, 0, true}, host, "108 MiB of memory before they run anything, and 100 MiB are available");
}

}  // namespace labreel
