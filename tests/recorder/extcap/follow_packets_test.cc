// A live capture looks at its recorder when that has something new, and not otherwise.
#include "recorder/extcap/follow_packets.h"

#include <atomic>
#include <catch2/catch.hpp>

#include "tests/recorder/control/older_recorder.h"
#include "tests/recorder/control/served.h"
#include "tests/replay/event_list.h"

using namespace labreel;
using namespace labreel::test;
using namespace std::chrono_literals;

namespace {

class NoPackets final : public PacketWriter {
 public:
  Status begin(const Capture&) override { return ok_status(); }
  Status packet(const Packet&) override { return ok_status(); }
  Status event(std::uint64_t, Seq, const EventWords&) override { return ok_status(); }
  void end() override {}
  bool closed() const override { return false; }
};

// A capture of a lab in which nothing has happened, for so many intervals. Returns whether the lab ended meanwhile.
bool follow(ControlClient asked, ControlClient followed, int intervals, const std::function<void(int)>& at_interval = {}) {
  EventList list;
  const auto recorded = list.events(kFirstSeq, kLastSeq);
  const ExportOptions options;
  NoPackets writer;
  LivePackets packets{survey_for_export(*recorded), list.last(), options, writer};
  REQUIRE(packets.begin());
  LiveTail tail{std::move(followed)};
  int passed = 0;
  const auto ended = follow_packets(asked, tail, packets, 20ms, [&](std::chrono::milliseconds) {
    if (at_interval) at_interval(passed);
    return ++passed < intervals;
  });
  REQUIRE(ended);
  return *ended;
}

// A fake lab that counts how often it is looked at.
struct CountedLab {
  CountedLab() {
    served.lab.on_pages = [this](std::uint64_t, std::size_t) {
      ++looks;
      return std::vector<std::string>{};
    };
  }
  Served served;
  std::atomic<int> looks{0};
};

}  // namespace

TEST_CASE("a lab in which nothing happens is not looked at", "[extcap]") {
  CountedLab lab;
  CHECK_FALSE(follow(lab.served.client(), lab.served.client(), 20));
  CHECK(lab.looks <= 2);  // at its begin, and when it was told how the lab stands
}

TEST_CASE("a lab is looked at again when something has happened", "[extcap]") {
  CountedLab lab;
  int before = 0;
  CHECK_FALSE(follow(lab.served.client(), lab.served.client(), 40, [&](int interval) {
    if (interval != 20) return;
    before = lab.looks;
    lab.served.lab.happen();
  }));
  CHECK(before <= 2);
  CHECK(lab.looks == before + 1);
}

TEST_CASE("a capture hears of the lab's end", "[extcap]") {
  CountedLab lab;
  CHECK(follow(lab.served.client(), lab.served.client(), 1000, [&](int interval) {
    if (interval == 5) lab.served.lab.end();
  }));
}

TEST_CASE("a recorder that cannot tell of news is looked at after each interval", "[extcap]") {
  const OlderRecorder older;
  CHECK_FALSE(follow(older.client(), older.client(), 10));
  CHECK(older.looks() == 10);
}
