#include "engine/core/fabric.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

struct Pair : TestLab {
  PortId a = host("a"), b = host("b");
  explicit Pair(const CableSettings& out, std::uint64_t seed = 1) : TestLab(seed) { link(a, b, out, {}); }
};

}  // namespace

TEST_CASE("loss drops the share that it says, the same frames on every run", "[core]") {
  const auto run = [](std::uint64_t seed) {
    Pair lab({.loss_ppb = kCertain_ppb / 10}, seed);
    std::vector<std::uint64_t> lost;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const Copy copy = lab.send_one(lab.a, frame_between(1, 2));
      REQUIRE(copy.port == lab.b);
      if (copy.reason == Reason::loss) lost.push_back(i);
      lab.drain();
    }
    return lost;
  };
  const auto lost = run(1);
  CHECK(lost.size() > 2'000 - 6 * 43);
  CHECK(lost.size() < 2'000 + 6 * 43);
  CHECK(run(1) == lost);
  CHECK(run(2) != lost);
}

TEST_CASE("one impairment does not shift the draws of another", "[core]") {
  Pair plain({.delay_ns = 1'000, .jitter_ns = 500});
  Pair lossy({.delay_ns = 1'000, .jitter_ns = 500, .loss_ppb = kCertain_ppb / 2});
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    plain.at_ns = lossy.at_ns = i * 10'000;
    const Copy copy = lossy.send_one(lossy.a, frame_between(1, 2));
    const Copy other = plain.send_one(plain.a, frame_between(1, 2));
    if (copy.scheduled()) REQUIRE(copy.due == other.due);
  }
}

TEST_CASE("a link added elsewhere does not shift a stream", "[core]") {
  TestLab first;
  TestLab second;
  second.link(second.host("x"), second.host("y"), {.loss_ppb = kCertain_ppb / 2});
  const CableSettings lossy{.loss_ppb = kCertain_ppb / 3};
  const PortId a1 = first.host("a"), b1 = first.host("b");
  first.link(a1, b1, lossy);
  const PortId a2 = second.host("a"), b2 = second.host("b");
  second.link(a2, b2, lossy);
  for (int i = 0; i < 500; ++i) {
    second.send(PortId{0}, frame_between(1, 2));
    REQUIRE(first.send_one(a1, frame_between(1, 2)).reason == second.send_one(a2, frame_between(1, 2)).reason);
  }
}

TEST_CASE("after a change of settings the draws do not depend on how many frames came before", "[core]") {
  const auto lost_after = [](int frames_before, int changes) {
    Pair lab({});
    for (int i = 0; i < frames_before; ++i) lab.send(lab.a, frame_between(1, 2));
    for (int i = 0; i < changes; ++i) lab.set(lab.a, {.loss_ppb = kCertain_ppb / 4});
    std::vector<bool> lost;
    for (int i = 0; i < 500; ++i) lost.push_back(!lab.send_one(lab.a, frame_between(1, 2)).scheduled());
    return lost;
  };
  CHECK(lost_after(0, 1) == lost_after(17, 1));
  CHECK(lost_after(0, 1) != lost_after(0, 2));  // a second change is not a repetition of the first
}

TEST_CASE("jitter stays within its bounds and never reorders", "[core]") {
  Pair lab({.delay_ns = 1'000, .jitter_ns = 400});
  std::uint64_t least_ns = ~0ULL;
  std::uint64_t most_ns = 0;
  for (int i = 0; i < 2'000; ++i) {
    lab.at_ns += 10'000;
    const std::uint64_t delay_ns = lab.send_one(lab.a, frame_between(1, 2)).due.ns - lab.at_ns;
    least_ns = std::min(least_ns, delay_ns);
    most_ns = std::max(most_ns, delay_ns);
  }
  CHECK(least_ns >= 600);
  CHECK(least_ns < 620);
  CHECK(most_ns <= 1'400);
  CHECK(most_ns > 1'380);
  LabTime before;
  for (int i = 0; i < 2'000; ++i) {
    lab.at_ns += 10;
    const LabTime due = lab.send_one(lab.a, frame_between(1, 2)).due;
    REQUIRE(due >= before);
    before = due;
  }
}

TEST_CASE("jitter larger than the delay never delivers before the frame was sent", "[core]") {
  Pair lab({.delay_ns = 10, .jitter_ns = 1'000});
  for (int i = 0; i < 1'000; ++i) {
    lab.at_ns += 10'000;
    REQUIRE(lab.send_one(lab.a, frame_between(1, 2)).due.ns >= lab.at_ns);
  }
}

TEST_CASE("a rate spaces frames by the time that they take, rounded up", "[core]") {
  Pair lab({.rate_bps = 3'000'000'000});
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).due == LabTime{267});  // 266.67 ns
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).due == LabTime{534});
  lab.at_ns = 1'000;
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).due == LabTime{1'267});
}

TEST_CASE("a queue takes the bytes that it says and drops the rest as queue-full", "[core]") {
  Pair lab({.rate_bps = 8'000, .queue_bytes = 300});  // one byte a millisecond
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).scheduled());
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).scheduled());
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).scheduled());
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)) == Copy{.port = lab.b, .reason = Reason::queue_full, .due = {}});
  const auto queues = lab.fabric.queues(LabTime{0});
  REQUIRE(queues.size() == 1);
  CHECK(queues[0].port == lab.a);
  CHECK(queues[0].bytes == 300);
  CHECK(lab.fabric.queues(LabTime{100 * kMillisecond_ns})[0].bytes == 200);
  lab.at_ns = 100 * kMillisecond_ns;
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).due == LabTime{400 * kMillisecond_ns});
}

TEST_CASE("a frame larger than the queue passes when nothing is before it", "[core]") {
  Pair lab({.rate_bps = 8'000, .queue_bytes = 10});
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 100)).scheduled());
  CHECK(lab.send_one(lab.a, frame_between(1, 2, 14)).reason == Reason::queue_full);
}

TEST_CASE("a duplicate is a second copy with its flag, and obeys the rate", "[core]") {
  Pair lab({.rate_bps = 8'000, .duplicate_ppb = kCertain_ppb});
  const auto copies = lab.send(lab.a, frame_between(1, 2, 100));
  REQUIRE(copies.size() == 2);
  CHECK(copies[0] == Copy{.port = lab.b, .due = LabTime{100 * kMillisecond_ns}});
  CHECK(copies[1] == Copy{.port = lab.b, .flags = kDuplicated, .due = LabTime{200 * kMillisecond_ns}});
}

TEST_CASE("a corrupted copy differs from its frame in the one bit that it names", "[core]") {
  Pair lab({.corrupt_ppb = kCertain_ppb});
  std::string frame = frame_between(1, 2);
  std::uint64_t bits_seen = 0;
  for (int i = 0; i < 200; ++i) {
    const Copy copy = lab.send_one(lab.a, frame);
    REQUIRE((copy.flags & kCorrupted) != 0);
    REQUIRE(copy.corrupt_byte < frame.size());
    std::string expected = frame;
    expected[copy.corrupt_byte] = static_cast<char>(expected[copy.corrupt_byte] ^ (1 << copy.corrupt_bit()));
    const auto taken = lab.drain();
    REQUIRE(taken.size() == 1);
    REQUIRE(taken[0].bytes == expected);
    bits_seen |= 1ULL << copy.corrupt_bit();
  }
  CHECK(bits_seen == 0xff);
}

TEST_CASE("one corrupted copy leaves the other copies of its frame whole", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a"), b = lab.host("b"), c = lab.host("c");
  lab.lan("office", {a, b, c});
  lab.set(b, {.corrupt_ppb = kCertain_ppb}, Direction::in);
  const std::string frame = frame_between(1, 255);
  lab.send(a, frame);
  const auto taken = lab.drain();
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].bytes != frame);
  CHECK(taken[1].bytes == frame);
}

TEST_CASE("the bytes of all that comes due together stay as they are until time passes, corrupted or not", "[core]") {
  Pair lab({.corrupt_ppb = kCertain_ppb / 2});
  std::vector<Copy> copies;
  for (std::size_t i = 0; i < 100; ++i) copies.push_back(lab.send_one(lab.a, frame_between(1, 2, 64 + i)));
  std::vector<Bytes> taken;
  lab.fabric.drain([&](const Delivery& delivery) { taken.push_back(delivery.bytes); });
  REQUIRE(taken.size() == copies.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::string expected = frame_between(1, 2, 64 + i);
    if ((copies[i].flags & kCorrupted) != 0) {
      expected[copies[i].corrupt_byte] = static_cast<char>(expected[copies[i].corrupt_byte] ^ (1 << copies[i].corrupt_bit()));
    }
    REQUIRE(std::string(reinterpret_cast<const char*>(taken[i].data()), taken[i].size()) == expected);
  }
}

TEST_CASE("a reordered copy skips the delay and overtakes", "[core]") {
  Pair lab({.delay_ns = 1'000});
  lab.send(lab.a, frame_between(1, 2));
  lab.set(lab.a, {.delay_ns = 1'000, .reorder_ppb = kCertain_ppb});
  lab.at_ns = 10;
  CHECK(lab.send_one(lab.a, frame_between(1, 2)) == Copy{.port = lab.b, .flags = kReordered, .due = LabTime{10}});
  lab.set(lab.a, {.delay_ns = 1'000});
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == LabTime{1'010});
}

TEST_CASE("a live change touches only frames that arrive after it, and never reorders", "[core]") {
  Pair lab({.delay_ns = 1'000});
  lab.send(lab.a, frame_between(1, 2));
  lab.at_ns = 10;
  lab.set(lab.a, {.delay_ns = 100});
  CHECK(lab.fabric.in_flight()[0].due == LabTime{1'000});
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == LabTime{1'000});
  lab.set(lab.a, {});
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == LabTime{1'000});
  lab.at_ns = 2'000;
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == LabTime{2'000});
}

TEST_CASE("times near the end of all time saturate", "[core]") {
  Pair lab({.delay_ns = 1'000, .jitter_ns = 7, .rate_bps = 1});
  lab.at_ns = kNever.ns - 5;
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == kNever);
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).scheduled());
  CHECK(lab.take(kNever.ns).size() == 2);
  const auto restored = Fabric::restore(lab.fabric.save());
  CHECK(restored.ok());
}

}  // namespace labreel
