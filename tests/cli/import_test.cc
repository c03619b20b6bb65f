// labreel import as a user meets it, and what the other verbs say of an imported reel.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/cli/check_says.h"
#include "tests/cli/program.h"

namespace labreel::test {
namespace {

// A classic pcap file, little endian, of Ethernet frames of 60 bytes, a second apart.
std::string capture_of(unsigned frames, char link_type = 1) {
  const auto u32 = [](unsigned value) {
    return std::string{static_cast<char>(value), static_cast<char>(value >> 8U), 0, 0};
  };
  std::string file = "\xd4\xc3\xb2\xa1" + std::string{2, 0, 4, 0} + std::string(8, '\0') + u32(65'535) + u32(0);
  file[20] = link_type;
  for (unsigned i = 0; i < frames; ++i) {
    for (const unsigned field : {1'000 + i, 0U, 60U, 60U}) file += u32(field);  // seconds, microseconds, two lengths
    file += std::string{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, '\x88', '\xb5'};
    file.append(46, static_cast<char>(i));
  }
  return file;
}

}  // namespace

TEST_CASE("an imported capture can be looked at with every verb, and nothing claims to re-execute it", "[cli]") {
  const TestFolder folder;
  folder.write("a.pcap", capture_of(3));
  check_says(labreel({"import", "a.pcap", "-o", "a.reel"}, folder.path()), 0, "3 frames of 3 packets");
  check_says(labreel({"check", "a.reel"}, folder.path()), 0, "whole: 7 events, sealed");
  const auto info = nlohmann::json::parse(labreel({"info", "a.reel", "--json"}, folder.path()).out);
  CHECK(info["level"] == "view");
  CHECK(info["clock"] == "capture");
  CHECK(info["frames"] == 3);
  CHECK(info["lab"] == "a");
  check_says(labreel({"info", "a.reel"}, folder.path()), 0, "imported from a capture");
  check_says(labreel({"verify", "a.reel"}, folder.path()), 2, "nothing to re-execute");
  check_says(labreel({"verify", "a.reel", "--trust"}, folder.path()), 2, "nothing to re-execute");
  check_says(labreel({"branch", "a.reel", "--at", "5", "-o", "b.reel"}, folder.path()), 2, "nothing to re-execute");
  check_says(labreel({"show", "a.reel", "--at", "5"}, folder.path()), 0, "capture");
  check_says(labreel({"events", "a.reel", "--kind", "frame"}, folder.path()), 0, "capture:if0");
  check_says(labreel({"replay", "a.reel", "--speed", "max"}, folder.path()), 0, "view level");

  // There and back: the same bytes and times, as the same program reads them.
  check_says(labreel({"export", "a.reel", "-o", "b.pcap"}, folder.path()), 0, "");
  const auto shown = [&](const char* file) {
    return run_program({"tshark", "-r", file, "-T", "fields", "-e", "frame.time_epoch", "-e", "data"}, folder.path())
        .out;
  };
  CHECK(!shown("a.pcap").empty());
  CHECK(shown("a.pcap") == shown("b.pcap"));
}

TEST_CASE("a reel that is not there cannot be packed into, and the error says just that", "[cli]") {
  const TestFolder folder;
  check_says(labreel({"pack", "none.reel"}, folder.path()), 3, "none.reel: cannot be read: No such file");
}

namespace {

// The words of a pcapng block.
std::string block(unsigned type, const std::string& body) {
  const auto u32 = [](std::size_t value) {
    std::string word;
    for (unsigned shift = 0; shift < 32; shift += 8) word += static_cast<char>(value >> shift);
    return word;
  };
  const std::string padded = body + std::string((4 - body.size() % 4) % 4, '\0');
  const std::string length = u32(padded.size() + 12);
  return u32(type) + length + padded + length;
}
std::string option(unsigned code, const std::string& text) {
  std::string words{static_cast<char>(code), 0, static_cast<char>(text.size()), static_cast<char>(text.size() >> 8U)};
  return words + text + std::string((4 - text.size() % 4) % 4, '\0');
}
// A pcapng file with one Ethernet interface of that name, a comment, and `frames` packets at it.
std::string named_capture(const std::string& interface, unsigned frames) {
  std::string file = block(0x0A0D0D0A, std::string("\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16) +
                                           option(1, "../../comment"));
  file += block(1, std::string("\1\0\0\0\0\0\4\0", 8) + option(2, interface) + std::string(4, '\0'));
  std::string packet(20, '\0');
  packet[12] = packet[16] = 60;
  packet += std::string{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, '\x88', '\xb5'} + std::string(46, 'x');
  for (unsigned i = 0; i < frames; ++i) file += block(6, packet);
  return file;
}

}  // namespace

TEST_CASE("an import makes its reel and nothing else, whatever a capture calls its interfaces", "[cli]") {
  const TestFolder folder;
  folder.write("canary", "precious");
  std::filesystem::create_directory(folder / "out");
  std::filesystem::create_directory(folder / "in");
  int number = 0;
  for (const std::string name : {"../canary", "../../canary:eth0", "/etc/passwd", "$(touch pwned)", "in\x1b]0;PWN\x07:if", "x'); DROP TABLE page; --",
                                 ".", "..", "~root", "a/b/c:d/e"}) {
    CAPTURE(name);
    folder.write("in/a.pcapng", named_capture(name, 3));
    const std::string reel = "out/" + std::to_string(++number) + ".reel";
    const auto imported = labreel({"import", "in/a.pcapng", "-o", reel}, folder.path());
    check_says(imported, 0, "3 frames of 3 packets");
    CHECK(imported.err.find('\x1b') == std::string::npos);
    check_says(labreel({"check", reel}, folder.path()), 0, "whole");
  }
  CHECK(folder.read("canary") == "precious");
  std::vector<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator{folder / "out"}) there.push_back(entry.path().extension());
  CHECK(there == std::vector<std::string>(static_cast<std::size_t>(number), ".reel"));
  CHECK(std::distance(std::filesystem::directory_iterator{folder / "in"}, {}) == 1);
}

TEST_CASE("import has given up its rights, but beneath its output's folder, while it reads", "[cli]") {
  const TestFolder folder;
  folder.write("big.pcapng", named_capture("eth0", 600'000));
  BackgroundProgram import{{labreel_binary(), "import", "big.pcapng", "-o", "big.reel"}, folder.path()};
  const auto status = [&](const std::string& key) {
    for (const std::string& line : lines_of(read_file("/proc/" + std::to_string(import.pid()) + "/status"))) {
      if (line.starts_with(key + ":")) return line.substr(line.size() - 1);
    }
    return std::string{};
  };
  // The reel is made behind the lock.
  for (int i = 0; i < 2'000 && !std::filesystem::exists(folder / "big.reel"); ++i) ::usleep(5'000);
  CHECK(status("Seccomp") == "2");
  CHECK(status("NoNewPrivs") == "1");
  CHECK(import.wait().status == 0);
}

TEST_CASE("an import that cannot be made says why, and leaves no file", "[cli]") {
  const TestFolder folder;
  folder.write("a.pcap", capture_of(2));
  folder.write("raw.pcap", capture_of(2, 101));
  folder.write("text.pcap", "this is no capture");
  check_says(labreel({"import", "raw.pcap", "-o", "x.reel"}, folder.path()), 3, "link type RAW");
  check_says(labreel({"import", "text.pcap", "-o", "x.reel"}, folder.path()), 3, "text.pcap: byte 0: is neither");
  check_says(labreel({"import", "absent.pcap", "-o", "x.reel"}, folder.path()), 3, "absent.pcap: cannot be read");
  check_says(labreel({"import", "a.pcap"}, folder.path()), 2, "--output");
  CHECK(!std::filesystem::exists(folder / "x.reel"));

  check_says(labreel({"import", "a.pcap", "-o", "a.reel"}, folder.path()), 0, "2 frames");
  check_says(labreel({"import", "a.pcap", "-o", "a.reel"}, folder.path()), 2, "there is a file already");

  folder.write("cut.pcap", capture_of(2).substr(0, 150));
  check_says(labreel({"import", "cut.pcap", "-o", "cut.reel"}, folder.path()), 0, "byte 100: the file is cut off");
  check_says(labreel({"events", "cut.reel", "--kind", "gap"}, folder.path()), 0, "cut off");
}

TEST_CASE("a reel of 36 frames takes at most 64 KiB, compressed less, and is the same recording", "[cli]") {
  const TestFolder folder;
  folder.write("a.pcap", capture_of(36));
  check_says(labreel({"import", "a.pcap", "-o", "a.reel"}, folder.path()), 0, "36 frames");
  const auto bytes = std::filesystem::file_size(folder / "a.reel");
  CHECK(bytes <= 64 << 10);
  const auto facts = [&] { return nlohmann::json::parse(labreel({"info", "a.reel", "--json"}, folder.path()).out); };
  const auto events = [&] { return labreel({"events", "a.reel", "--json", "--payload"}, folder.path()).out; };
  const auto before = facts();
  const std::string before_events = events();
  CHECK(before["format"] == 2);

  check_says(labreel({"pack", "a.reel", "--compress"}, folder.path()), 0, "compressed");
  CHECK(std::filesystem::file_size(folder / "a.reel") < bytes);
  CHECK(facts() == before);
  CHECK(events() == before_events);
  check_says(labreel({"check", "a.reel"}, folder.path()), 0, "whole");
}

}  // namespace labreel::test
