// What a reel holds, as `labreel events --json` and `labreel info --json` say it.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

using Json = nlohmann::json;

inline std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> values;
  for (const std::string& line : lines_of(text)) values.push_back(Json::parse(line));
  return values;
}

inline std::vector<Json> events_of(const std::string& reel, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"events", reel, "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto printed = labreel(arguments);
  INFO(printed.err);
  REQUIRE(printed.status == 0);
  return json_lines(printed.out);
}

inline Json info_of(const std::string& reel) {
  const auto info = labreel({"info", reel, "--json"});
  INFO(info.err);
  REQUIRE(info.status == 0);
  return Json::parse(info.out);
}

// Two hosts on one cable: the smallest lab in which something can happen.
inline std::string two_hosts(const std::string& name) {
  return "name: " + name + R"(
topology:
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
)";
}

}  // namespace labreel::test
