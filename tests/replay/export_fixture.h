// What the tests of the export share: a reel made by hand, a temporary folder, and other programs run on it.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "replay/export_packets.h"
#include "replay/pcap_writer.h"
#include "replay/pcapng_writer.h"
#include "tests/replay/pcapng_reader.h"
#include "tests/temp_folder.h"

namespace labreel::test {

inline constexpr std::uint64_t kBegin_ns = 1'700'000'000'000'000'000;

// Events by hand, with the bytes and copies that their frames borrow.
class HandMadeReel {
 public:
  Seq add(std::uint64_t time_ns, EventBody body, Seq cause = {}) {
    events.push_back({Seq{events.size() + 1}, LabTime{time_ns}, cause, std::move(body)});
    return events.back().seq;
  }
  Seq frame(std::uint64_t time_ns, PortId from, const std::string& bytes, const std::vector<Copy>& copies) {
    payloads_.push_back(bytes);
    copies_.push_back(copies);
    const auto length = static_cast<std::uint32_t>(bytes.size());
    return add(time_ns, Frame{from, std::as_bytes(std::span(payloads_.back())), copies_.back(), length});
  }
  // Nodes r1, r2, h1 with the ports r1:eth1 (0), r2:eth1 (1), h1:eth0 (2).
  void add_lab() {
    const std::array<std::pair<const char*, const char*>, 3> ports{{{"r1", "eth1"}, {"r2", "eth1"}, {"h1", "eth0"}}};
    for (std::uint32_t i = 0; i < ports.size(); ++i) {
      add(0, NodeAdded{NodeId{i}, ports[i].first, "namespace", {}});
      add(0, PortAdded{PortId{i}, NodeId{i}, ports[i].second, {2, 0, 0, 0, 0, static_cast<std::uint8_t>(i + 1)}});
    }
  }

  std::vector<Event> events;

 private:
  std::deque<std::string> payloads_;
  std::deque<std::vector<Copy>> copies_;
};

inline constexpr PortId kR1{0};
inline constexpr PortId kR2{1};
inline constexpr PortId kH1{2};

inline Copy copy_to(PortId port, std::uint64_t due_ns, std::uint8_t flags = 0, std::uint16_t corrupt_byte = 0) {
  return Copy{port, Reason::none, flags, corrupt_byte, LabTime{due_ns}};
}
inline Copy dropped(PortId port, Reason reason, std::uint64_t at_ns, std::uint8_t flags = 0) {
  return Copy{port, reason, flags, 0, LabTime{at_ns}};
}

// An Ethernet frame of `length` bytes whose content depends on `salt`; of a type for local experiments.
inline std::string ethernet(std::size_t length, unsigned salt = 0) {
  std::string bytes = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, '\x88', '\xb5'};
  while (bytes.size() < length) bytes += static_cast<char>(bytes.size() * 7 + salt);
  bytes.resize(length);
  return bytes;
}

struct MemorySink final : ByteSink {
  bool write(Bytes more) override {
    bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
    return true;
  }
  std::string bytes;
};

inline ExportOptions with_begin(ExportOptions options = {}) {
  if (!options.begin_utc_ns) options.begin_utc_ns = kBegin_ns;
  return options;
}

enum class Format { pcapng, pcap };

// Exports into `bytes`, and returns what the export returned.
inline Status try_export(const std::vector<Event>& events, const ExportOptions& options, std::string& bytes,
                         Format format = Format::pcapng) {
  ListSource first(events);
  ListSource ahead(events);
  ListSource second(events);
  MemorySink sink;
  PcapngWriter pcapng{sink};
  PcapWriter pcap{sink};
  PacketWriter& writer = format == Format::pcapng ? static_cast<PacketWriter&>(pcapng) : pcap;
  Status status = export_packets(first, ahead, second, options, writer);
  bytes = std::move(sink.bytes);
  return status;
}
// Exports frames of no protocol that is followed ahead.
inline Status export_pcapng(EventSource& first, EventSource& second, const ExportOptions& options, ByteSink& sink) {
  ListSource ahead({});
  PcapngWriter writer{sink};
  return export_packets(first, ahead, second, options, writer);
}
inline std::string exported(const HandMadeReel& reel, const ExportOptions& options = {},
                            Format format = Format::pcapng) {
  std::string bytes;
  const Status status = try_export(reel.events, with_begin(options), bytes, format);
  if (!status) FAIL(status.error().place + ": " + status.error().what);
  return bytes;
}
inline PcapngFile parsed(const std::string& bytes) {
  Result<PcapngFile> file = read_pcapng(bytes);
  if (!file) FAIL("not well formed: " + file.error().what);
  return *std::move(file);
}
inline PcapngFile exported_and_parsed(const HandMadeReel& reel, const ExportOptions& options = {}) {
  return parsed(exported(reel, options));
}

// A file in a folder of its own, both gone with it.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& bytes) : path_(folder_.write(name, bytes)) {}
  const std::string& path() const { return path_; }

 private:
  TempFolder folder_;
  std::string path_;
};

// Runs a command line and returns its lines; fails the test if it fails, or if the program is missing.
inline std::vector<std::string> lines_of(const std::string& command) {
  INFO(command);
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "re");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), got);
  const int status = pclose(pipe);
  INFO(output);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  std::vector<std::string> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What tshark says of each packet: the fields, joined by '|'.
inline std::vector<std::string> tshark_fields(const TemporaryFile& file, const std::string& fields,
                                              const std::string& more = "") {
  std::string command = "tshark " + more + " -r " + file.path() + " -T fields -E separator='|'";
  std::istringstream words(fields);
  for (std::string word; words >> word;) command += " -e " + word;
  return lines_of(command);
}

}  // namespace labreel::test
