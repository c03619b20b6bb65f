// Verifies one reel with the fabric that it is linked with; prints the seq of the first difference.
#include <cstdio>

#include "replay/reel_log.h"
#include "replay/verify.h"

int main(int argc, char** argv) {
  using namespace labreel;
  if (argc != 2) return 2;
  const auto reel = ReelReader::open(argv[1]);
  if (!reel) return 3;
  const ReelLog log{*reel};
  const auto source = log.events();
  const auto result = verify_fabric(*source, log.complete());
  if (!result) return 3;
  if (result->identical()) return 0;
  std::printf("%llu\n", static_cast<unsigned long long>(result->difference->seq.value));
  return 1;
}
