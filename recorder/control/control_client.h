// ControlClient: asks a running lab, over its socket; every call waits for its answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "recorder/lab_control.h"

namespace labreel {

// How a program that ran in a node ended.
struct ExecResult {
  std::int32_t status = 0;       // exit code, or 128 + signal
  std::uint64_t lost_bytes = 0;  // of its output, left out because we read too slowly; the reel has them
  int interrupted_by = 0;        // the signal that ended our waiting (Ctrl-C); 0: none
};

// Takes a piece of a program's output. Returning false (nobody reads it any more) kills the program.
using ExecOutputReader = std::function<bool(Stream, std::string_view)>;

struct TerminalSize {
  std::uint16_t rows = 24;
  std::uint16_t columns = 80;
};
// The person's end of a console. The terminal is in raw mode: every key is the node's, but one.
struct TerminalEnd {
  int keys_fd = 0;                             // a terminal
  std::function<bool(std::string_view)> show;  // false: nobody looks any more
  std::function<TerminalSize()> size;          // now
  char leave_key = '\x1d';                     // Ctrl-]
};
// How a console ended for us.
struct ConsoleResult {
  std::int32_t status = 0;  // of its program, if that has ended
  bool left = false;        // by the key; its program is hung up
  int interrupted_by = 0;   // a signal
  std::uint64_t lost_bytes = 0;
};

// Shape: used in the thread that connected, and destroyed there; a thread may have several.
// Errors: Error{lab} "the lab ended" if the lab goes away, however suddenly, in any call; never an exception, never a
//         wait for what is gone. Ignores SIGPIPE in the whole process, as kj does: a reader that writes to stdout gets
//         EPIPE.
class ControlClient {
 public:
  // Connects, and makes sure that a recorder answers.
  //
  // Errors: Error{lab} if none does, within 10 s; Error{host} if the socket is another user's.
  static Result<ControlClient> connect(const std::string& socket_path);
  ~ControlClient();
  ControlClient(ControlClient&&) noexcept;
  ControlClient& operator=(ControlClient&&) noexcept;

  // A command that the lab refuses is a reply, not an Error.
  Result<CommandReply> command(const std::string& verb, const std::vector<std::string>& arguments,
                               const Origin& by = OriginKind::cli);

  // Sends frames into a port, in their order; together they must fit into one message of 1 MiB.
  //
  // Shape: one message for all of them. A frame that the lab refuses ends them: a reply, not an Error.
  Result<InjectReply> inject(const std::string& port, const std::vector<InjectedFrame>& frames,
                             const Origin& by = OriginKind::cli);

  // Runs a program in a node to its end; `output` is called in this thread.
  //
  // Shape: Ctrl-C (or SIGTERM, SIGHUP) kills the program, as people expect; a second one, or 3 s, ends the waiting too.
  // Errors: Error{lab} with the reason if the program could not be started at all.
  Result<ExecResult> exec(const std::string& node, const std::vector<std::string>& argv, ExecOutputReader output,
                          const Origin& by = OriginKind::cli);

  // Runs a program on a terminal of a node until it ends or the person leaves.
  //
  // Errors: Error{lab} with the reason if there is no terminal to be had.
  Result<ConsoleResult> connect_console(const std::string& node, const std::vector<std::string>& argv,
                                        const TerminalEnd& terminal, const Origin& by = OriginKind::cli);

  // Ends the lab; returns when its reel is sealed.
  Status stop(const Origin& by = OriginKind::cli);
  Result<LabStatus> status();
  // Asks the lab to tell when something is new, for wait_for_news(); again is no error. False if its recorder cannot: it is
  // older.
  Result<bool> follow();
  // How the lab that is followed stands, as soon as that is another than was returned last; nothing if that is not within
  // `patience`. What a slow caller missed is skipped.
  //
  // Errors: Error{lab} if the lab is gone. Its end may have been told before, as the state "ended".
  Result<std::optional<LabStatus>> wait_for_news(std::chrono::milliseconds patience);
  // Page images for ReelReader::from_pages, from page `first` on, about `max_bytes` (and about 16 MiB at most).
  Result<std::vector<std::string>> pages(std::uint64_t first, std::uint64_t max_bytes);
  // Errors: Error{lab} if they are longer than `bytes_max` together.
  Result<std::vector<HostNote>> notes(std::uint64_t bytes_max);

 private:
  struct State;
  explicit ControlClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace labreel
