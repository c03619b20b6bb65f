#include "recorder/verbs/recording.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "engine/nodes/host_capacity.h"
#include "engine/text/text.h"
#include "recorder/verbs/verb.h"

namespace labreel {

void say(const std::string& words) { fmt::print(stderr, "{}\n", printable_lines(words)); }

void refuse_existing(const std::string& path) {
  if (!std::filesystem::exists(path)) return;
  throw VerbError(Error{ErrorKind::usage, "there is a file already; a recording never replaces one", path,
                        "choose another name with -o, or move it away"});
}

void refuse_too_large(const LabFile& file) {
  LabSize size;
  size.nodes = file.nodes.size();
  size.guests = file.clock == ClockKind::virtual_time;
  for (const NodeDef& node : file.nodes) {
    size.ports += node.ports.size();
    size.commands += node.exec.empty() ? 0 : 1;
  }
  throw_unless_ok(check_capacity(size, read_host_capacity()));
}

void seal_reel(ReelWriter& reel, const std::string& path, Pages pages) {
  reel.seal();
  if (!reel.state().failure.empty()) return;
  if (const Status settled = settle_reel(path, pages); !settled) say(fmt::format("{}: {}", path, settled.error().what));
}

int finish_recording(const ReelWriter& reel, const std::string& path, const std::string& shown, SessionEnd end,
                     const LabStatus& status) {
  const std::string failure = reel.state().failure;
  const bool is_there = std::filesystem::exists(path);
  if (!failure.empty() && !end.error) {
    end.error = Error{ErrorKind::host, "the reel could not be finished: " + failure, path,
                      is_there ? "everything up to there is in it: labreel check " + path : ""};
  }
  say(fmt::format("{}: {} events, {} frames, {} ({})", shown, status.events, status.frames,
                  seconds_text(status.time_ns), end.error ? "failed" : end.why.text()));
  if (is_there) {
    say(fmt::format("  look at it:     labreel events {}", shown));
    say(fmt::format("  in Wireshark:   labreel export {} -o {}.pcapng", shown,
                    std::filesystem::path{shown}.stem().string()));
    say(fmt::format("  prove it:       labreel verify {}", shown));
  }
  if (end.error) throw VerbError(*end.error);
  return end.interrupted ? kExitInterrupted : kExitDone;
}

}  // namespace labreel
