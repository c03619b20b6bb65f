// fabric_probe FRAMES: prints the hash of what the native fabric decides.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "tests/replay/web/fabric_probe.h"

int main(int argc, char** argv) {
  const unsigned long frames = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (frames == 0) {
    std::fputs("usage: fabric_probe FRAMES\n", stderr);
    return 2;
  }
  std::printf("%016" PRIx64 "\n", labreel::test::decisions_hash(static_cast<std::uint32_t>(frames)));
  return 0;
}
