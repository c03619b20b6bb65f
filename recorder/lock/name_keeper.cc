#include "recorder/lock/name_keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr char kKeep = 'k';
constexpr char kRemove = 'r';

}  // namespace

NameKeeper::NameKeeper(const std::string& path) {
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  const OwnedFd from{ends[0]};
  to_ = OwnedFd{ends[1]};
  process_ = checked("fork", ::fork());
  if (process_ != 0) return;
  for (const int ending : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(ending, SIG_IGN);  // the writer's end is ours, too
  // Whoever waits for the end of our output, or for a lock of ours, waits for the writer.
  const auto ours = static_cast<unsigned>(from.get());
  if (ours > 0) ::close_range(0, ours - 1, 0);
  ::close_range(ours + 1, ~0U, 0);
  char last = kRemove;
  while (retried([&] { return ::read(from.get(), &last, 1); }) == 1) continue;
  if (last == kRemove) std::remove(path.c_str());
  ::_exit(0);
}

NameKeeper::~NameKeeper() {
  to_.reset();
  retried([&] { return ::waitpid(process_, nullptr, 0); });
}

void NameKeeper::tell(char what) {
  static_cast<void>(retried([&] { return ::write(to_.get(), &what, 1); }));
}

void NameKeeper::keep() { tell(kKeep); }

void NameKeeper::remove() { tell(kRemove); }

}  // namespace labreel
