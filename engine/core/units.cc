// Units: decimal text to exact integers and back; a value that an integer cannot hold exactly is refused.
#include "engine/core/units.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

namespace labreel {
namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
// What one kind of quantity is called and how people write it.
struct Quantity {
  std::string_view noun;
  std::string_view hint;
  std::span<const Unit> units;
  std::uint64_t smallest;  // what a number without unit counts, or 0 if only 0 may go without
  std::uint64_t max;
  bool any_case = false;
};

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kThousand = 1'000;
constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kBillion = 1'000'000'000;

// From the largest to the smallest: the formatters prefer the earlier of two equally long forms.
constexpr std::array<Unit, 6> kDurationUnits{
    {{"h", 3'600 * kBillion}, {"m", 60 * kBillion}, {"s", kBillion}, {"ms", kMillion}, {"us", kThousand}, {"ns", 1}}};
constexpr std::array<Unit, 5> kRateUnits{
    {{"tbit", kThousand* kBillion}, {"gbit", kBillion}, {"mbit", kMillion}, {"kbit", kThousand}, {"bit", 1}}};
constexpr std::array<Unit, 7> kSizeUnits{{{"GiB", std::uint64_t{1} << 30U},
                                          {"GB", kBillion},
                                          {"MiB", std::uint64_t{1} << 20U},
                                          {"MB", kMillion},
                                          {"KiB", std::uint64_t{1} << 10U},
                                          {"kB", kThousand},
                                          {"B", 1}}};
constexpr std::array<Unit, 1> kProbabilityUnits{{{"%", kCertain_ppb / 100}}};

constexpr Quantity kDuration{"duration", "write a number and ns, us, ms, s, m or h, such as 5ms or 1.5s",
                             kDurationUnits, 0, kMax};
constexpr Quantity kRate{
    "rate", "write a number and bit, kbit, mbit or gbit (bits a second), such as 100mbit", kRateUnits, 0, kMax, true};
constexpr Quantity kSize{"size",
                         "write bytes, or a number and B, kB, MB, GB (1000s) or KiB, MiB, GiB (1024s), such as 64KiB",
                         kSizeUnits, 1, kMax};
constexpr Quantity kProbability{"probability", "write a percentage from 0% to 100%, such as 0.5%", kProbabilityUnits, 0,
                                kCertain_ppb};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Text as it may stand in a message: short, and without control characters.
std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  std::string shown = "\"";
  for (const char c : text.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return shown + (text.size() > shown_max ? "…\"" : "\"");
}

Error bad_quantity(const Quantity& quantity, std::string_view text, std::string_view why) {
  return Error{ErrorKind::input,
               quoted(text) + " is not a " + std::string(quantity.noun) + ": " + std::string(why),
               {},
               std::string(quantity.hint)};
}

// A decimal number: whole + fraction / scale.
struct Decimal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
};

// Takes the number off the front of `rest`, or says what is wrong with it.
Result<Decimal> take_decimal(const Quantity& quantity, std::string_view text, std::string_view& rest) {
  Decimal decimal;
  if (rest.empty()) return bad_quantity(quantity, text, "nothing is written there");
  if (rest.front() == '-') return bad_quantity(quantity, text, "it is negative");
  if (!is_digit(rest.front())) return bad_quantity(quantity, text, "it does not start with a digit");
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    const auto digit = static_cast<std::uint64_t>(rest.front() - '0');
    if (decimal.whole > (kMax - digit) / 10) return bad_quantity(quantity, text, "it is too large");
    decimal.whole = decimal.whole * 10 + digit;
  }
  if (rest.empty() || rest.front() != '.') return decimal;
  rest.remove_prefix(1);
  auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  if (digits.empty()) return bad_quantity(quantity, text, "no digit follows the point");
  rest.remove_prefix(digits.size());
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
  constexpr std::size_t digits_max = 18;  // 10^18 is the largest power of ten that a scale holds
  if (digits.size() > digits_max) return bad_quantity(quantity, text, "it has too many decimals");
  for (const char c : digits) {
    decimal.fraction = decimal.fraction * 10 + static_cast<std::uint64_t>(c - '0');
    decimal.scale *= 10;
  }
  return decimal;
}

bool same_name(std::string_view a, std::string_view b, bool any_case) {
  if (!any_case) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

Result<std::uint64_t> parse_quantity(const Quantity& quantity, std::string_view text) {
  std::string_view rest = text;
  const auto decimal = take_decimal(quantity, text, rest);
  if (!decimal) return decimal.error();
  std::uint64_t size = quantity.smallest;
  if (rest.empty()) {
    const bool zero = decimal->whole == 0 && decimal->fraction == 0;
    if (size == 0 && !zero) return bad_quantity(quantity, text, "it has no unit");
    if (size == 0) return std::uint64_t{0};
  } else {
    const auto unit = std::find_if(quantity.units.begin(), quantity.units.end(), [&](const Unit& candidate) {
      return same_name(candidate.name, rest, quantity.any_case);
    });
    if (unit == quantity.units.end()) return bad_quantity(quantity, text, "there is no unit " + quoted(rest));
    size = unit->size;
  }
  const Wide fraction = Wide{decimal->fraction} * size;
  if (fraction % decimal->scale != 0) return bad_quantity(quantity, text, "it is finer than can be kept");
  const Wide value = Wide{decimal->whole} * size + fraction / decimal->scale;
  if (value > quantity.max) return bad_quantity(quantity, text, "it is too large");
  return static_cast<std::uint64_t>(value);
}

// Returns value / size as an exact decimal, if it has one and is at least 1.
std::optional<std::string> exact_decimal(std::uint64_t value, std::uint64_t size) {
  if (value < size) return std::nullopt;
  std::string text = std::to_string(value / size);
  Wide rest = value % size;
  if (rest != 0) text += '.';
  constexpr std::size_t length_max = 40;  // no finite decimal of these units is longer
  while (rest != 0) {
    if (text.size() > length_max) return std::nullopt;
    rest *= 10;
    text += static_cast<char>('0' + static_cast<int>(rest / size));
    rest %= size;
  }
  return text;
}

std::string format_quantity(std::uint64_t value, std::span<const Unit> units, bool whole_only) {
  if (value == 0) return "0";
  std::string best;
  for (const Unit& unit : units) {
    if (whole_only && value % unit.size != 0) continue;
    const auto number = exact_decimal(value, unit.size);
    if (!number) continue;
    std::string text = *number + std::string(unit.name);
    if (best.empty() || text.size() < best.size()) best = std::move(text);
  }
  return best;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

Result<std::uint64_t> parse_duration_ns(std::string_view text) { return parse_quantity(kDuration, text); }
Result<std::uint64_t> parse_rate_bps(std::string_view text) { return parse_quantity(kRate, text); }
Result<std::uint64_t> parse_size_bytes(std::string_view text) { return parse_quantity(kSize, text); }

Result<std::uint32_t> parse_probability_ppb(std::string_view text) {
  const auto value = parse_quantity(kProbability, text);
  if (!value) return value.error();
  return static_cast<std::uint32_t>(*value);
}

Result<MacAddress> parse_mac(std::string_view text) {
  constexpr std::size_t length = 17;
  MacAddress mac{};
  bool good = text.size() == length;
  for (std::size_t i = 0; good && i < mac.size(); ++i) {
    const int high = hex_value(text[3 * i]);
    const int low = hex_value(text[3 * i + 1]);
    good = high >= 0 && low >= 0 && (i + 1 == mac.size() || text[3 * i + 2] == ':');
    if (good) mac[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (good) return mac;
  return Error{ErrorKind::input,
               quoted(text) + " is not a MAC address",
               {},
               "write six pairs of hexadecimal digits, such as 02:00:00:00:01:01"};
}

std::string format_duration(std::uint64_t duration_ns) { return format_quantity(duration_ns, kDurationUnits, false); }
std::string format_rate(std::uint64_t rate_bps) { return format_quantity(rate_bps, kRateUnits, false); }
std::string format_size(std::uint64_t size_bytes) { return format_quantity(size_bytes, kSizeUnits, true); }

std::string format_probability(std::uint32_t probability_ppb) {
  constexpr std::uint32_t percent = kCertain_ppb / 100;
  std::string text = std::to_string(probability_ppb / percent);
  std::uint32_t rest = probability_ppb % percent;
  if (rest != 0) text += '.';
  for (std::uint32_t place = percent / 10; rest != 0; place /= 10) {
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text + '%';
}

std::string format_mac(const MacAddress& mac) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : mac) {
    if (!text.empty()) text += ':';
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
  }
  return text;
}

std::string format_seconds(LabTime at) {
  constexpr std::size_t decimals = 9;
  std::string text = std::to_string(at.ns / kBillion);
  const std::size_t end = text.size() + 1 + decimals;
  text.resize(end, '.');
  std::uint64_t rest = at.ns % kBillion;
  for (std::size_t i = 1; i <= decimals; ++i, rest /= 10) text[end - i] = static_cast<char>('0' + rest % 10);
  return text;
}

}  // namespace labreel
