// The module's own functions: how a page gives a recording to a Viewer, and asks it. Source: replay/web/README.md.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/fabric.h"
#include "replay/web/viewer/viewer.h"
#include "store/page_log.h"

namespace {

using namespace labreel;

// Pages, requests and facts are no longer than this; neither is the room for them.
constexpr std::size_t kRoom_min = 4096;
constexpr std::size_t kRoom_max = std::size_t{64} << 20U;
// What WebAssembly's memory must hold beside it is at most about as much again.
constexpr std::uint64_t kPages_max = std::uint64_t{256} << 20U;

struct Recording {
  PageLog log;
  Viewer viewer;
  Recording(PageLogFacts page_facts, ViewerFacts facts) : log(std::move(page_facts), kPages_max), viewer(log, std::move(facts)) {}
};

std::unique_ptr<std::byte[]> room;
std::size_t room_bytes = 0;
std::unique_ptr<Recording> recording;
std::string answer;

// Whether the last labreel_room() gave so many bytes.
bool has_input(std::uint32_t bytes) { return bytes <= room_bytes; }
std::string_view input(std::uint32_t bytes) { return {reinterpret_cast<const char*>(room.get()), bytes}; }

std::int32_t fail(const Error& error) {
  answer = error_answer(error);
  return 1;
}
std::int32_t done(std::string text) {
  answer = std::move(text);
  return 0;
}

const Error kNoRoom{ErrorKind::usage, "more input than there is room for", {}, "ask labreel_room for it first"};
const Error kNoRecording{ErrorKind::usage, "no recording is open", {}, "give its facts to labreel_open first"};

}  // namespace

#define LABREEL_EXPORT(name) extern "C" __attribute__((export_name(#name))) auto name

LABREEL_EXPORT(labreel_room)(std::uint32_t bytes) -> void* {
  if (bytes > kRoom_max) return nullptr;
  if (bytes > room_bytes || !room) {
    room.reset();
    room_bytes = bytes < kRoom_min ? kRoom_min : bytes;
    room.reset(new std::byte[room_bytes]);
  }
  return room.get();
}

LABREEL_EXPORT(labreel_open)(std::uint32_t bytes) -> std::int32_t {
  if (!has_input(bytes)) return fail(kNoRoom);
  recording.reset();
  auto facts = facts_of(input(bytes));
  if (!facts) return fail(facts.error());
  PageLogFacts page_facts{facts->notes, facts->complete, facts->format_version, facts->digest};
  recording = std::make_unique<Recording>(std::move(page_facts), std::move(*facts));
  return done("{}");
}

LABREEL_EXPORT(labreel_page)(std::uint32_t bytes) -> std::int32_t {
  if (!has_input(bytes)) return fail(kNoRoom);
  if (!recording) return fail(kNoRecording);
  const Status added = recording->log.add({room.get(), bytes});
  if (added) return done("{}");
  recording->viewer.set_damage(*recording->log.damage());
  return fail(added.error());
}

LABREEL_EXPORT(labreel_ask)(std::uint32_t bytes) -> std::int32_t {
  if (!has_input(bytes)) return fail(kNoRoom);
  if (!recording) return fail(kNoRecording);
  auto answered = recording->viewer.answer(input(bytes));
  return answered ? done(std::move(*answered)) : fail(answered.error());
}

LABREEL_EXPORT(labreel_answer)() -> const char* { return answer.data(); }
LABREEL_EXPORT(labreel_answer_bytes)() -> std::uint32_t { return static_cast<std::uint32_t>(answer.size()); }
