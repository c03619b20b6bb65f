#include "replay/utc.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace labreel {

std::string utc_text(std::uint64_t ns) {
  const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(seconds), ns % 1'000'000'000);
}

}  // namespace labreel
