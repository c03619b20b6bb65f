#include "recorder/session/console_runner.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "recorder/session/name_finder.h"

namespace labreel {
namespace {

// A number of rows or columns as it was recorded; 0 if it is none.
std::uint16_t size_of(const std::string& word) {
  std::uint16_t size = 0;
  std::from_chars(word.data(), word.data() + word.size(), size);
  return size;
}

}  // namespace

std::string ConsoleRunner::refusal(const ConsoleRequest& request) const {
  const auto node = NameFinder{runtime_}.node(request.node);
  if (!node) return node.error().what;
  const NodeInfo& info = runtime_.topology().nodes()[index_of(*node)];
  if (!info.running) return "node " + request.node + " is not running";
  if (info.paused) return "node " + request.node + " is paused";
  if (request.argv.empty()) return "there is no program to run";
  return {};
}

void ConsoleRunner::open(const ConsoleRequest& request, ExecObserver observer) {
  Command command{"connect", {request.node, std::to_string(request.rows), std::to_string(request.columns)}, request.by};
  command.arguments.insert(command.arguments.end(), request.argv.begin(), request.argv.end());
  const Seq seq = runtime_.loop.record(Seq{}, command);
  const auto refuse = [&](const std::string& why) {
    runtime_.loop.record(seq, CommandDone{false, why});
    if (observer.done) observer.done(-1, why);
  };
  const std::string why = refusal(request);
  if (!why.empty()) return refuse(why);
  const NodeId node = *runtime_.topology().node_named(request.node);
  const ExecId id = execs_.new_id();
  if (!runtime_.driver.console(id, node, request.argv, request.rows, request.columns)) {
    return refuse("nodes of this kind have no console");
  }
  running_.emplace(id, Running{node, seq, std::move(observer)});
}

void ConsoleRunner::write(std::uint64_t token, const std::string& bytes) {
  const auto found = find(token);
  if (found == running_.end() || bytes.empty()) return;
  runtime_.loop.record(found->second.command, Console{found->second.node, true, bytes});
  runtime_.driver.write_console(found->first, bytes);
}

void ConsoleRunner::resize(std::uint64_t token, std::uint16_t rows, std::uint16_t columns) {
  const auto found = find(token);
  if (found == running_.end()) return;
  record_change(found->second, "connect.resize", {std::to_string(rows), std::to_string(columns)},
                [&] { runtime_.driver.resize_console(found->first, rows, columns); });
}

void ConsoleRunner::hang_up(std::uint64_t token) {
  const auto found = find(token);
  if (found == running_.end()) return;
  record_change(found->second, "connect.hang-up", {}, [&] { runtime_.driver.kill_exec(found->first); });
}

void ConsoleRunner::record_change(const Running& console, const std::string& verb, std::vector<std::string> arguments,
                                  const std::function<void()>& change) {
  arguments.insert(arguments.begin(), runtime_.topology().name_of(console.node));
  const Seq command = runtime_.loop.record(console.command, Command{verb, std::move(arguments), OriginKind::cli});
  change();
  runtime_.loop.record(command, CommandDone{true, {}});
}

bool ConsoleRunner::play(const CommandRequest& request, std::uint64_t token) {
  const std::vector<std::string>& words = request.arguments;
  if (request.verb == "connect.hang-up") {
    hang_up(token);
    return true;
  }
  if (request.verb != "connect" && request.verb != "connect.resize") return false;
  if (words.size() < 3) return true;  // not what open() and resize() record
  const std::uint16_t rows = size_of(words[1]), columns = size_of(words[2]);
  if (request.verb == "connect.resize") {
    resize(token, rows, columns);
  } else {
    ExecObserver nobody;
    nobody.token = token;
    open({words[0], {words.begin() + 3, words.end()}, rows, columns, request.by}, std::move(nobody));
  }
  return true;
}

void ConsoleRunner::printed(ExecId id, std::string_view bytes) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  runtime_.loop.record(found->second.command, Console{found->second.node, false, std::string{bytes}});
  if (found->second.observer.output) found->second.observer.output(Stream::stdout_stream, bytes);
}

// A shell's last status is no failure of the console, so the command is done well however it ended.
void ConsoleRunner::ended(ExecId id, std::int32_t status) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const Running console = std::move(found->second);
  running_.erase(found);
  runtime_.loop.record(console.command, CommandDone{true, {}});
  if (console.observer.done) console.observer.done(status, {});
}

ConsoleRunner::Consoles::iterator ConsoleRunner::find(std::uint64_t token) {
  return std::ranges::find_if(running_, [token](const auto& entry) { return entry.second.observer.token == token; });
}

}  // namespace labreel
