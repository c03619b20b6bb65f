// The same as a module: decisions(frames) gives the hash.
#include "tests/replay/web/fabric_probe.h"

extern "C" __attribute__((export_name("decisions"))) std::uint64_t decisions(std::uint32_t frames) {
  return labreel::test::decisions_hash(frames);
}
