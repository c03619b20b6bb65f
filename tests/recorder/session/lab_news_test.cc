// Who waits for news of a lab is told once, and no news is lost between the thread that waits and the one that tells.
#include "recorder/lab_news.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

using namespace labreel;

TEST_CASE("who waits for news is told once, when more happened than was known or the state is another", "[session]") {
  LabNews news;
  int told = 0;
  const auto count = [&] { ++told; };
  news.wait(7, "running", count);
  news.tell(7, "running");
  CHECK(told == 0);
  news.tell(8, "running");
  CHECK(told == 1);
  news.tell(9, "running");
  CHECK(told == 1);
  news.wait(9, "running", count);
  news.wait(8, "running", count);
  news.tell(9, "running");
  CHECK(told == 2);
  news.tell(9, "stopping");
  CHECK(told == 3);
}

TEST_CASE("who is told news may wait for more right there", "[session]") {
  LabNews news;
  std::uint64_t known = 0;
  std::function<void()> again = [&] { news.wait(++known, "running", again); };
  again();
  news.tell(1, "running");
  CHECK(known == 1);
  for (std::uint64_t events = 2; events < 5; ++events) news.tell(events, "running");
  CHECK(known == 4);
}

TEST_CASE("no news is lost between a thread that tells and one that begins to wait", "[session]") {
  constexpr std::uint64_t kRounds = 20'000;
  LabNews news;
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> seen{0};
  std::thread lab([&] {
    for (std::uint64_t round = 1; round <= kRounds; ++round) {
      events = round;
      news.tell(events, "running");
      while (seen < round) std::this_thread::yield();
    }
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    std::atomic<bool> told{false};
    news.wait(round - 1, "running", [&] { told = true; });
    news.tell(events, "running");
    while (!told && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (!told) {
      FAIL_CHECK("round " << round);
      news.tell(kRounds + 1, "running");  // nothing may still be called when `told` is gone
      seen = kRounds;
      break;
    }
    seen = round;
  }
  lab.join();
}
