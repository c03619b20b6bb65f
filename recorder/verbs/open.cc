// labreel open: a reel in Wireshark, at a position.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/verbs/capture_options.h"
#include "recorder/verbs/reading_child.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/position.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

const ChildLimits kNoLimits{std::chrono::hours{24}, RLIM_INFINITY, 4096};

struct OpenWords {
  EventChoice choice;
  std::string at;
};

std::string wireshark() {
  const char* const path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string program = folders.substr(begin, end - begin) + "/wireshark";
    if (::access(program.c_str(), X_OK) == 0) return program;
    begin = end + 1;
  }
  throw VerbError(Error{ErrorKind::host,
                        "there is no wireshark in PATH",
                        {},
                        "apt install wireshark; or: labreel export -o F.pcapng, and open it elsewhere"});
}

// A file that is gone when Wireshark is.
class TemporaryCapture {
 public:
  TemporaryCapture() {
    path_ = (std::filesystem::temp_directory_path() / "labreel-XXXXXX.pcapng").string();
    constexpr int kEndingLength = 7;
    fd_ = OwnedFd{checked("make " + path_, ::mkostemps(path_.data(), kEndingLength, O_CLOEXEC))};
  }
  ~TemporaryCapture() { ::unlink(path_.c_str()); }
  TemporaryCapture(const TemporaryCapture&) = delete;
  TemporaryCapture& operator=(const TemporaryCapture&) = delete;
  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  OwnedFd fd_;
};

// The last frame up to and with the position: an event that is no frame has no packet.
Result<Seq> frame_at(const EventLog& log, Seq at) {
  Seq found;
  const auto source = log.events(kFirstSeq, at);
  Event event;
  for (;;) {
    const auto more = source->next(event);
    if (!more) return more.error();
    if (!*more) return found;
    if (event.kind() == EventKind::frame) found = event.seq;
  }
}

// In a child that is locked down; we start Wireshark. Says which frame is to be selected, in digits; 0: none.
std::string write_capture(const OpenWords& words, const std::string& path, const TemporaryCapture& capture) {
  const ReelReader reel = open_reel(path);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  const Seq at = words.at.empty() ? Seq{} : value_or_throw(resolve_position(log, words.at));
  const ExportOptions options = capture_options(words.choice, log);
  FileSink sink{capture.fd(), capture.path()};
  throw_unless_ok(export_pcapng(log, options, sink));
  return std::to_string(value_or_throw(frame_at(log, at)).value);
}

int run_wireshark(const std::string& program, const TemporaryCapture& capture, Seq frame) {
  std::vector<std::string> argv{program, "-r", capture.path()};
  if (!frame.is_none()) {
    argv.emplace_back("-J");
    argv.push_back("frame.packet_id == " + std::to_string(frame.value));
  }
  std::vector<char*> pointers;
  for (std::string& word : argv) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C ends Wireshark; we clean up after it
  const pid_t child = checked("fork", ::fork());
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  int status = 0;
  checked("wait for wireshark", retried([&] { return ::waitpid(child, &status, 0); }));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return kExitDone;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) return kExitInterrupted;
  throw VerbError(Error{ErrorKind::host, "wireshark failed", program, "try it alone: wireshark"});
}

int open_in_wireshark(const OpenWords& words) {
  const std::string program = wireshark();
  const std::string path = choose_reel(words.choice.reel);
  const TemporaryCapture capture;
  const auto frame = in_reading_child([&]() -> Result<std::string> { return write_capture(words, path, capture); }, kNoLimits);
  return run_wireshark(program, capture, Seq{std::strtoull(value_or_throw(frame).c_str(), nullptr, 10)});
}

}  // namespace

void add_open(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<OpenWords>();
  CLI::App* const verb = app.add_subcommand("open", "Open a reel in Wireshark");
  words->choice.declare(*verb);
  verb->add_option("--at", words->at, "Select the frame at (or last before) this position: a seq, a marker, +12.5s");
  verb->callback([words, &exit_code] { exit_code = open_in_wireshark(*words); });
}

}  // namespace labreel
