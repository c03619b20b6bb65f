// labreel pack, unpack and run REEL as a user meets them: one file is the whole demo.
#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/cli/check_says.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

// A lab with one node file and a scenario that shows it.
std::string lab_with_file(const std::string& name,
                          const std::string& more = "exec: {node: h1, run: \"cat /etc/hello\"}") {
  return "name: " + name + R"(
topology:
  nodes:
    h1: {files: {/etc/hello: conf/hello.conf}, ports: {eth0: {address: [10.0.0.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
scenario:
  - )" + more +
         "\n";
}

void make_lab(const TestFolder& folder, const std::string& lab, const std::string& hello = "good morning\n") {
  fs::create_directories(folder / "lab/conf");
  folder.write("lab/lab.yml", lab);
  folder.write("lab/conf/hello.conf", hello);
}

void record(const TestFolder& folder, const std::string& lab, const std::string& hello = "good morning\n") {
  make_lab(folder, lab, hello);
  const auto run = labreel({"run", "lab/lab.yml", "-o", "demo.reel"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

// What running demos left in a folder for temporary files.
std::size_t leftovers(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().filename().string().starts_with("labreel-demo-")) ++count;
  }
  return count;
}

// TMPDIR for the programs that a test starts.
class OwnTmp {
 public:
  explicit OwnTmp(const TestFolder& folder) : path_(folder / "tmp") {
    fs::create_directories(path_);
    ::setenv("TMPDIR", path_.c_str(), 1);
  }
  ~OwnTmp() { ::unsetenv("TMPDIR"); }
  OwnTmp(const OwnTmp&) = delete;
  OwnTmp& operator=(const OwnTmp&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a packed reel is the whole demo: listed, checked, unpacked, read by sqlite3, and run again", "[cli]") {
  const TestFolder folder;
  const OwnTmp tmp{folder};
  record(folder, lab_with_file("demo"));
  folder.write("notes.md", "what to look for\n");
  const std::string digest = info_of(folder / "demo.reel")["digest"];
  check_says(labreel({"pack", "demo.reel", "notes.md"}, folder.path()), 0, "3 files packed");
  CHECK(info_of(folder / "demo.reel")["digest"] == digest);
  check_says(labreel({"check", "demo.reel"}, folder.path()), 0, "whole");
  check_says(labreel({"info", "demo.reel"}, folder.path()), 0, "packed     conf/hello.conf, 13 bytes");
  const Json packed = info_of(folder / "demo.reel")["packed"];
  REQUIRE(packed.size() == 3);
  CHECK(packed[1]["name"] == "lab.yml");
  check_says(labreel({"verify", "demo.reel"}, folder.path()), 0, "identical");

  fs::create_directories(folder / "by-sqlite");
  const auto sqlite = run_program({"sqlite3", "../demo.reel", "-A", "--extract"}, folder / "by-sqlite");
  INFO(sqlite.err);
  CHECK(read_file(folder / "by-sqlite/conf/hello.conf") == "good morning\n");

  CHECK(labreel({"unpack", "demo.reel", "--print", "notes.md"}, folder.path()).out == "what to look for\n");
  check_says(labreel({"unpack", "demo.reel", "--print", "note.md"}, folder.path()), 2, "did you mean notes.md?");
  CHECK_FALSE(fs::exists(folder / "demo"));

  check_says(labreel({"unpack", "demo.reel", "-o", "out"}, folder.path()), 0, "out/conf/hello.conf");
  CHECK(folder.read("out/lab.yml") == folder.read("lab/lab.yml"));
  CHECK(folder.read("out/notes.md") == "what to look for\n");

  fs::remove_all(folder / "lab");
  const auto again = labreel({"run", "demo.reel", "--trust", "-o", "again.reel"}, folder.path());
  check_says(again, 0, "running the lab packed in demo.reel");
  CHECK(leftovers(tmp.path()) == 0);
  const auto events = labreel({"events", "again.reel"}, folder.path());
  CHECK(events.out.find("good morning") != std::string::npos);
  // What it made is a whole demo, too, though the folder that it ran in is gone.
  CHECK(info_of(folder / "again.reel")["packed"] == packed);
  check_says(labreel({"rerun", "again.reel", "-o", "third.reel", "--trust"}, folder.path()), 0, "third.reel");
  CHECK(labreel({"events", "third.reel"}, folder.path()).out.find("good morning") != std::string::npos);
  check_says(labreel({"run", "demo.reel", "--trust", "-o", "again.reel"}, folder.path()), 2, "there is a file already");
  CHECK(leftovers(tmp.path()) == 0);
}

TEST_CASE("a lab in a folder with quotes and backslashes in its name is run again and packed", "[cli]") {
  const TestFolder folder;
  make_lab(folder, lab_with_file("demo"));
  const std::string odd = folder / "a\"b\\c";
  fs::rename(folder / "lab", odd);
  REQUIRE(labreel({"run", odd + "/lab.yml", "-o", "demo.reel"}, folder.path()).status == 0);
  check_says(labreel({"rerun", "demo.reel", "-o", "again.reel", "--trust"}, folder.path()), 0, "again.reel");
  CHECK(labreel({"events", "again.reel"}, folder.path()).out.find("good morning") != std::string::npos);
  check_says(labreel({"pack", "demo.reel"}, folder.path()), 0, "2 files packed");
}

TEST_CASE("a packed file that is printed on a terminal cannot steer it", "[cli]") {
  const TestFolder folder;
  record(folder, lab_with_file("demo"));
  folder.write("notes.md", "first \x1b]0;mine\x07\nsecond\n");
  REQUIRE(labreel({"pack", "demo.reel", "notes.md"}, folder.path()).status == 0);
  TerminalProgram reader{{labreel_binary(), "unpack", "demo.reel", "--print", "notes.md"}, folder.path()};
  CHECK(reader.shows("second"));
  CHECK(reader.wait() == 0);
  CHECK(reader.screen().find("first \\x1b]0;mine\\x07") != std::string::npos);
  CHECK(reader.screen().find("\x1b]0;") == std::string::npos);
}

TEST_CASE("a demo's temporary folder is gone after Ctrl-C, after SIGKILL, and when a detached lab stops", "[cli]") {
  const TestFolder folder;
  const OwnTmp tmp{folder};
  record(folder, lab_with_file("demo"));
  REQUIRE(labreel({"pack", "demo.reel"}, folder.path()).status == 0);
  const auto gone = [&] {
    for (int i = 0; i < 200 && leftovers(tmp.path()) > 0; ++i) run_program({"sleep", "0.05"});
    return leftovers(tmp.path()) == 0;
  };
  for (const int number : {SIGINT, SIGKILL}) {
    CAPTURE(number);
    const std::string reel = "ended-" + std::to_string(number) + ".reel";
    BackgroundProgram run{{labreel_binary(), "run", "demo.reel", "--trust", "--keep", "-o", reel}, folder.path()};
    REQUIRE(run.wait_for_err("all nodes run"));
    CHECK(leftovers(tmp.path()) == 1);
    run.signal(number);
    run.wait();
    CHECK(gone());
  }
  const auto detached = labreel({"run", "demo.reel", "--trust", "--keep", "--detach", "-o", "detached.reel"}, folder.path());
  INFO(detached.err);
  REQUIRE(detached.status == 0);
  CHECK(leftovers(tmp.path()) == 1);
  CHECK(labreel({"stop", "demo"}, folder.path()).status == 0);
  CHECK(gone());
}

TEST_CASE("secrets are named by file and line, and packed only when that is wished", "[cli]") {
  const TestFolder folder;
  record(folder, lab_with_file("demo"),
         "hostname r1\n! password: in a comment\nenable password letmein\n ip ospf message-digest-key 1 md5 hush\n"
         "service password-encryption\nPrivateKey = abc=\nAPI_TOKEN=$TOKEN\n");
  folder.write("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  const auto refused = labreel({"pack", "demo.reel", "id_rsa"}, folder.path());
  INFO(refused.err);
  CHECK(refused.status == 2);
  CHECK(refused.err.find("hello.conf:3: a password would be packed") != std::string::npos);
  CHECK(refused.err.find("hello.conf:4: a key would be packed") != std::string::npos);
  CHECK(refused.err.find("hello.conf:6: a private key would be packed") != std::string::npos);
  CHECK(refused.err.find("id_rsa:1: a private key would be packed") != std::string::npos);
  CHECK(lines_of(refused.err).size() == 5);  // four secrets and a hint
  CHECK(refused.err.find("letmein") == std::string::npos);
  CHECK(info_of(folder / "demo.reel")["packed"].empty());
  check_says(labreel({"pack", "demo.reel", "id_rsa", "--with-secrets"}, folder.path()), 0, "3 files packed");
}

TEST_CASE("what cannot be packed is refused, and the reel is as it was", "[cli]") {
  const TestFolder folder;
  record(folder, lab_with_file("demo"));
  folder.write("notes.md", "x");
  fs::create_directories(folder / "other");
  folder.write("other/notes.md", "y");
  fs::create_symlink("notes.md", folder / "link.md");
  const std::string before = folder.read("demo.reel");
  const auto pack = [&](std::vector<std::string> files) {
    files.insert(files.begin(), {"pack", "demo.reel"});
    return labreel(files, folder.path());
  };
  check_says(pack({"link.md"}), 3, "symbolic link");
  check_says(pack({"other"}), 2, "is a folder");
  check_says(pack({"absent.md"}), 3, "absent.md: cannot be packed");
  check_says(pack({"notes.md", "other/notes.md"}), 2, "another file has that name");
  fs::rename(folder / "lab", folder / "moved");
  check_says(pack({}), 3, "lab.yml:4: node h1's file conf/hello.conf is not in");
  CHECK(folder.read("demo.reel") == before);
  check_says(pack({"--from", "moved"}), 0, "2 files packed");
  check_says(pack({"notes.md"}), 0, "3 files packed, 1 of them now");  // its node files are there already
  folder.write("notes.md", "changed");
  check_says(pack({"notes.md"}), 2, "is packed already");
  check_says(pack({"notes.md", "--force"}), 0, "1 of them now");
}

TEST_CASE("a node file that leads out of the lab's folder is not packed", "[cli]") {
  const TestFolder folder;
  make_lab(folder, lab_with_file("demo"));
  folder.write("outside.conf", "outside\n");
  fs::remove(folder / "lab/conf/hello.conf");
  fs::create_symlink("../../outside.conf", folder / "lab/conf/hello.conf");
  REQUIRE(labreel({"run", "lab/lab.yml", "-o", "demo.reel"}, folder.path()).status == 0);
  check_says(labreel({"pack", "demo.reel"}, folder.path()), 3, "symbolic link that leads out");
  std::string lab = lab_with_file("up");
  lab.replace(lab.find("conf/hello.conf"), 15, "../outside.conf");
  folder.write("lab/up.yml", lab);
  REQUIRE(labreel({"run", "lab/up.yml", "-o", "up.reel"}, folder.path()).status == 0);
  check_says(labreel({"pack", "up.reel"}, folder.path()), 3, "up.yml:4: node h1's file ../outside.conf lies outside");
}

TEST_CASE("unpack never writes over a file without --force, and never through a link", "[cli]") {
  const TestFolder folder;
  record(folder, lab_with_file("demo"));
  REQUIRE(labreel({"pack", "demo.reel"}, folder.path()).status == 0);
  fs::create_directories(folder / "out");
  folder.write("out/lab.yml", "mine");

  check_says(labreel({"unpack", "demo.reel", "-o", "out"}, folder.path()), 2, "out/lab.yml: is there already");
  CHECK(folder.read("out/lab.yml") == "mine");
  CHECK_FALSE(fs::exists(folder / "out/conf"));

  folder.write("precious", "precious");
  fs::remove(folder / "out/lab.yml");
  fs::create_symlink("../precious", folder / "out/lab.yml");
  check_says(labreel({"unpack", "demo.reel", "-o", "out", "--force"}, folder.path()), 0, "unpacked");
  CHECK(folder.read("precious") == "precious");
  CHECK_FALSE(fs::is_symlink(folder / "out/lab.yml"));

  fs::create_directories(folder / "elsewhere");
  fs::create_directories(folder / "trap");
  fs::create_symlink("../elsewhere", folder / "trap/conf");
  check_says(labreel({"unpack", "demo.reel", "-o", "trap", "--force"}, folder.path()), 2, "is a link or a file");
  CHECK(fs::is_empty(folder / "elsewhere"));
}

TEST_CASE("reels without packed files say so", "[cli]") {
  const TestFolder folder;
  record(folder, lab_with_file("demo"));
  check_says(labreel({"unpack", "demo.reel"}, folder.path()), 2, "has no packed files");
  check_says(labreel({"run", "demo.reel"}, folder.path()), 2, "has no lab packed into it");
  check_says(labreel({"run", "absent.reel"}, folder.path()), 3, "absent.reel");
}

TEST_CASE("a reel that run --compress wrote is proved, packed and continued as any other", "[cli]") {
  const TestFolder folder;
  make_lab(folder, lab_with_file("demo"));
  check_says(labreel({"run", "lab/lab.yml", "-o", "demo.reel", "--compress"}, folder.path()), 0, "demo.reel");
  check_says(labreel({"verify", "demo.reel"}, folder.path()), 0, "");
  check_says(labreel({"pack", "demo.reel"}, folder.path()), 0, "2 files packed");
  check_says(labreel({"unpack", "demo.reel", "--print", "conf/hello.conf"}, folder.path()), 0, "good morning");
  check_says(labreel({"run", "lab/lab.yml", "--continue", "demo.reel", "--compress"}, folder.path()), 0, "demo.reel");
  check_says(labreel({"check", "demo.reel"}, folder.path()), 0, "whole");
  check_says(labreel({"verify", "demo.reel"}, folder.path()), 0, "");
}

}  // namespace labreel::test
