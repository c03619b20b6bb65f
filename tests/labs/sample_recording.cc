#include "tests/labs/sample_recording.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/labs/summary_checks.h"

namespace labreel::test {
namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == separator)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

}  // namespace

SampleRecording::SampleRecording(const std::string& sample) {
  reel_ = record_sample(sample, folder_);
  require_sound(reel_);
  require_same_in_tshark(reel_, folder_);
  require_finished_checksums(reel_, folder_);
  require_summaries_as_tshark(reel_, folder_);
  info_ = info_of(reel_);
  REQUIRE_FALSE(info_.at("markers").empty());
  pcapng_ = folder_ / "once.pcapng";
  REQUIRE(labreel({"export", reel_, "-o", pcapng_, "--once"}).status == 0);
  // A picture's title is the reel's path: shown from its own folder, that is the sample's name.
  const auto picture = labreel({"show", sample + ".reel", "--at", marker_names().front(), "--dot"}, folder_.path());
  INFO(picture.err);
  CHECK(picture.out == read_file(source_dir() + "/samples/" + sample + "/picture.dot"));
}

std::vector<std::string> SampleRecording::marker_names() const {
  std::vector<std::string> names;
  for (const Json& marker : info_.at("markers")) names.push_back(marker.at("name"));
  return names;
}

std::uint64_t SampleRecording::seq_of(const std::string& marker) const {
  for (const Json& known : info_.at("markers")) {
    if (known.at("name") == marker) return known.at("seq");
  }
  FAIL("no marker " << marker);
  return 0;
}

std::string SampleRecording::between(const std::string& from, const std::string& to) const {
  std::string filter = "frame.packet_id > " + std::to_string(from.empty() ? 0 : seq_of(from));
  if (!to.empty()) filter += " && frame.packet_id < " + std::to_string(seq_of(to));
  return "(" + filter + ")";
}

std::vector<std::vector<std::string>> SampleRecording::sent(const std::string& filter,
                                                            const std::vector<std::string>& fields) const {
  std::vector<std::string> argv{"tshark", "-r", pcapng_, "-Y", filter, "-T", "fields"};
  for (const std::string& field : fields) {
    argv.emplace_back("-e");
    argv.push_back(field);
  }
  const auto seen = run_program(argv);
  INFO(filter << ": " << seen.err);
  REQUIRE(seen.status == 0);
  std::vector<std::vector<std::string>> packets;
  for (const std::string& line : lines_of(seen.out)) packets.push_back(split(line, '\t'));
  return packets;
}

std::size_t SampleRecording::count(const std::string& filter) const { return sent(filter, {"frame.number"}).size(); }

std::vector<std::string> SampleRecording::values(const std::string& filter, const std::string& field) const {
  std::set<std::string> values;
  for (const auto& packet : sent(filter, {field})) {
    // A packet that has the field several times prints them with commas between.
    for (const std::string& value : split(packet.at(0), ',')) {
      if (!value.empty()) values.insert(value);
    }
  }
  return {values.begin(), values.end()};
}

}  // namespace labreel::test
