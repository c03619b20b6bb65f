// SampleRecording: a sample of samples/, run for real once, and what tshark says about its frames.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/labs/recording_checks.h"

namespace labreel::test {

class SampleRecording {
 public:
  // Runs the sample and requires what holds for every one: it is sound, tshark sees the same packets, all checksums
  // are finished, and the committed picture is the lab at its first marker.
  explicit SampleRecording(const std::string& sample);

  const std::string& reel() const { return reel_; }
  const Json& info() const { return info_; }
  std::vector<std::string> marker_names() const;
  // The filter for packets between two markers; an empty name is the beginning or the end.
  std::string between(const std::string& from, const std::string& to) const;

  // The fields of every packet that the display filter lets through, as tshark prints them.
  //
  // Shape:  each packet once, as its sender sent it; dropped copies too.
  std::vector<std::vector<std::string>> sent(const std::string& filter, const std::vector<std::string>& fields) const;
  // How many frames the display filter lets through.
  std::size_t count(const std::string& filter) const;
  // The different values of one field.
  std::vector<std::string> values(const std::string& filter, const std::string& field) const;

 private:
  std::uint64_t seq_of(const std::string& marker) const;

  TestFolder folder_;
  std::string reel_;
  std::string pcapng_;
  Json info_;
};

}  // namespace labreel::test
