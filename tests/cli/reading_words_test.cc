// What the verbs that only read say about which reel, which rows and which columns: no lab is started here.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "store/packed_files.h"
#include "store/reel_writer.h"
#include "tests/cli/program.h"

namespace labreel::test {
namespace {

void write_reel(const std::string& path, const std::string& lab, const std::string& utc = "2026-01-02T03:04:05Z") {
  const auto writer = ReelWriter::create(path);
  writer->note("begin-utc", R"({"utc":")" + utc + "\"}");
  writer->note("stall", R"({"from":10,"to":1500000010,"backlog":1})");
  writer->note("lateness", R"({"copies":3,"max_ns":41097844,"until":15,"median_ns":2500000,"frame":7,"copy":0})");
  writer->append({}, {}, LabBegun{lab, "name: " + lab + "\ntopology:\n  nodes:\n    h1: {}\n", "lab.yml", 1, "real", 1});
  writer->append({}, {}, Marker{"cut", "a, \"b\""});
  writer->append(LabTime{2'000'000'000}, {}, LabEnded{"stopped"});
  writer->seal();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A folder with two reels, of which "new.reel" was written last.
struct TwoReels : TestFolder {
  TwoReels() {
    holds_made_up_reels();
    write_reel(*this / "old.reel", "a-lab-with-a-long-name");
    write_reel(*this / "new.reel", "b", "2026-01-03T03:04:05Z");
    const auto now = std::filesystem::last_write_time(*this / "new.reel");
    std::filesystem::last_write_time(*this / "old.reel", now - std::chrono::hours{1});
  }
};

}  // namespace

TEST_CASE("a verb names the reel that it chose, and only then", "[cli]") {
  const TwoReels folder;
  const auto chosen = labreel({"events"}, folder.path());
  CHECK(chosen.err == "labreel: new.reel is the newest reel here\n");
  CHECK(labreel({"events", "new.reel"}, folder.path()).err.empty());
  const auto info = labreel({"info"}, folder.path());
  CHECK(info.out.starts_with("file       new.reel\n"));
  CHECK(has(info.out, "\nlate       3 copies were given to their nodes after the due time, half of them 2.5 ms or more, at worst 41.0 ms (event 7)\n"));
  CHECK(has(info.out, "\nnot seen   0 gaps, 1 stall of 1.500 s from 0.000 s\n"));
  CHECK(nlohmann::json::parse(labreel({"info", "--json"}, folder.path()).out).at("reel") == "new.reel");
}

TEST_CASE("what is packed into an old reel does not make it the newest", "[cli]") {
  const TwoReels folder;
  folder.write("lab.yml", "name: a-lab-with-a-long-name\n");
  folder.write("notes.md", "look\n");
  const auto packed = labreel({"pack", "old.reel", "notes.md"}, folder.path());
  INFO(packed.err);
  REQUIRE(packed.status == 0);
  CHECK(has(labreel({"info"}, folder.path()).out, "file       new.reel\n"));
}

TEST_CASE("ls has dates, and columns as wide as their widest", "[cli]") {
  const TwoReels folder;
  const auto lines = lines_of(labreel({"ls"}, folder.path()).out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("new.reel  b                       2026-01-03 03:04        2.0 s          3 events  "));
  CHECK(lines[1].starts_with("old.reel  a-lab-with-a-long-name  2026-01-02 03:04        2.0 s          3 events  "));
  const auto json = lines_of(labreel({"ls", "--json"}, folder.path()).out);
  CHECK(nlohmann::json::parse(json[0]).at("begin_utc") == "2026-01-03T03:04:05Z");
}

TEST_CASE("query without SQL says what is missing, and CSV can be read by a shell", "[cli]") {
  const TwoReels folder;
  const auto missing = labreel({"query", "old.reel"}, folder.path());
  CHECK(missing.status == 2);
  CHECK(missing.err == "labreel: old.reel: the SQL is missing\nhint: for example: labreel query old.reel \"SELECT count(*) FROM frame\"\n");
  CHECK(labreel({"query", "nosuch.reel"}, folder.path()).status == 2);
  const std::vector<std::string> query{"query", "old.reel", "SELECT seq, note FROM marker", "--csv"};
  CHECK(labreel(query, folder.path()).out == "seq,note\n2,\"a, \"\"b\"\"\"\n");
  auto headless = query;
  headless.emplace_back("--no-header");
  CHECK(labreel(headless, folder.path()).out == "2,\"a, \"\"b\"\"\"\n");
  CHECK(labreel({"query", "old.reel", "SELECT 1", "--no-header"}, folder.path()).status == 2);
}

TEST_CASE("the reasons of drops are explained without a reel", "[cli]") {
  const TestFolder empty;
  const auto reasons = labreel({"info", "--reasons"}, empty.path());
  CHECK(reasons.status == 0);
  CHECK(has(reasons.out, "queue-full       The cable's queue was full"));
  CHECK(lines_of(reasons.out).size() == 22);
}

TEST_CASE("a capture says once how late the host was", "[cli]") {
  const TwoReels folder;
  REQUIRE(labreel({"export", "old.reel", "--with-events", "-o", "a.pcapng"}, folder.path()).status == 0);
  const std::string about = run_program({"capinfos", "a.pcapng"}, folder.path()).out;
  INFO(about);
  CHECK(has(about, "the host was late: 3 copies were given to their nodes after the due time, half of them 2.5 ms or more, "
                   "at worst 41.0 ms (event 7); times at nodes differ by that much from those here; 1 stall of 1.500 s from 0.000 s"));
}

}  // namespace labreel::test
