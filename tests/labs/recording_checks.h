// What must hold for every reel that a real lab made, whoever looks: labreel itself, or tshark.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

using Json = nlohmann::json;

// Runs a sample into `folder`/NAME.reel and requires that it ended well. Returns the reel's path.
std::string record_sample(const std::string& sample, const TestFolder& folder);

Json info_of(const std::string& reel);
// Every event, payloads included; requires that the sequence has no holes and time never goes back.
std::vector<Json> events_of(const std::string& reel);

// Requires: complete, conservation exact, `check` finds nothing, the fabric level of verify is identical.
void require_sound(const std::string& reel);
// Requires that tshark sees exactly the packets that the events tell of: number, port, direction, time, length,
// comment.
void require_same_in_tshark(const std::string& reel, const TestFolder& folder);
// Requires that no packet has a wrong IP, TCP, UDP, ICMP or OSPF checksum.
void require_finished_checksums(const std::string& reel, const TestFolder& folder);

}  // namespace labreel::test
