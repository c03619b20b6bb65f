// The least that carries frames between two TAPs in user space: poll, read, write. A peer for round trips.
// Usage: relay_bench. Makes the TAPs lr0 and lr1, prints "ready", and relays from the first line on its standard input
// to the end of it.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "engine/os/system_call.h"
#include "tests/bench/bench_lab.h"
#include "tests/bench/bench_tap.h"

int main() {
  using namespace labreel;
  using namespace labreel::bench;
  const std::array<OwnedFd, 2> taps{make_tap(0), make_tap(1)};
  std::setvbuf(stdin, nullptr, _IONBF, 0);
  std::puts("ready");
  std::fflush(stdout);
  must(std::getchar() == '\n', "nobody said that the devices are up");
  std::array<std::byte, 1U << 17U> frame;
  std::array<pollfd, 3> watched{{{taps[0].get(), POLLIN, 0}, {taps[1].get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (watched[2].revents == 0) {
    retried([&] { return ::poll(watched.data(), watched.size(), -1); });
    for (std::size_t from = 0; from < 2; ++from) {
      if (watched[from].revents == 0) continue;
      const ssize_t length = ::read(taps[from].get(), frame.data(), frame.size());
      if (length > 0 && ::write(taps[1 - from].get(), frame.data(), static_cast<std::size_t>(length)) < 0) continue;
    }
  }
}
