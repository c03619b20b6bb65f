#include "tests/labs/recording_checks.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <set>

namespace labreel::test {
namespace {

// One packet as both sides describe it.
struct Packet {
  std::uint64_t seq = 0;
  std::string port;
  bool outbound = false;
  std::uint64_t time_ns = 0;  // of the epoch
  std::size_t length = 0;
  bool dropped = false;  // the sender's packet has a drop reason in its comment
  auto operator<=>(const Packet&) const = default;
};

std::string text_of(const Packet& packet) {
  return std::to_string(packet.seq) + " " + packet.port + (packet.outbound ? " out " : " in ") +
         std::to_string(packet.time_ns) + " " + std::to_string(packet.length) + (packet.dropped ? " dropped" : "");
}

std::uint64_t epoch_ns_of(const std::string& seconds) {
  const std::size_t dot = seconds.find('.');
  return std::stoull(seconds.substr(0, dot)) * 1'000'000'000U +
         std::stoull((seconds.substr(dot + 1) + "000000000").substr(0, 9));
}

std::uint64_t begin_ns(const std::string& reel) {
  const std::string utc = info_of(reel).at("begin_utc");
  const auto date = run_program({"date", "-u", "-d", utc, "+%s.%N"});
  REQUIRE(date.status == 0);
  return epoch_ns_of(lines_of(date.out).at(0));
}

std::vector<Packet> packets_by_events(const std::string& reel) {
  const std::uint64_t begin = begin_ns(reel);
  const std::vector<Json> events = events_of(reel);
  std::set<std::pair<std::uint64_t, std::uint64_t>> undone;  // copies whose decision an outcome replaced
  for (const Json& event : events) {
    if (event.at("kind") == "outcome")
      undone.emplace(event.at("frame").get<std::uint64_t>(), event.at("copy").get<std::uint64_t>());
  }
  std::vector<Packet> packets;
  for (const Json& event : events) {
    if (event.at("kind") != "frame") continue;
    Packet sent{event.at("seq"),
                event.at("port"),
                true,
                begin + event.at("time").get<std::uint64_t>(),
                event.at("length"),
                false};
    for (const Json& copy : event.at("copies")) {
      const bool lost = copy.contains("dropped") || undone.contains(std::pair{event.at("seq").get<std::uint64_t>(),
                                                                              copy.at("copy").get<std::uint64_t>()});
      sent.dropped = sent.dropped || lost;
      if (!lost)
        packets.push_back(
            {sent.seq, copy.at("port"), false, begin + copy.at("due").get<std::uint64_t>(), sent.length, false});
    }
    packets.push_back(sent);
  }
  std::sort(packets.begin(), packets.end());
  return packets;
}

std::vector<Packet> packets_by_tshark(const std::string& pcapng) {
  const auto seen =
      run_program({"tshark", "-r", pcapng, "-T", "fields", "-e", "frame.packet_id", "-e", "frame.interface_name", "-e",
                   "frame.packet_flags_direction", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.comment"});
  REQUIRE(seen.status == 0);
  std::vector<Packet> packets;
  for (const std::string& line : lines_of(seen.out)) {
    std::vector<std::string> fields;
    std::string field;
    for (const char c : line + "\t") {
      if (c != '\t')
        field += c;
      else
        fields.push_back(std::exchange(field, {}));
    }
    REQUIRE(fields.size() >= 5);
    const bool outbound = std::stoul(fields[2], nullptr, 0) == 2;
    const std::string comment = fields.size() > 5 ? fields[5] : "";
    packets.push_back({std::stoull(fields[0]), fields[1], outbound, epoch_ns_of(fields[3]), std::stoul(fields[4]),
                       outbound && comment.find("dropped") != std::string::npos});
  }
  std::sort(packets.begin(), packets.end());
  return packets;
}

}  // namespace

std::string record_sample(const std::string& sample, const TestFolder& folder) {
  const std::string reel = folder / (sample + ".reel");
  const auto run = labreel({"run", source_dir() + "/samples/" + sample + "/lab.yml", "-o", reel});
  INFO(run.err);
  REQUIRE(run.status == 0);
  return reel;
}

Json info_of(const std::string& reel) {
  const auto info = labreel({"info", reel, "--json"});
  INFO(info.err);
  REQUIRE(info.status == 0);
  return Json::parse(info.out);
}

std::vector<Json> events_of(const std::string& reel) {
  const auto printed = labreel({"events", reel, "--json", "--payload"});
  REQUIRE(printed.status == 0);
  std::vector<Json> events;
  std::uint64_t time = 0;
  for (const std::string& line : lines_of(printed.out)) {
    events.push_back(Json::parse(line));
    if (events.back().at("seq") != events.size()) FAIL("hole in the sequence at " << events.size() << ": " << line);
    if (events.back().at("time") < time) FAIL("time goes back: " << line);
    time = events.back().at("time");
  }
  return events;
}

void require_sound(const std::string& reel) {
  const Json info = info_of(reel);
  INFO(info.dump());
  CHECK(info.at("complete") == true);
  CHECK(info.at("level") == "fabric");
  std::uint64_t dropped = 0;
  for (const auto& [reason, count] : info.at("dropped").items()) dropped += count.get<std::uint64_t>();
  CHECK(info.at("copies") == info.at("delivered").get<std::uint64_t>() + dropped);
  const auto check = labreel({"check", reel});
  INFO(check.out << check.err);
  CHECK(check.status == 0);
  const auto verify = labreel({"verify", reel, "--json"});
  INFO(verify.out << verify.err);
  CHECK(verify.status == 0);
  const Json verified = Json::parse(verify.out);
  CHECK(verified.at("identical") == true);
  CHECK(verified.at("level") == "fabric");
  CHECK(verified.at("events") == info.at("events"));
  CHECK(verified.at("first_difference") == nullptr);
}

void require_same_in_tshark(const std::string& reel, const TestFolder& folder) {
  const std::string pcapng = folder / "compare.pcapng";
  const auto exported = labreel({"export", reel, "-o", pcapng, "--all-ports"});
  INFO(exported.err);
  REQUIRE(exported.status == 0);
  const auto ours = packets_by_events(reel);
  const auto theirs = packets_by_tshark(pcapng);
  REQUIRE_FALSE(ours.empty());
  CHECK(ours.size() == theirs.size());
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (ours[i] != theirs[i]) FAIL("events say " << text_of(ours[i]) << ", tshark says " << text_of(theirs[i]));
  }
}

void require_finished_checksums(const std::string& reel, const TestFolder& folder) {
  const std::string pcapng = folder / "checksums.pcapng";
  REQUIRE(labreel({"export", reel, "-o", pcapng, "--once"}).status == 0);
  const auto bad = run_program({"tshark", "-r", pcapng, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
                                "-o", "udp.check_checksum:TRUE", "-Y",
                                "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || "
                                "icmp.checksum.status == 0 || icmpv6.checksum.status == 0"});
  INFO(bad.out << bad.err);
  CHECK(bad.status == 0);
  CHECK(bad.out.empty());
}

}  // namespace labreel::test
