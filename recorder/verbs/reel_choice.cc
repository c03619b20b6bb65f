#include "recorder/verbs/reel_choice.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <variant>
#include <vector>

#include "engine/text/text.h"
#include "recorder/control/control_client.h"
#include "recorder/control/registry.h"
#include "recorder/control/told_recording.h"
#include "recorder/lock/reader_lock.h"
#include "recorder/verbs/verb.h"
#include "store/format.h"
#include "store/reel_files.h"
#include "store/scratch.h"

namespace labreel {
namespace {

constexpr std::uint64_t kBesideFiles_bytes = 64U << 20U;  // of a page's head and tables, and what came since
constexpr auto kEnding_max = std::chrono::seconds{10};
constexpr auto kEndingLook = std::chrono::milliseconds{20};

// All of a reel that needs names or a socket.
using TakenReel = std::variant<ReelFiles, ToldRecording>;

std::uint64_t size_of_file(const std::string& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  return failure ? 0 : size;
}

// Whatever answers at the socket that a ring names, it tells no more than the files hold: pages are in the one or the other.
Result<ToldRecording> ask_recorder(const std::string& path, const std::string& socket) {
  auto client = ControlClient::connect(socket);
  if (!client) return std::move(client).error();
  return ask_for_recording(*client, [&path] {
    return size_of_file(path) + 2 * size_of_file(ring_path_of(path)) + kBesideFiles_bytes;
  });
}

// A locked process can ask nobody. It comes here when the recorder that it followed is gone, or nearly.
void wait_for_end_of(const std::string& path) {
  const auto until = std::chrono::steady_clock::now() + kEnding_max;
  while (ReelReader::live_recorder_of(path) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kEndingLook);
}

TakenReel take_reel(const std::string& path) {
  if (reader_is_locked()) {
    wait_for_end_of(path);
  } else if (const auto socket = ReelReader::live_recorder_of(path)) {
    if (!socket->empty() && is_in_run_directory(*socket)) {
      auto told = ask_recorder(path, *socket);
      // It may have ended just now: then the file has it all.
      if (ReelReader::live_recorder_of(path)) return value_or_throw(std::move(told));
    }
  }
  return value_or_throw(ReelFiles::take(path));
}

ReelReader read_reel(TakenReel taken) {
  if (auto* const told = std::get_if<ToldRecording>(&taken))
    return value_or_throw(ReelReader::from_pages(std::move(told->pages), std::move(told->notes)));
  return value_or_throw(ReelReader::open(std::get<ReelFiles>(taken)));
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
  fmt::print(stderr, "labreel: {} is the newest reel here\n", printable(newest));
  return newest;
}

void lock_before_reading(const std::string& writable_folder) {
  if (reader_is_locked()) return;
  prepare_scratch();
  static_cast<void>(writable_folder.empty() ? lock_reader() : lock_reader_beneath(writable_folder));
}

ReelReader open_reel(const std::string& path, const std::string& writable_folder) {
  TakenReel taken = take_reel(path);
  lock_before_reading(writable_folder);
  return read_reel(std::move(taken));
}

ReelReader open_reel(const ReelFiles& files) {
  lock_before_reading();
  return value_or_throw(ReelReader::open(files));
}

ReelFiles take_to_run(const std::string& path) { return value_or_throw(ReelFiles::take(path)); }

ReelReader open_to_run(const ReelFiles& files) { return value_or_throw(ReelReader::open(files)); }

std::pair<ReelReader, ReelReader> open_reels(const std::string& a, const std::string& b) {
  TakenReel taken_a = take_reel(a);
  TakenReel taken_b = take_reel(b);
  lock_before_reading();
  ReelReader reel_a = read_reel(std::move(taken_a));
  return {std::move(reel_a), read_reel(std::move(taken_b))};
}

ReelReader open_reel_unlocked(const std::string& path) { return read_reel(take_reel(path)); }

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
    fmt::print(stderr, "labreel: {}: {}: {}; everything before it is shown\n", printable(path),
               printable(end.damage->place), printable(end.damage->what));
  } else if (!end.complete) {
    fmt::print(stderr, "labreel: {}: {}\n", printable(path), printable(end.why));
  }
}

}  // namespace labreel
