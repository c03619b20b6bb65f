#include "recorder/verbs/reel_choice.h"

#include <fmt/format.h>

#include <filesystem>

#include "recorder/control/control_client.h"
#include "recorder/control/registry.h"
#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPagesAtOnce_bytes = 16U << 20U;

Result<ReelReader> ask_recorder(const std::string& socket) {
  auto client = ControlClient::connect(socket);
  if (!client) return std::move(client).error();
  std::vector<std::string> pages;
  for (;;) {
    auto more = client->pages(pages.size(), kPagesAtOnce_bytes);
    if (!more) return std::move(more).error();
    if (more->empty()) break;
    std::size_t bytes = 0;
    for (std::string& page : *more) {
      bytes += page.size();
      pages.push_back(std::move(page));
    }
    if (bytes < kPagesAtOnce_bytes / 2) break;  // that was the end; the lab goes on, we do not
  }
  auto notes = client->notes();
  if (!notes) return std::move(notes).error();
  return ReelReader::from_pages(std::move(pages), std::move(*notes));
}

}  // namespace

std::string choose_reel(const std::string& named) {
  namespace fs = std::filesystem;
  if (!named.empty()) return named;
  std::string newest;
  fs::file_time_type newest_time;
  for (const fs::directory_entry& entry : fs::directory_iterator{"."}) {
    if (entry.path().extension() != ".reel") continue;
    const auto time = entry.last_write_time();
    if (newest.empty() || time > newest_time) {
      newest = entry.path().filename().string();
      newest_time = time;
    }
  }
  if (newest.empty()) {
    throw VerbError(
        Error{ErrorKind::input, "there is no reel in this folder", {}, "name one, or make one: labreel run LAB.yml"});
  }
  return newest;
}

ReelReader open_reel(const std::string& path) {
  if (const auto socket = ReelReader::live_recorder_of(path)) {
    if (!socket->empty() && is_in_run_directory(*socket)) {
      auto live = ask_recorder(*socket);
      // It may have ended just now: then the file has it all.
      if (ReelReader::live_recorder_of(path)) return value_or_throw(std::move(live));
    }
  }
  return value_or_throw(ReelReader::open(path));
}

std::optional<ControlClient> recorder_of(const std::string& path) {
  const auto socket = ReelReader::live_recorder_of(path);
  if (!socket || socket->empty() || !is_in_run_directory(*socket)) return std::nullopt;
  auto client = ControlClient::connect(*socket);
  if (client) return std::move(*client);
  if (!ReelReader::live_recorder_of(path)) return std::nullopt;  // it has ended just now
  throw VerbError(std::move(client).error());
}

void warn_of_end(const std::string& path, const ReelReader& reel) {
  const ReelEnd& end = reel.end();
  if (end.damage) {
    fmt::print(stderr, "labreel: {}: {}: {}; everything before it is shown\n", path, end.damage->place,
               end.damage->what);
  } else if (!end.complete) {
    fmt::print(stderr, "labreel: {}: {}\n", path, end.why);
  }
}

}  // namespace labreel
