// The words of events: these texts are in reels, so a changed one fails here.
#include "engine/core/wire_words.h"

#include <catch2/catch.hpp>
#include <vector>

namespace labreel {
namespace {

// Checks that the kinds have these texts, in their order, and that each text is read as its kind.
template <class Kind>
void check_words(const std::vector<std::string>& texts) {
  REQUIRE(words_of(Kind{}).size() == texts.size());
  REQUIRE(static_cast<std::size_t>(Kind::other) == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto kind = static_cast<Kind>(i);
    CHECK(words_of(Kind{})[i] == texts[i]);
    CHECK(Word<Kind>(texts[i]).kind() == kind);
    CHECK(Word<Kind>(kind).text() == texts[i]);
  }
  for (const char* const unknown : {"", "Real", "later", "a\x1b"}) {
    CHECK(Word<Kind>(unknown).kind() == Kind::other);
    CHECK(Word<Kind>(unknown).text() == unknown);
  }
  CHECK(Word<Kind>("later") != Word<Kind>("later still"));
}

}  // namespace

TEST_CASE("each word of an event has its text, and one that is not known keeps its own", "[words]") {
  check_words<ClockKind>({"real", "virtual", "capture"});
  check_words<NodeKindName>({"namespace", "uml"});
  check_words<GapPlace>({"before-fabric", "after-fabric", "recorder", "reel", "cut-off"});
  check_words<StepStateKind>({"begun", "flipped", "done", "failed"});
  check_words<OriginKind>({"cli", "page", "scenario", "run", "branch"});
}

TEST_CASE("an origin is a kind and perhaps a name, and is written as it was read", "[words]") {
  for (const char* const text : {"", "cli", "page", "page:anna", "cli:", "scenario", "page:a:b", ":", ":x", "robot", "robot:7"}) {
    CHECK(Origin(text).text() == text);
  }
  CHECK(Origin("page:anna").kind() == OriginKind::page);
  CHECK(Origin("page:anna").name() == "anna");
  CHECK(Origin("page:a:b").name() == "a:b");
  CHECK(Origin("robot:7").kind() == OriginKind::other);
  CHECK(Origin("page:") != Origin("page"));
}

TEST_CASE("every origin but the recorder's own is somebody's", "[words]") {
  for (const char* const own : {"scenario", "run", "branch", "scenario:x"}) CHECK(Origin(own).is_recorders_own());
  for (const char* const typed : {"cli", "page", "page:anna", "robot", "", "runs"}) CHECK_FALSE(Origin(typed).is_recorders_own());
}

TEST_CASE("a place where events may be missing that the fabric had is a hole, and so is one that is not known", "[words]") {
  for (const char* const hole : {"reel", "recorder", "later", ""}) CHECK(is_hole(GapWhere(hole)));
  for (const char* const none : {"before-fabric", "after-fabric", "cut-off"}) CHECK_FALSE(is_hole(GapWhere(none)));
}

TEST_CASE("a lab's end is read from its sentence", "[words]") {
  CHECK(end_text(EndCause::scenario_done) == "the scenario is done");
  CHECK(end_text(EndCause::time_over) == "the time given with --for is over");
  CHECK(end_text(EndCause::stopped) == "stopped");
  CHECK(end_text(EndCause::interrupted) == "interrupted");
  CHECK(end_text(EndCause::terminated) == "terminated");
  CHECK(end_text(EndCause::capture_ended) == "the capture ends");
  CHECK(end_text(EndCause::failed, "no node r9") == "failed: no node r9");
  CHECK(end_text(EndCause::reel_unwritable, "full") == "the reel cannot be written: full");
  CHECK(end_text(EndCause::cut_off, "killed") == "cut off: killed");
  for (std::size_t i = 0; i < words_of(EndCause{}).size(); ++i) {
    const auto cause = static_cast<EndCause>(i);
    CHECK(end_cause_of(end_text(cause)) == cause);
    CHECK((end_cause_of(end_text(cause) + "x") == cause) == (cause >= EndCause::failed));
  }
  for (const char* const other : {"", "scenario done", "Stopped", "the scenario is done twice"}) {
    CHECK(end_cause_of(other) == EndCause::other);
  }
}

TEST_CASE("a step is known by the start of its text, with a time before it or without", "[words]") {
  CHECK(step_kind_of("wait for h1: true") == StepKind::wait);
  CHECK(step_kind_of("at 5s: wait for h1: true") == StepKind::wait);
  CHECK(step_kind_of("expect of h1: true") == StepKind::expect);
  CHECK(step_kind_of("watch up on h1") == StepKind::watch);
  for (const char* const other : {"", "at ", "at 5s", "at 5s: ", "sleep 2s", "h1: wait for it", "wait"}) {
    CHECK(step_kind_of(other) == StepKind::other);
  }
}

}  // namespace labreel
