// LabControl: what the control server may ask of the lab that runs in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// One live command: "link.down" ["r1:eth1"], "link.set" ["r1:eth1", "delay=5ms"], "mark" ["name", "note"],
// "node.stop" ["r1"] …; recorded as a `command` event with the same verb and arguments.
struct CommandRequest {
  std::string verb;
  std::vector<std::string> arguments;
  Origin by;
};
struct CommandReply {
  bool ok = false;
  std::string error = {};           // for people, with a suggestion
  std::string hint = {};            // what to do; may be empty
  ErrorKind kind = ErrorKind::lab;  // usage: the person's slip
  Seq command = {};                 // its event
  std::uint32_t occurrence = 0;     // of a `mark` that was done: how many markers of that name there are now
};

// Frames for a port of a running lab, in their order.
struct InjectedFrame {
  std::string from;  // the port that is to have sent it; on a link it is the peer
  std::string bytes;
};
struct InjectRequest {
  std::string port;
  std::vector<InjectedFrame> frames;
  Origin by;
};
struct InjectReply {
  std::vector<Seq> commands = {};  // each frame's `inject` command, up to the first that was refused and with it
  CommandReply last = {};          // how it ended
};

// An exec's progress, called on the lab's thread.
struct ExecObserver {
  std::function<void(Stream, std::string_view)> output;
  std::function<void(std::int32_t status, std::string error)> done;  // error: it could not be started at all
  std::uint64_t token = 0;  // names the exec for cancel_exec; chosen by the caller, once in a process; 0: no name
};

// A terminal on a node.
struct ConsoleRequest {
  std::string node;
  std::vector<std::string> argv;
  std::uint16_t rows = 24;
  std::uint16_t columns = 80;
  Origin by;
};

struct LabStatus {
  std::string lab;
  std::string reel;      // absolute path
  std::string lab_file;  // absolute path
  std::int64_t pid = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint32_t nodes = 0;
  std::string state;  // "starting", "running", "stopping", "ended"
};
// Its reel is sealed.
inline constexpr std::string_view kEndedState = "ended";

// Shape: thread-safe; submit, inject and exec return at once and call back on the lab's thread.
class LabControl {
 public:
  LabControl() = default;
  LabControl(const LabControl&) = delete;
  LabControl& operator=(const LabControl&) = delete;
  virtual ~LabControl() = default;
  virtual void submit(CommandRequest request, std::function<void(CommandReply)> done) = 0;
  // Sends frames into a port, each as an `inject` command of its own; the first that is refused ends it.
  virtual void inject(InjectRequest request, std::function<void(InjectReply)> done) = 0;
  virtual void exec(std::string node, std::vector<std::string> argv, Origin by, ExecObserver observer) = 0;
  // Kills the exec of that token and its children; its observer hears `done`. One that has ended is no error.
  virtual void cancel_exec([[maybe_unused]] std::uint64_t token) {}
  // Runs a program on a terminal of the node, recorded as `console`. The observer hears what the terminal shows (as
  // stdout) and the program's end; its token, not 0, names the console below. cancel_exec hangs it up.
  virtual void connect([[maybe_unused]] ConsoleRequest request, ExecObserver observer) {
    observer.done(-1, "this lab has no consoles");
  }
  // What was typed. A console that has ended hears nothing.
  virtual void write_console([[maybe_unused]] std::uint64_t token, [[maybe_unused]] std::string bytes) {}
  virtual void resize_console([[maybe_unused]] std::uint64_t token, [[maybe_unused]] std::uint16_t rows,
                              [[maybe_unused]] std::uint16_t columns) {}
  // Ends the lab; `done` is called when its reel is sealed.
  virtual void stop(Origin by, std::function<void()> done) = 0;
  virtual LabStatus status() = 0;
  // Calls `news` once, as soon as there are more events than `known` has, or another state: in this call if it is so
  // already, else on the lab's thread. The lab waits for nobody: whoever has heard it asks status() and follows again.
  virtual void follow(const LabStatus& known, std::function<void()> news) = 0;
  // For readers of the live reel (ReelWriter::pages_from, notes_so_far).
  virtual std::vector<std::string> pages_from(std::uint64_t first, std::size_t max_bytes) = 0;
  virtual std::vector<HostNote> notes_so_far() = 0;
};

}  // namespace labreel
