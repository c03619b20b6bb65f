#include "engine/core/units.h"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

using namespace labreel;

namespace {
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

template <class Value>
void check_refused(const Result<Value>& result, const std::string& text, const std::string& why) {
  INFO(text);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::input);
  CHECK(result.error().what.find("\"" + text + "\"") == 0);
  CHECK(result.error().what.find(why) != std::string::npos);
  CHECK_FALSE(result.error().hint.empty());
}
}  // namespace

TEST_CASE("durations are read exactly", "[core]") {
  const auto [text, ns] = GENERATE(table<const char*, std::uint64_t>({{"5ms", 5'000'000},
                                                                      {"1.5s", 1'500'000'000},
                                                                      {"250us", 250'000},
                                                                      {"10ns", 10},
                                                                      {"2m", 120'000'000'000},
                                                                      {"1h", 3'600'000'000'000},
                                                                      {"0", 0},
                                                                      {"0s", 0},
                                                                      {"0.0", 0},
                                                                      {"0.1s", 100'000'000},
                                                                      {"0.000000001s", 1},
                                                                      {"1.50000000000000000000000s", 1'500'000'000},
                                                                      {"007ms", 7'000'000},
                                                                      {"18446744073709551615ns", kMax},
                                                                      {"18446744073.709551615s", kMax},
                                                                      {"0.5h", 1'800'000'000'000}}));
  INFO(text);
  const auto parsed = parse_duration_ns(text);
  REQUIRE(parsed);
  CHECK(*parsed == ns);
}

TEST_CASE("a duration that cannot be kept exactly is refused with the reason", "[core]") {
  const auto [text, why] = GENERATE(table<const char*, const char*>({{"", "nothing"},
                                                                     {"5", "no unit"},
                                                                     {"0.5", "no unit"},
                                                                     {"-5ms", "negative"},
                                                                     {"+5ms", "digit"},
                                                                     {"ms", "digit"},
                                                                     {".5s", "digit"},
                                                                     {"5.s", "point"},
                                                                     {"1.5ns", "finer"},
                                                                     {"0.0000000001s", "finer"},
                                                                     {"0.0000000000000000001h", "decimals"},
                                                                     {"5 ms", "no unit \" ms\""},
                                                                     {" 5ms", "digit"},
                                                                     {"5ms ", "no unit \"ms \""},
                                                                     {"5MS", "no unit"},
                                                                     {"1e3s", "no unit"},
                                                                     {"1,5s", "no unit"},
                                                                     {"1.2.3s", "no unit"},
                                                                     {"5d", "no unit"},
                                                                     {"18446744073709551616ns", "too large"},
                                                                     {"18446744073.709551616s", "too large"},
                                                                     {"99999999999999999999999s", "too large"},
                                                                     {"18446744073709551615h", "too large"}}));
  check_refused(parse_duration_ns(text), text, why);
}

TEST_CASE("rates are read as bits a second, in any case", "[core]") {
  CHECK(*parse_rate_bps("100mbit") == 100'000'000);
  CHECK(*parse_rate_bps("100Mbit") == 100'000'000);
  CHECK(*parse_rate_bps("1.5gbit") == 1'500'000'000);
  CHECK(*parse_rate_bps("64kbit") == 64'000);
  CHECK(*parse_rate_bps("9600bit") == 9'600);
  CHECK(*parse_rate_bps("1tbit") == 1'000'000'000'000);
  CHECK(*parse_rate_bps("0") == 0);
  for (const char* text : {"9600", "10mbps", "1MB", "", "-1bit", "0.5bit", "99999999tbit"}) {
    check_refused(parse_rate_bps(text), text, "is not a rate");
  }
}

TEST_CASE("sizes are read as bytes, with thousands and 1024s told apart", "[core]") {
  CHECK(*parse_size_bytes("64KiB") == 65'536);
  CHECK(*parse_size_bytes("64kB") == 64'000);
  CHECK(*parse_size_bytes("1500") == 1'500);
  CHECK(*parse_size_bytes("1500B") == 1'500);
  CHECK(*parse_size_bytes("1MiB") == 1'048'576);
  CHECK(*parse_size_bytes("1.5KiB") == 1'536);
  CHECK(*parse_size_bytes("1GB") == 1'000'000'000);
  CHECK(*parse_size_bytes("18446744073709551615") == kMax);
  for (const char* text : {"64KB", "64k", "", "-1", "1.5", "0.1KiB", "18446744073709551616", "99999999999GiB"}) {
    check_refused(parse_size_bytes(text), text, "is not a size");
  }
}

TEST_CASE("probabilities are percentages, kept in parts per thousand million", "[core]") {
  CHECK(*parse_probability_ppb("0.5%") == 5'000'000);
  CHECK(*parse_probability_ppb("100%") == kCertain_ppb);
  CHECK(*parse_probability_ppb("100.000%") == kCertain_ppb);
  CHECK(*parse_probability_ppb("0") == 0);
  CHECK(*parse_probability_ppb("0.0000001%") == 1);
  for (const char* text : {"100.0000001%", "101%", "1", "0.5", "-1%", "5 %", "%", "0.00000001%", "50%%"}) {
    check_refused(parse_probability_ppb(text), text, "is not a probability");
  }
}

TEST_CASE("MAC addresses are six pairs of hexadecimal digits", "[core]") {
  const MacAddress mac{0x02, 0x00, 0xab, 0xCD, 0x01, 0xff};
  CHECK(*parse_mac("02:00:ab:CD:01:ff") == mac);
  CHECK(format_mac(mac) == "02:00:ab:cd:01:ff");
  for (const char* text : {"", "02:00:ab:cd:01", "02:00:ab:cd:01:ff:00", "02-00-ab-cd-01-ff", "02:00:ab:cd:01:fg",
                           "0200abcd01ff", "2:0:ab:cd:1:ff:::", "02:00:ab:cd:01:f "}) {
    check_refused(parse_mac(text), text, "is not a MAC address");
  }
}

TEST_CASE("quantities are written in a short form that people use", "[core]") {
  CHECK(format_duration(0) == "0");
  CHECK(format_duration(5'000'000) == "5ms");
  CHECK(format_duration(100'000'000) == "100ms");
  CHECK(format_duration(1'500'000'000) == "1.5s");
  CHECK(format_duration(60'000'000'000) == "1m");
  CHECK(format_duration(90'000'000'000) == "90s");
  CHECK(format_duration(3'600'000'000'000) == "1h");
  CHECK(format_duration(1) == "1ns");
  CHECK(format_rate(100'000'000) == "100mbit");
  CHECK(format_rate(1'500'000'000) == "1.5gbit");
  CHECK(format_rate(9'600) == "9.6kbit");
  CHECK(format_rate(0) == "0");
  CHECK(format_size(65'536) == "64KiB");
  CHECK(format_size(64'000) == "64kB");
  CHECK(format_size(1'500) == "1500B");
  CHECK(format_size(0) == "0");
  CHECK(format_probability(0) == "0%");
  CHECK(format_probability(5'000'000) == "0.5%");
  CHECK(format_probability(kCertain_ppb) == "100%");
  CHECK(format_probability(1) == "0.0000001%");
  CHECK(format_seconds(LabTime{12'500'000'000}) == "12.500000000");
  CHECK(format_seconds(LabTime{0}) == "0.000000000");
  CHECK(format_seconds(LabTime{7}) == "0.000000007");
  CHECK(format_seconds(LabTime{kMax}) == "18446744073.709551615");
}

TEST_CASE("whatever is formatted parses back to the same integer", "[core]") {
  std::mt19937_64 random(42);
  for (int i = 0; i < 20'000; ++i) {
    std::uint64_t value = random() >> (random() % 64);
    if (i % 3 == 0) value = value / 1'000'000 * 1'000'000;
    if (i < 3) value = kMax - static_cast<std::uint64_t>(i);
    INFO(value);
    REQUIRE(*parse_duration_ns(format_duration(value)) == value);
    REQUIRE(*parse_rate_bps(format_rate(value)) == value);
    REQUIRE(*parse_size_bytes(format_size(value)) == value);
    const auto ppb = static_cast<std::uint32_t>(value % (kCertain_ppb + 1ULL));
    REQUIRE(*parse_probability_ppb(format_probability(ppb)) == ppb);
  }
}

TEST_CASE("an error shows no control character and no endless text", "[core]") {
  const auto result = parse_duration_ns("5\x1b[31m" + std::string(10'000, 'x'));
  REQUIRE_FALSE(result);
  CHECK(result.error().what.find('\x1b') == std::string::npos);
  CHECK(result.error().what.size() < 300);
}
