// Crew: the threads that run a window's guests side by side.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace labreel {

// Shape: member i has a list of jobs of its own, which it does in order: guests that are pinned to one CPU of the host
// wait
//        for each other here rather than in the host's scheduler.
class Crew {
 public:
  // Without members, jobs are done by the caller.
  explicit Crew(std::size_t members);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  std::size_t size() const { return members_.size(); }
  // Gives a job to a member, for the next work().
  void add(std::size_t member, std::function<void()> job);
  // Does all jobs, and returns when the last is done. An exception of a job is thrown here.
  void work();

 private:
  struct Member {
    std::vector<std::function<void()>> jobs;
    std::thread thread;
  };
  void serve(Member& member);
  void do_jobs(Member& member);

  std::vector<Member> members_;
  std::vector<std::function<void()>> own_jobs_;
  std::mutex mutex_;
  std::condition_variable begin_;
  std::condition_variable end_;
  std::size_t round_ = 0;
  std::size_t at_work_ = 0;
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace labreel
