// Every reel that any version kept reads as it did then: the same events and facts. A later version may say more of
// them, never less and never something else.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "store/codec.h"
#include "store/format/canonical_codec.h"
#include "store/open_reel.h"
#include "tests/cli/program.h"

namespace labreel::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Whether `now` has all that `then` says: each key of an object, all items of a list, and equal values.
bool says_all(const json& now, const json& then) {
  if (then.is_object()) {
    if (!now.is_object()) return false;
    for (const auto& [key, value] : then.items()) {
      if (!now.contains(key) || !says_all(now[key], value)) return false;
    }
    return true;
  }
  if (!then.is_array()) return now == then;
  if (!now.is_array() || now.size() != then.size()) return false;
  for (std::size_t i = 0; i < then.size(); ++i) {
    if (!says_all(now[i], then[i])) return false;
  }
  return true;
}

void compare(const std::string& now, const std::string& then) {
  const std::vector<std::string> lines_now = lines_of(now);
  const std::vector<std::string> lines_then = lines_of(then);
  REQUIRE_FALSE(lines_then.empty());
  CHECK(lines_now.size() == lines_then.size());
  for (std::size_t i = 0; i < std::min(lines_now.size(), lines_then.size()); ++i) {
    if (lines_now[i] == lines_then[i]) continue;
    INFO("now:  " << lines_now[i] << "\nthen: " << lines_then[i]);
    REQUIRE(says_all(json::parse(lines_now[i]), json::parse(lines_then[i])));
  }
}

// Where the reels are, and the labreel that reads them: another one if it is to be shown that the comparison can fail.
std::string corpus() { return source_dir() + "/tests/old_reels"; }

struct OldReel {
  std::string version;
  std::string name;
};
std::vector<OldReel> old_reels() {
  std::vector<OldReel> reels;
  for (const auto& folder : fs::directory_iterator(corpus())) {
    if (!folder.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".reel.zst"))
        reels.push_back({folder.path().filename().string(), name.substr(0, name.size() - 9)});
    }
  }
  return reels;
}

void unpack(const std::string& from, const std::string& to) {
  const ProgramResult unpacked = run_program({"zstd", "-q", "-d", from, "-o", to});
  INFO(from << ": " << unpacked.err);
  REQUIRE(unpacked.status == 0);
}

// An old reel's files in a folder.
struct Unpacked {
  explicit Unpacked(const OldReel& old) : reel(folder / (old.name + ".reel")) {
    folder.holds_made_up_reels();
    const std::string kept = corpus() + "/" + old.version + "/" + old.name;
    unpack(kept + ".reel.zst", reel);
    unpack(kept + ".events.json.zst", folder / "events.json");
    if (fs::exists(kept + ".reel-ring.zst")) unpack(kept + ".reel-ring.zst", reel + "-ring");
    events = folder.read("events.json");
    unpack(kept + ".info.json.zst", folder / "info.json");
    info = folder.read("info.json");
  }
  TestFolder folder;
  std::string reel;
  std::string events;
  std::string info;
};

}  // namespace

TEST_CASE("every kept reel gives the events that the version that made it gave") {
  std::set<std::string> names;
  for (const OldReel& old : old_reels()) {
    INFO(old.version << "/" << old.name);
    const Unpacked kept{old};
    const ProgramResult events = labreel({"events", kept.reel, "--json", "--payload"});
    INFO(events.err);
    compare(events.out, kept.events);
    names.insert(old.name);
  }
  CHECK(names.size() >= 5);
}

TEST_CASE("every event of a kept reel is encoded to the bytes that it has there") {
  std::size_t compared = 0;
  for (const OldReel& old : old_reels()) {
    INFO(old.version << "/" << old.name);
    const Unpacked kept{old};
    const auto reel = OpenReel::open(kept.reel);
    REQUIRE(reel.ok());
    for (Seq seq{1}; seq <= (*reel)->end().last; seq = seq.next()) {
      const PagePtr page = *(*reel)->page_with(seq);
      const Record& record = page->view->record(seq.value);
      const Result<Event> event = event_of(*page->view, seq.value);
      REQUIRE(event.ok());
      CHECK(static_cast<std::uint8_t>(event->kind()) == record.kind);
      if (event->kind() == EventKind::frame) continue;
      const Bytes there = page->view->payload(record);
      REQUIRE(encode(event->body) == std::string(reinterpret_cast<const char*>(there.data()), there.size()));
      const auto without_capnp = canonical::decode(record.kind, there);
      REQUIRE(without_capnp.ok());
      // Who keeps an unknown note's subject is the record.
      if (event->kind() <= EventKind::exec_input) REQUIRE(encode(*without_capnp) == encode(event->body));
      ++compared;
    }
  }
  CHECK(compared > 8'000);
}

TEST_CASE("every kept reel is summed up as by the version that made it") {
  for (const OldReel& old : old_reels()) {
    INFO(old.version << "/" << old.name);
    const Unpacked kept{old};
    compare(labreel({"info", old.name + ".reel", "--json"}, kept.folder.path()).out, kept.info);
  }
}

TEST_CASE("every kept reel is whole, and what a fabric decided is proved again") {
  for (const OldReel& old : old_reels()) {
    INFO(old.version << "/" << old.name);
    const Unpacked kept{old};
    const ProgramResult check = labreel({"check", kept.reel});
    INFO(check.out << check.err);
    const bool cut_off = fs::exists(kept.reel + "-ring");
    CHECK(check.status == (cut_off ? 1 : 0));
    CHECK(check.out.find(cut_off ? "whole as far as it goes" : "whole") != std::string::npos);
    if (old.name != "fabric") continue;
    const ProgramResult verify = labreel({"verify", kept.reel});
    INFO(verify.out << verify.err);
    CHECK(verify.status == 0);
  }
}

TEST_CASE("a kept reel that reads differently is told from one that says more") {
  const json then = json::parse(R"({"seq":1,"copies":[{"copy":0,"port":"a"}],"due":5})");
  CHECK(says_all(then, then));
  CHECK(says_all(json::parse(R"({"seq":1,"copies":[{"copy":0,"port":"a","new":1}],"due":5,"more":[]})"), then));
  CHECK_FALSE(says_all(json::parse(R"({"seq":1,"copies":[{"copy":0,"port":"b"}],"due":5})"), then));
  CHECK_FALSE(says_all(json::parse(R"({"seq":1,"copies":[],"due":5})"), then));
  CHECK_FALSE(says_all(json::parse(R"({"seq":1,"copies":[{"copy":0,"port":"a"}]})"), then));
}

}  // namespace labreel::test
