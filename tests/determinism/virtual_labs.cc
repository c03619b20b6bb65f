#include "tests/determinism/virtual_labs.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace labreel::test {

using Json = nlohmann::json;

std::string virtual_copy(const std::string& sample, const TestFolder& folder, const std::string& into) {
  std::filesystem::create_directories(folder / into);
  std::filesystem::copy(source_dir() + "/samples/" + sample, folder / into, std::filesystem::copy_options::recursive);
  std::string text = folder.read(into + "/lab.yml");
  const auto change = [&text](const std::string& line, const std::string& by) {
    const std::size_t at = text.find(line);
    if (at == std::string::npos) return false;
    text.replace(at, line.size(), by);
    return true;
  };
  REQUIRE(change("\ntopology:", "\nclock: virtual\ntopology:"));
  if (!change("\n  defaults: {", "\n  defaults: {kind: uml, ") &&
      !change("\n  defaults:\n", "\n  defaults:\n    kind: uml\n")) {
    REQUIRE(change("\ntopology:\n", "\ntopology:\n  defaults: {kind: uml}\n"));
  }
  folder.write(into + "/lab.yml", text);
  return folder / (into + "/lab.yml");
}

std::string digest_of(const std::string& reel) {
  const auto info = labreel({"info", reel, "--json"});
  REQUIRE(info.status == 0);
  return Json::parse(info.out).at("digest");
}

std::string two_guests(const std::string& keys, const std::string& scenario) {
  return keys + R"(clock: virtual
topology:
  defaults: {kind: uml}
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
      delay: 5ms
scenario:
)" + scenario;
}

std::string record(const std::string& lab_file, const std::string& reel, const std::vector<std::string>& before,
                   const std::vector<std::string>& options) {
  std::vector<std::string> argv = before;
  argv.insert(argv.end(), {labreel_binary(), "run", lab_file, "-o", reel});
  argv.insert(argv.end(), options.begin(), options.end());
  const auto run = run_program(argv, ".", 400);
  INFO(run.err);
  REQUIRE(run.status == 0);
  return digest_of(reel);
}

void require_proved(const std::string& reel) {
  const auto fabric = labreel({"verify", reel, "--json"});
  CHECK(fabric.status == 0);
  CHECK(Json::parse(fabric.out).at("higher_level_available") == true);
  const auto proved = labreel({"verify", "--trust", "--json", reel});
  INFO(proved.out << proved.err);
  CHECK(proved.status == 0);
  const Json result = Json::parse(proved.out);
  CHECK(result.at("level") == "lab");
  CHECK(result.at("identical") == true);
}

namespace {

std::string cache_home() {
  const char* const set = std::getenv("XDG_CACHE_HOME");
  if (set != nullptr && *set != '\0') return set;
  const char* const home = std::getenv("HOME");
  REQUIRE(home != nullptr);
  return std::string{home} + "/.cache";
}

}  // namespace

std::string cache_with_kernel(const TestFolder& folder, const std::function<void(const std::string&)>& change) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator{cache_home() + "/labreel"}) {
    if (!fs::exists(entry.path() / "linux")) continue;
    const fs::path copy = folder / ("cache/labreel/" + entry.path().filename().string());
    fs::create_directories(copy.parent_path());
    fs::copy(entry.path(), copy, fs::copy_options::recursive);
    change(copy / "linux");
  }
  REQUIRE(fs::exists(folder / "cache"));
  return folder / "cache";
}

Burners::Burners() {
  for (int i = 0; i < 3; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      for (;;) {
      }
    }
    pids_.push_back(pid);
  }
}

Burners::~Burners() {
  for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
}

}  // namespace labreel::test
