#include "recorder/player/step_player.h"

#include <catch2/catch.hpp>

#include "engine/text/text.h"
#include "recorder/player/full_screen.h"
#include "recorder/player/pacer.h"
#include "tests/determinism/reel_oracle.h"
#include "tests/player/player_reel.h"
#include "tests/replay/recorded_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// A player, and what it shows.
class Stepping {
 public:
  Stepping() {
    ListSink sink{list_};
    SmallLab{sink}.record();
    REQUIRE(fault_of(list_) == "");
    auto opened = StepPlayer::open(list_, "small.reel", "this is the end of the recording", kFirstSeq);
    REQUIRE(opened);
    player_.emplace(std::move(*opened));
  }
  Stepping& press(const std::string& keys) {
    for (const char key : keys) CHECK(player_->press(key));
    return *this;
  }
  std::uint64_t at() const { return player_->at().value; }
  std::string page(std::size_t rows = 24) {
    std::string text;
    for (const std::string& line : player_->page(rows)) {
      CHECK(printable(line) == line);
      text += line + "\n";
    }
    return text;
  }
  StepPlayer& player() { return *player_; }

 private:
  EventList list_;
  std::optional<StepPlayer> player_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the player steps forwards and backwards and stops at both ends", "[player]") {
  Stepping stepping;
  CHECK(stepping.at() == 1);
  CHECK(has(stepping.press("b").page(), "nothing is before this"));
  CHECK(stepping.press("  \n").at() == 4);
  CHECK(stepping.press("b").at() == 3);
  CHECK(stepping.press("gend\n").at() == 20);
  CHECK(has(stepping.press(" ").page(), "this is the end of the recording"));
  CHECK(stepping.at() == 20);
  CHECK_FALSE(stepping.player().press('q'));
}

TEST_CASE("a page shows the frame, the fate of its copies and the level", "[player]") {
  Stepping stepping;
  const std::string delivered = stepping.press("g10\n").page();
  CHECK(has(delivered, "event 10 of 20"));
  CHECK(has(delivered, "view level"));
  CHECK(has(delivered, "> "));
  CHECK(has(delivered, "copy 0 to h2:eth0: delivered, due at 0.300000000 s"));
  CHECK(has(delivered, "link.added"));  // what led here
  CHECK(has(stepping.press("g12\n").page(), "copy 0 to h1:eth0: dropped, link-down (later: it had been scheduled)"));
}

TEST_CASE("a command names its effects and the copies that it dropped, and they name it", "[player]") {
  Stepping stepping;
  const std::string command = stepping.press("g14\n").page();
  CHECK(has(command, "it had 1 effect\n"));
  CHECK(has(command, "it dropped 1 copy in flight: link-down"));
  const std::string effect = stepping.press(" ").page();
  CHECK(has(effect, "it dropped 1 copy in flight: link-down"));
  CHECK(has(effect, "because of "));
  CHECK(has(effect, "h1:eth0"));
}

TEST_CASE("brackets go to markers, whose note is shown and cannot steer the terminal", "[player]") {
  Stepping stepping;
  const std::string first = stepping.press("]").page();
  CHECK(stepping.at() == 9);
  CHECK(has(first, "the first ping"));
  CHECK(has(first, "leaves now \\x1b[2J"));
  CHECK(stepping.press("]").at() == 18);
  CHECK(has(stepping.press("]").page(), "no marker is behind this"));
  CHECK(stepping.press("[").at() == 9);
  CHECK(has(stepping.press("[").page(), "no marker is before this"));
}

TEST_CASE("going to a place that is not there says so and stays", "[player]") {
  Stepping stepping;
  stepping.press("g5\n");
  CHECK(has(stepping.press("g99\n").page(), "there is no event 99: the recording has events 1 to 20"));
  CHECK(has(stepping.press("gstrat\n").page(), "did you mean start?"));
  CHECK(has(stepping.press("gstart#3\n").page(), "has 2 markers of that name"));
  CHECK(stepping.at() == 5);
  CHECK(stepping.press("gstart#2\n").at() == 18);
  CHECK(stepping.press("g+250ms\n").at() == 11);
  CHECK(stepping.press("g1\x1b").at() == 11);
  CHECK(stepping.press("g19\x7f" "0\n").at() == 10);
}

TEST_CASE("a filter is a kind or a packet filter, and both directions keep to it", "[player]") {
  Stepping stepping;
  CHECK(stepping.press("/frame\n ").at() == 10);
  CHECK(stepping.press(" ").at() == 11);
  CHECK(has(stepping.page(), "only: frame"));
  CHECK(stepping.press("/arp\nb").at() == 11);
  CHECK(has(stepping.press("/icmp and\n").page(), "filter"));
  CHECK(has(stepping.page(), "only: arp"));
  CHECK(stepping.press("/\n ").at() == 12);
}

TEST_CASE("n and N follow the conversation in both directions", "[player]") {
  Stepping stepping;
  CHECK(stepping.press("g10\nn").at() == 12);
  CHECK(has(stepping.press("n").page(), "this is the conversation's last frame"));
  CHECK(stepping.press("N").at() == 10);
  CHECK(has(stepping.press("N").page(), "this is the conversation's first frame"));
  CHECK(has(stepping.press("g9\nn").page(), "this event is no packet of a conversation"));
}

TEST_CASE("the picture is of the lab at this event, also when going back", "[player]") {
  Stepping stepping;
  const std::string flying = stepping.press("g12\nt").page();
  CHECK(has(flying, "link h1:eth0 -- h2:eth0  up"));
  CHECK(has(flying, "frame 12 flies from h2:eth0 to h1:eth0"));
  CHECK(has(stepping.press("g15\n").page(), "cut"));
  CHECK_FALSE(has(stepping.page(), "flies"));
  CHECK(stepping.press("g12\n").page() == flying);
  CHECK(has(stepping.press("t").page(), "> "));
  CHECK(has(stepping.press("?").page(), "previous and next marker"));
  CHECK(has(stepping.press("?").page(), "> "));
}

TEST_CASE("f shows a frame's fields over its bytes, and j and k choose one", "[player]") {
  Stepping stepping;
  const std::string first = stepping.press("g10\nf").page();
  CHECK(has(first, "* Ethernet II"));
  CHECK(has(first, "Destination: "));
  CHECK(has(first, "eth.dst"));
  CHECK(has(first, "bytes 0 to 13 of "));
  CHECK(has(first, "* 0000  "));
  const std::string second = stepping.press("jjjj").page();
  CHECK(has(second, "*   Source: "));
  CHECK(has(second, "bytes 6 to 11 of "));
  CHECK(has(stepping.press("k").page(), "bytes 0 to 2 of "));
  CHECK(has(stepping.press(std::string(500, 'j')).page(), " of "));
  CHECK(has(stepping.press("g9\n").page(), "no frame: no fields"));
  CHECK(has(stepping.press("f").page(), "copy") == false);
  CHECK(has(stepping.press("a").page(), "everything is shown"));
}

TEST_CASE("what is wider than the terminal is seen by going sideways", "[player]") {
  Stepping stepping;
  const std::string before = stepping.press("g10\n").page();
  const std::string shifted = stepping.press(">").page();
  CHECK(has(before, "\n> "));
  CHECK_FALSE(has(shifted, "\n> "));
  CHECK(has(shifted, "h2:eth0"));
  CHECK(stepping.press("<<").page() == before);
  CHECK(stepping.press(std::string(50, '>')).page().find("h2:eth0") == std::string::npos);
}

TEST_CASE("pages fit any screen", "[player]") {
  Stepping stepping;
  stepping.press("g12\n");
  for (const char* view : {"", "t", "?", "f"}) {
    stepping.press(view);
    for (const std::size_t rows : {1U, 2U, 3U, 5U, 24U, 200U}) {
      INFO(view << ' ' << rows);
      CHECK(stepping.player().page(rows).size() <= std::max<std::size_t>(rows, 2));
    }
  }
  CHECK(cut_to("h1 → h2", 4) == "h1 →");
  CHECK(cut_to("h1", 80) == "h1");
}

TEST_CASE("lateness is counted within an eighth", "[player]") {
  Lateness late;
  for (std::uint64_t i = 1; i <= 1000; ++i) late.add(i * 1000);
  CHECK(late.count() == 1000);
  CHECK(late.max_ns() == 1'000'000);
  CHECK(late.at_percent(50) >= 500'000);
  CHECK(late.at_percent(50) <= 563'000);
  CHECK(late.at_percent(99) >= 990'000);
  CHECK(late.at_percent(100) == 1'000'000);
  Lateness least;
  least.add(0);
  CHECK(least.at_percent(99) == 0);
  least.add(~std::uint64_t{0});
  CHECK(least.at_percent(99) == ~std::uint64_t{0});
}

TEST_CASE("a pacer's moments are counted from its start", "[player]") {
  const bool stop = false;
  Pacer pacer{100};
  pacer.start(LabTime{1'000'000'000});
  for (std::uint64_t i = 0; i < 50; ++i) CHECK(pacer.wait_for(LabTime{1'000'000'000 + i * 100'000'000}, stop));
  CHECK(pacer.played_ns() >= 49'000'000);
  CHECK(pacer.lab_ns() == 4'900'000'000);
  CHECK(pacer.lateness().count() == 50);
  const bool stopped = true;
  CHECK_FALSE(pacer.wait_for(LabTime{9'000'000'000'000}, stopped));
}
