// The words of events: these texts are in reels, so a changed one fails here.
#include "engine/core/wire_words.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/core/node_death.h"

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
  check_words<NodeKindName>({"namespace", "uml", "capture"});
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
  CHECK(EndReason(EndCause::scenario_done).text() == "the scenario is done");
  CHECK(EndReason(EndCause::time_over).text() == "the time given with --for is over");
  CHECK(EndReason(EndCause::stopped).text() == "stopped");
  CHECK(EndReason(EndCause::interrupted).text() == "interrupted");
  CHECK(EndReason(EndCause::terminated).text() == "terminated");
  CHECK(EndReason(EndCause::capture_ended).text() == "the capture ends");
  CHECK(EndReason(EndCause::failed, "no node r9").text() == "failed: no node r9");
  CHECK(EndReason(EndCause::reel_unwritable, "full").text() == "the reel cannot be written: full");
  CHECK(EndReason(EndCause::cut_off, "killed").text() == "cut off: killed");
  for (std::size_t i = 0; i < words_of(EndCause{}).size(); ++i) {
    const auto cause = static_cast<EndCause>(i);
    const std::string text = EndReason(cause).text();
    CHECK(EndReason(text) == EndReason(cause));
    const EndReason longer{text + "x"};
    CHECK(longer.text() == text + "x");
    CHECK(longer.cause() == (cause >= EndCause::failed ? cause : EndCause::other));
    CHECK(longer.detail() == (cause >= EndCause::failed ? "x" : text + "x"));
  }
  for (const char* const other : {"", "scenario done", "Stopped", "the scenario is done twice"}) {
    CHECK(EndReason(other).cause() == EndCause::other);
    CHECK(EndReason(other).text() == other);
  }
  CHECK(EndReason() == EndReason(""));
}

TEST_CASE("why a node stopped is known by its sentence or the start of one, and gives its text again", "[words]") {
  const std::array<std::string, 5> texts{"stopped", "crashed", "the recorder ended", "died: ", "did not start: "};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CAPTURE(texts[i]);
    const auto cause = static_cast<StopCause>(i);
    CHECK(stop_reason_of(texts[i]) == StopReason{cause, {}});
    CHECK(text_of({cause, {}}) == texts[i]);
    const bool goes_on = cause == StopCause::died || cause == StopCause::not_started;
    const std::string longer = texts[i] + "x";
    CHECK(stop_reason_of(longer) == (goes_on ? StopReason{cause, "x"} : StopReason{StopCause::other, longer}));
  }
  const std::string zero("died:\0 ", 7);
  for (const std::string& other : {std::string{}, std::string{"Stopped"}, std::string{"died"}, std::string{"\xff\x1b"}, zero,
                                   std::string{"exited with status 1"}, std::string{" stopped"}}) {
    CHECK(stop_reason_of(other).cause == StopCause::other);
    CHECK(text_of(stop_reason_of(other)) == other);
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
