// Durations, rates, sizes, probabilities and addresses as people write them, to and from integers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// Each parser takes the whole text and refuses what it does not understand, negative values and overflow; the error's
// `what` names the text and the hint gives an example. None uses floating point.

Result<std::uint64_t> parse_duration_ns(std::string_view text);     // "5ms", "1.5s", "250us", "10ns", "2m", "1h", "0"
Result<std::uint64_t> parse_rate_bps(std::string_view text);        // "100mbit", "1.5gbit", "64kbit", "9600bit"
Result<std::uint64_t> parse_size_bytes(std::string_view text);      // "64KiB", "1500", "1500B", "1MiB", "64kB"
Result<std::uint32_t> parse_probability_ppb(std::string_view text); // "0.5%", "100%", "0"
Result<MacAddress> parse_mac(std::string_view text);                // "02:00:00:00:01:01"

std::string format_duration(std::uint64_t duration_ns);  // the shortest exact form that parses back: "5ms"
std::string format_rate(std::uint64_t rate_bps);
std::string format_size(std::uint64_t size_bytes);
std::string format_probability(std::uint32_t probability_ppb);
std::string format_mac(const MacAddress& mac);
std::string format_seconds(LabTime at);  // "12.500000000", always nine decimals

}  // namespace labreel
