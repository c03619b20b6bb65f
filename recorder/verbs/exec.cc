// labreel exec: runs a command in a node of the running lab; its output and status become ours, and events of the reel.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "recorder/verbs/live.h"

namespace labreel {
namespace {

struct ExecOptions {
  std::string lab;
  std::string node;
  std::vector<std::string> argv;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int exec_in_node(const ExecOptions& options) {
  ControlClient client = connect_to_lab(options.lab);
  const ExecResult result =
      value_or_throw(client.exec(options.node, options.argv, [](Stream stream, std::string_view bytes) {
        return write_all(stream == Stream::stdout_stream ? STDOUT_FILENO : STDERR_FILENO, bytes);
      }));
  if (result.lost_bytes > 0) {
    fmt::print(stderr, "labreel: {} bytes of output were left out here; the reel has them\n", result.lost_bytes);
  }
  return result.interrupted_by != 0 ? kExitInterrupted : result.status;
}

}  // namespace

void add_exec(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* const verb =
      app.add_subcommand("exec", "Run a command in a node of the running lab: labreel exec NODE -- CMD…");
  add_lab_option(*verb, options->lab);
  verb->add_option("NODE", options->node, "The node")->required();
  verb->add_option("CMD", options->argv, "The command and its arguments, after --")->required();
  verb->positionals_at_end();
  verb->callback([options, &exit_code] {
    if (options->argv.front() == "--") options->argv.erase(options->argv.begin());
    if (options->argv.empty()) {
      throw VerbError(Error{ErrorKind::usage, "a command is needed", {}, "labreel exec r1 -- ip route"});
    }
    exit_code = exec_in_node(*options);
  });
}

}  // namespace labreel
