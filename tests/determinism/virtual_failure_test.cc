// What a person hears when a lab in virtual time cannot run, and what is left of it: nothing.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/host_state.h"
#include "tests/determinism/virtual_labs.h"
#include "tests/temp_folder.h"

namespace labreel::test {
namespace {

// Runs a lab with a cache of its own, in a runtime folder of its own, in which nothing may stay.
ProgramResult run_with_cache(const TestFolder& folder, const std::string& cache, const std::string& variable) {
  std::filesystem::create_directories(folder / "runtime");
  const auto run = run_program({"env", "XDG_CACHE_HOME=" + cache, "XDG_RUNTIME_DIR=" + (folder / "runtime"), variable,
                                labreel_binary(), "run", folder / "lab/lab.yml", "-o", folder / "lab.reel"});
  CHECK(std::filesystem::is_empty(folder / "runtime"));
  return run;
}

}  // namespace

TEST_CASE("without a kernel, and with nothing to build it from, a lab does not start, and says what is missing",
          "[determinism]") {
  const TestFolder folder;
  virtual_copy("two-hosts", folder);
  const auto run = run_with_cache(folder, folder / "empty", "LABREEL_KERNEL_SOURCE=/no/such/source");
  INFO(run.err);
  CHECK(run.status == 4);
  CHECK(run.err.find("the kernel of uml nodes could not be built") != std::string::npos);
  CHECK(run.err.find("apt-get install linux-source-6.1") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "lab.reel"));
}

TEST_CASE("a kernel that is none fails its nodes by name, and the reel tells of it", "[determinism]") {
  const TestFolder folder;
  virtual_copy("two-hosts", folder);
  const std::string cache = cache_with_kernel(folder, [](const std::string& kernel) {
    std::ofstream{kernel, std::ios::trunc} << "#!/bin/sh\nexit 3\n";
  });
  const auto run = run_with_cache(folder, cache, "NO_COLOR=1");
  INFO(run.err);
  CHECK(run.status == 4);
  CHECK(run.err.find("node h1: its kernel exited with status 3") != std::string::npos);
  CHECK(labreel({"verify", folder / "lab.reel"}).status == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "lab.reel-ring"));
}

TEST_CASE("a file of the host that a guest read and that has changed is named before the lab is run again", "[determinism]") {
  const TestFolder folder;
  // Guests have a /tmp of their own.
  const TempFolder not_tmp{"/var/tmp"};
  const std::string& shared = not_tmp.path();
  const std::string read = shared + "/read, \"quoted\"";
  std::ofstream{read} << "one\n";
  std::ofstream{shared + "/not-read"} << "one\n";
  folder.write("lab.yml", two_guests("name: reading\n", "  - exec: {node: h1, run: \"cat " + shared + "/read*\"}\n"));
  const std::string reel = folder / "lab.reel";
  record(folder / "lab.yml", reel);
  std::ofstream{shared + "/not-read"} << "two\n";
  CHECK(labreel({"verify", reel, "--trust"}).status == 0);
  for (const bool is_gone : {false, true}) {
    if (is_gone) std::filesystem::remove(read);
    else std::ofstream{read} << "two\n";
    const auto verified = labreel({"verify", reel, "--trust"});
    INFO(verified.err);
    CHECK(verified.status == 1);
    CHECK(verified.err.find("cannot be promised") != std::string::npos);
    CHECK(verified.err.find(shared + "/read") != std::string::npos);
    CHECK(verified.err.find("not-read") == std::string::npos);
    CHECK(verified.err.find("labreel image build") != std::string::npos);
  }
  CHECK(labreel({"verify", reel}).status == 0);
}

TEST_CASE("no guest outlives its calendar, and the reel is whole up to there", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  const HostState before = host_state();
  LabTraces traces;
  BackgroundProgram run{{labreel_binary(), "run", lab, "--keep", "--pace", "real", "-o", folder / "lab.reel"}, "."};
  REQUIRE(run.wait_for_err("the scenario is done"));
  traces.add(run.pid(), folder / "run");
  run.signal(SIGKILL);
  CHECK(run.wait().status == 128 + SIGKILL);
  CHECK(traces.left().empty());
  CHECK(becomes(before));
  CHECK(labreel({"verify", folder / "lab.reel"}).status == 0);
  const auto again = labreel({"verify", "--trust", folder / "lab.reel"});
  INFO(again.out << again.err);
  CHECK(again.status == 0);  // it is cut off, but what is there comes out the same
}

}  // namespace labreel::test
