#include "recorder/player/full_screen.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

// The second page, without a cursor, and lines that end at the edge.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set, signal);
  return set;
}

// Arrow keys as the letters that do the same; other sequences are none.
std::string keys_in(std::string_view bytes) {
  std::string keys;
  while (!bytes.empty()) {
    if (bytes.size() >= 3 && bytes[0] == '\x1b' && (bytes[1] == '[' || bytes[1] == 'O')) {
      std::size_t end = 2;
      while (end < bytes.size() && (bytes[end] < '@' || bytes[end] > '~')) ++end;
      const char last = end < bytes.size() ? bytes[end] : '\0';
      if (last == 'C' || last == 'B') keys += ' ';
      if (last == 'D' || last == 'A') keys += 'b';
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    } else {
      keys += bytes.front();
      bytes.remove_prefix(1);
    }
  }
  return keys;
}

}  // namespace

FullScreen::FullScreen() {
  checked("read the terminal's settings", ::tcgetattr(STDIN_FILENO, &before_));
  const sigset_t set = watched_signals();
  checked("block signals", ::sigprocmask(SIG_BLOCK, &set, nullptr));
  signals_ = OwnedFd{checked("signalfd", ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK))};
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, it would leave the terminal as it is now
  checked("set the terminal's settings", ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw));
  write_all(kEnter);
}

FullScreen::~FullScreen() {
  write_all(kLeave);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

FullScreen::Input FullScreen::wait() {
  std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
  checked("poll", retried([&] { return ::poll(ready.data(), ready.size(), -1); }));
  Input input;
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    if (signal.ssi_signo == SIGWINCH) {
      input.resized = true;
    } else {
      input.ended_by = static_cast<int>(signal.ssi_signo);
    }
  }
  if (ready[0].revents == 0) return input;
  std::array<char, 256> bytes{};
  const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (got > 0) {
    input.keys = keys_in({bytes.data(), static_cast<std::size_t>(got)});
  } else if (input.ended_by == 0) {
    input.ended_by = SIGHUP;
  }
  return input;
}

ScreenSize FullScreen::size() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

void FullScreen::paint(const std::vector<std::string>& lines) {
  const ScreenSize screen = size();
  std::string page = "\x1b[H";
  for (std::size_t row = 0; row < screen.rows; ++row) {
    page += row == 0 ? "\x1b[K" : "\r\n\x1b[K";
    const std::string line = row < lines.size() ? cut_to(lines[row], screen.columns) : "";
    page += row == 0 ? "\x1b[7m" + line + "\x1b[0m" : line;
  }
  write_all(page);
}

std::string cut_to(const std::string& text, std::size_t columns) {
  std::size_t characters = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
    if (starts_character && characters++ == columns) break;
  }
  return text.substr(0, at);
}

}  // namespace labreel
