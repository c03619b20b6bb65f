// LabNews: who waits for news of a running lab, and what tells them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// Shape: any thread. Whoever waits is told once, in the thread that tells or that began to wait, and must not wait there.
//        As long as nobody waits, telling costs one load.
class LabNews {
 public:
  // Calls `news` when tell() gives other than this. Call tell() with how the lab stands right after it: what came in
  // between would go unheard.
  void wait(std::uint64_t known_events, std::string known_state, std::function<void()> news) {
    const std::lock_guard lock{lock_};
    waiting_.push_back({known_events, std::move(known_state), std::move(news)});
    is_awaited_ = true;
  }
  // Called after each change of what is told. Both atomics involved are in one order for all threads, so either this call
  // sees who waits, or the one after wait() sees what changed.
  void tell(std::uint64_t events, std::string_view state) {
    if (!is_awaited_) return;
    std::vector<Waiting> told;
    {
      const std::lock_guard lock{lock_};
      std::erase_if(waiting_, [&](Waiting& waiting) {
        if (waiting.known_events == events && waiting.known_state == state) return false;
        told.push_back(std::move(waiting));
        return true;
      });
      is_awaited_ = !waiting_.empty();
    }
    for (const Waiting& waiting : told) waiting.news();
  }

 private:
  struct Waiting {
    std::uint64_t known_events;
    std::string known_state;
    std::function<void()> news;
  };
  std::mutex lock_;
  std::vector<Waiting> waiting_;  // under lock_
  std::atomic<bool> is_awaited_{false};
};

}  // namespace labreel
