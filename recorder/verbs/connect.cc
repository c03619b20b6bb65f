// labreel connect: a terminal on a node of the running lab. Every key and all that is shown are events of the reel.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/os/system_call.h"
#include "engine/text/text.h"
#include "recorder/verbs/live.h"

namespace labreel {
namespace {

struct ConnectOptions {
  std::string lab;
  std::string node;
  std::vector<std::string> argv;
};

// Every key goes to the node, Ctrl-C too, until this is destroyed.
class RawTerminal {
 public:
  RawTerminal() {
    checked("read the terminal's settings", ::tcgetattr(STDIN_FILENO, &before_));
    termios raw = before_;
    ::cfmakeraw(&raw);
    checked("set the terminal to raw", ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw));
  }
  ~RawTerminal() { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  termios before_{};
};

TerminalSize size_of_terminal() {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

bool show(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int connect_to_node(const ConnectOptions& options) {
  if (::isatty(STDIN_FILENO) == 0) {
    throw VerbError(Error{ErrorKind::usage,
                          "connect needs a terminal, and stdin is none",
                          {},
                          "labreel exec " + options.node + " -- CMD runs a command without one"});
  }
  std::vector<std::string> argv = options.argv;
  if (argv.empty()) argv = {"/bin/sh", "-c", "command -v bash >/dev/null && exec bash; exec sh"};
  ControlClient client = connect_to_lab(options.lab);
  TerminalEnd terminal;
  terminal.keys_fd = STDIN_FILENO;
  terminal.show = show;
  terminal.size = size_of_terminal;
  const auto result = [&] {
    const RawTerminal raw;
    fmt::print(stderr, "connected to {}; Ctrl-] leaves\r\n", printable(options.node));  // from here on, keys are the node's
    return client.connect_console(options.node, argv, terminal);
  }();
  const ConsoleResult end = value_or_throw(result);
  if (end.left) fmt::print(stderr, "\nleft {}\n", printable(options.node));
  if (end.lost_bytes > 0) {
    fmt::print(stderr, "labreel: {} bytes were not shown here; the reel has them\n", end.lost_bytes);
  }
  if (end.interrupted_by != 0) return kExitInterrupted;
  return end.left ? kExitDone : end.status;
}

}  // namespace

void add_connect(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ConnectOptions>();
  CLI::App* const verb =
      app.add_subcommand("connect", "Open a terminal on a node of the running lab; Ctrl-] leaves it");
  add_lab_option(*verb, options->lab);
  verb->add_option("NODE", options->node, "The node")->required();
  verb->add_option("CMD", options->argv, "What runs there, after --; default: a shell");
  verb->positionals_at_end();
  verb->callback([options, &exit_code] {
    if (!options->argv.empty() && options->argv.front() == "--") options->argv.erase(options->argv.begin());
    exit_code = connect_to_node(*options);
  });
}

}  // namespace labreel
