// Each rule of a saved state, broken alone: restoring says which one.
#include <functional>

#include "tests/engine/core/saved_state.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

constexpr std::uint64_t kNow_ns = 1'000;

// A lab that has a part of every kind in its saved state.
struct Full : TestLab {
  PortId a = host("a"), b = host("b"), c = host("c");
  LanId office = lan("office", {a, b, c});
  PortId d = host("d"), e = host("e");
  LanId attic = lan("attic", {d, e});
  PortId f = host("f"), g = host("g");
  LinkId cable = link(f, g, {.delay_ns = 5'000'000, .rate_bps = 8'000'000}, {});  // one byte a microsecond

  Full() {
    set(b, {.delay_ns = kMillisecond_ns, .corrupt_ppb = kCertain_ppb}, Direction::in);
    at_ns = 500;
    apply(Marker{});
    at_ns = kNow_ns;
    send(a, frame_between(1, 255));  // frame 1: flies to b, corrupted; c has it
    drain();
    send(d, frame_between(4, 255));  // frame 2: waits to be taken
    send(e, frame_between(5, 4));    // frame 3: refused
    REQUIRE(fabric.refuse(Seq{3}, 0, LabTime{at_ns}).ok());
    send(f, frame_between(6, 7, 100));  // frames 4 and 5 fly to g
    send(f, frame_between(6, 7, 100));
  }
  SavedState saved() const { return SavedState::of(fabric.save()); }
  static constexpr std::size_t out(PortId port) { return 2 * index_of(port); }  // a place among the saved cables
};

// Returns why a state with one part changed is refused; nothing if it is not.
std::string refusal(const std::function<void(SavedState&)>& change) {
  SavedState state = Full().saved();
  change(state);
  const auto restored = Fabric::restore(state.bytes());
  return restored ? std::string() : restored.error().what;
}

}  // namespace

TEST_CASE("a saved state has the parts that its tests change", "[core][hostile]") {
  const Full lab;
  const SavedState state = lab.saved();
  CHECK(state.bytes() == lab.fabric.save());
  CHECK((state.now.ns == kNow_ns && state.event_at.ns == kNow_ns && state.refusable_at.ns == 500));
  REQUIRE(state.flying.size() == 3);
  CHECK(state.flying[0].to == lab.b);
  CHECK((state.flying[0].flags & kCorrupted) != 0);
  REQUIRE(state.due.size() == 3);
  CHECK(state.taken == 1);
  CHECK((!state.due[1].refused && state.due[2].refused));
  CHECK(state.cables[Full::out(lab.f)].busy.size() == 1);
  CHECK(state.cables[Full::out(lab.f)].floors.size() == 1);
  CHECK(state.mac_tables[index_of(lab.attic)].size() == 2);
  CHECK(refusal([](SavedState&) {}).empty());
}

TEST_CASE("a saved state's head and times are checked", "[core][hostile]") {
  CHECK_THAT(refusal([](SavedState& s) { ++s.head[0]; }), Catch::Contains("does not begin as one"));
  CHECK_THAT(refusal([](SavedState& s) { ++s.head[1]; }), Catch::Contains("its layout"));
  CHECK_THAT(refusal([](SavedState& s) { ++s.head[2]; }), Catch::Contains("fabric version 2"));
  CHECK_THAT(refusal([](SavedState& s) { s.event_at = s.now + 1; }), Catch::Contains("times are out of order"));
  CHECK_THAT(refusal([](SavedState& s) { s.refusable_at = s.event_at + 1; }),
             Catch::Contains("times are out of order"));
  CHECK(refusal([](SavedState& s) { s.refusable_at = s.event_at; }).empty());
}

TEST_CASE("a saved cable's spans and floors are checked", "[core][hostile]") {
  const auto with_busy = [](std::vector<BusySpan> busy) {
    return refusal([&](SavedState& s) { s.cables[Full::out(PortId{5})].busy = busy; });
  };
  const auto span = [](std::uint64_t begin, std::uint64_t end) { return BusySpan{LabTime{begin}, LabTime{end}}; };
  CHECK(with_busy({span(1'000, 1'001), span(1'002, 1'003)}).empty());
  CHECK_THAT(with_busy({span(999, 2'000)}), Catch::Contains("past or empty"));
  CHECK_THAT(with_busy({span(1'000, 1'000)}), Catch::Contains("past or empty"));
  CHECK_THAT(with_busy({span(1'001, 1'000)}), Catch::Contains("past or empty"));
  CHECK_THAT(with_busy({span(1'000, 1'001), span(1'001, 1'002)}), Catch::Contains("spans are not in order"));
  CHECK_THAT(with_busy({span(2'000, 3'000), span(1'000, 1'001)}), Catch::Contains("spans are not in order"));

  const auto with_floors = [](std::vector<OrderFloor> floors) {
    return refusal([&](SavedState& s) { s.cables[Full::out(PortId{5}) + 1].floors = floors; });
  };
  const auto floor = [](std::uint32_t source, std::uint64_t serialised, std::uint64_t due) {
    return OrderFloor{PortId{source}, LabTime{serialised}, LabTime{due}};
  };
  CHECK(with_floors({floor(0, 0, 1'001), floor(6, 1'001, 1'001)}).empty());
  CHECK_THAT(with_floors({floor(7, 0, 2'000)}), Catch::Contains("a port that never was"));
  CHECK_THAT(with_floors({floor(8, 0, 2'000)}), Catch::Contains("a port that never was"));
  CHECK_THAT(with_floors({floor(0, 0, 1'000)}), Catch::Contains("has no effect"));
  CHECK_THAT(with_floors({floor(0, 2'001, 2'000)}), Catch::Contains("has no effect"));
  CHECK_THAT(with_floors({floor(1, 0, 2'000), floor(1, 0, 2'000)}), Catch::Contains("floors are not in order"));
  CHECK_THAT(with_floors({floor(1, 0, 2'000), floor(0, 0, 2'000)}), Catch::Contains("floors are not in order"));
}

TEST_CASE("a saved lan's addresses are checked", "[core][hostile]") {
  constexpr std::uint64_t kAgeing_ns = LanAdded{}.ageing_ns;
  const auto with = [](std::vector<MacTable::Entry> entries, std::uint64_t now_ns = kNow_ns) {
    return refusal([&](SavedState& s) {
      s.mac_tables[1] = entries;
      if (now_ns == kNow_ns) return;
      // Later, with nothing that flies, waits or is busy.
      s.now = LabTime{now_ns};
      s.mac_tables[0].clear();
      for (SavedState::Cable& cable : s.cables) cable = {};
      s.counts.copies -= s.flying.size();
      s.frames.clear();
      s.flying.clear();
      s.due.clear();
      s.taken = 0;
    });
  };
  const auto entry = [](std::uint64_t mac, std::uint32_t port, std::uint64_t learned) {
    return MacTable::Entry{mac, PortId{port}, LabTime{learned}};
  };
  CHECK(with({entry(0, 3, 0), entry(0xfeff'ffff'ffff, 4, 0), entry(2, 4, kNow_ns)}).empty());
  CHECK_THAT(with({entry(std::uint64_t{1} << 48U, 3, 0)}), Catch::Contains("a remembered address"));
  CHECK_THAT(with({entry(std::uint64_t{1} << 40U, 3, 0)}), Catch::Contains("a remembered address"));
  CHECK_THAT(with({entry(1, 2, 0)}), Catch::Contains("an address of another lan"));
  CHECK_THAT(with({entry(1, 7, 0)}), Catch::Contains("an address of another lan"));
  CHECK_THAT(with({entry(1, 3, kNow_ns + 1)}), Catch::Contains("learned out of order"));
  CHECK_THAT(with({entry(1, 3, 2), entry(2, 3, 1)}), Catch::Contains("learned out of order"));
  CHECK_THAT(with({entry(1, 3, 1), entry(1, 3, 1)}), Catch::Contains("remembered twice"));
  CHECK(with({entry(1, 3, 1)}, kAgeing_ns).empty());
  CHECK_THAT(with({entry(1, 3, 0)}, kAgeing_ns), Catch::Contains("too old"));
  CHECK_THAT(with({entry(1, 3, 0)}, kAgeing_ns + 1), Catch::Contains("too old"));
}

TEST_CASE("a lan remembers no more saved addresses than its limit", "[core][hostile]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.lan("office", {a}, {.lan = {}, .name = {}, .mac_limit = 2});
  SavedState state = SavedState::of(lab.fabric.save());
  state.mac_tables[0] = {{1, a, {}}, {2, a, {}}};
  CHECK(Fabric::restore(state.bytes()).ok());
  state.mac_tables[0].push_back({3, a, {}});
  const auto restored = Fabric::restore(state.bytes());
  REQUIRE_FALSE(restored.ok());
  CHECK_THAT(restored.error().what, Catch::Contains("more than its limit"));
}

TEST_CASE("a saved state's frames are checked", "[core][hostile]") {
  CHECK_THAT(refusal([](SavedState& s) { s.frames[0].seq = Seq{0}; }), Catch::Contains("out of order"));
  CHECK_THAT(refusal([](SavedState& s) { s.frames[1].seq = s.frames[0].seq; }), Catch::Contains("out of order"));
  CHECK_THAT(refusal([](SavedState& s) { std::swap(s.frames[0], s.frames[1]); }), Catch::Contains("out of order"));
  CHECK_THAT(refusal([](SavedState& s) { s.frames[0].from = PortId{7}; }),
             Catch::Contains("from a port that never was"));
  CHECK_THAT(refusal([](SavedState& s) { s.frames[0].bytes.clear(); }), Catch::Contains("a frame's length"));
  CHECK_THAT(refusal([](SavedState& s) { s.frames[0].bytes.resize(65'536 + 19); }),
             Catch::Contains("a frame's length"));
  CHECK_THAT(refusal([](SavedState& s) {
               s.frames.push_back({Seq{9}, PortId{0}, "x"});
             }),
             Catch::Contains("held for no copy"));
}

TEST_CASE("each saved copy is checked, whether it flies or came due", "[core][hostile]") {
  const auto changed = [](const std::function<void(Flight&, const SavedState&)>& change) {
    const std::string flying = refusal([&](SavedState& s) { change(s.flying[1], s); });
    const std::string due = refusal([&](SavedState& s) { change(s.due[1], s); });
    CHECK(flying == due);
    return flying;
  };
  CHECK_THAT(changed([](Flight& f, auto&) { f.to = PortId{7}; }), Catch::Contains("flies to a port that never was"));
  CHECK_THAT(changed([](Flight& f, auto& s) { f.frame = s.last_frame.next(); }),
             Catch::Contains("a frame that never was"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.frame = Seq{0}; }), Catch::Contains("a frame that never was"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.handed_over = f.due + 1; }),
             Catch::Contains("before it was handed over"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.corrupt_byte = 1; }), Catch::Contains("a copy's flags"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.flags = 1U << 5U; }), Catch::Contains("a copy's flags"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.flags = 1U << 3U; }), Catch::Contains("flags that are not known"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.flags = 1U << 4U; }), Catch::Contains("flags that are not known"));
  CHECK_THAT(changed([](Flight& f, auto& s) { f.slot = static_cast<std::uint32_t>(s.frames.size()); }),
             Catch::Contains("a frame that is not there"));
  CHECK_THAT(changed([](Flight& f, auto& s) { f.slot = static_cast<std::uint32_t>(s.frames.size()) + 1; }),
             Catch::Contains("a frame that is not there"));
  CHECK_THAT(changed([](Flight& f, auto&) { f.slot = 0; }), Catch::Contains("a copy is of another frame"));
  CHECK_THAT(changed([](Flight& f, auto& s) {
               f.flags = kCorrupted;
               f.corrupt_byte = static_cast<std::uint16_t>(s.frames[f.slot].bytes.size());
             }),
             Catch::Contains("beyond its frame"));
  CHECK(changed([](Flight& f, auto&) { f.flags = kDuplicated | kReordered; }).empty());
}

TEST_CASE("a saved copy that flies is due later, and its bytes are there", "[core][hostile]") {
  CHECK_THAT(refusal([](SavedState& s) { s.flying[0].due = s.flying[0].handed_over = s.now; }),
             Catch::Contains("came due"));
  CHECK_THAT(refusal([](SavedState& s) { s.flying[0].refused = true; }), Catch::Contains("came due"));
  CHECK_THAT(refusal([](SavedState& s) { s.flying[0].slot = SavedState::kTaken; }), Catch::Contains("came due"));
  CHECK_THAT(refusal([](SavedState& s) { std::swap(s.flying[1], s.flying[2]); }), Catch::Contains("not in order"));
  CHECK_THAT(refusal([](SavedState& s) {
               REQUIRE(s.topology.apply(PortRemoved{s.flying[0].to}));
               s.mac_tables[0].clear();
             }),
             Catch::Contains("to a removed port"));
}

TEST_CASE("a saved copy that came due did so just now, and has bytes while it waits", "[core][hostile]") {
  CHECK_THAT(refusal([](SavedState& s) { s.taken = 4; }), Catch::Contains("more copies were taken than came due"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[1].slot = SavedState::kTaken; }), Catch::Contains("a copy's bytes"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[0].slot = 0; }), Catch::Contains("a copy's bytes"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[1].refused = true; }), Catch::Contains("a copy's bytes"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[2].due = s.now + 1; }), Catch::Contains("not just due"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[0].due = s.due[0].handed_over = LabTime{499}; }),
             Catch::Contains("not just due"));
  CHECK(refusal([](SavedState& s) { s.due[0].due = s.due[0].handed_over = LabTime{500}; }).empty());
  CHECK_THAT(refusal([](SavedState& s) { std::swap(s.due[1], s.due[2]); }), Catch::Contains("not in order"));
  CHECK_THAT(refusal([](SavedState& s) { s.due[2] = s.due[1]; }), Catch::Contains("not in order"));
}

TEST_CASE("a saved state's counts add up", "[core][hostile]") {
  constexpr auto kLoss = static_cast<std::size_t>(Reason::loss);
  CHECK_THAT(refusal([](SavedState& s) { s.counts.delivered = 1, s.counts.copies -= 1; }),
             Catch::Contains("more copies came due than were delivered"));
  CHECK_THAT(refusal([](SavedState& s) { ++s.counts.copies; }), Catch::Contains("do not add up"));
  CHECK_THAT(refusal([](SavedState& s) { ++s.counts.dropped[kLoss]; }), Catch::Contains("do not add up"));
  CHECK_THAT(refusal([](SavedState& s) { ++s.counts.dropped[0], ++s.counts.copies; }),
             Catch::Contains("do not add up"));
  CHECK(refusal([](SavedState& s) { ++s.counts.dropped[kLoss], ++s.counts.copies; }).empty());
}

}  // namespace labreel
