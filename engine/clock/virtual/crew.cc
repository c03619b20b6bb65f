#include "engine/clock/virtual/crew.h"

#include <pthread.h>

#include <csignal>
#include <exception>
#include <utility>

namespace labreel {

Crew::Crew(std::size_t members) : members_(members) {
  // Signals are for the lab's thread.
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  for (Member& member : members_) member.thread = std::thread([this, &member] { serve(member); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  begin_.notify_all();
  for (Member& member : members_) member.thread.join();
}

void Crew::add(std::size_t member, std::function<void()> job) {
  (members_.empty() ? own_jobs_ : members_[member % members_.size()].jobs).push_back(std::move(job));
}

void Crew::do_jobs(Member& member) {
  try {
    for (const auto& job : member.jobs) job();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
  member.jobs.clear();
}

void Crew::serve(Member& member) {
  std::size_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return over_ || round_ != seen; });
      if (over_) return;
      seen = round_;
    }
    do_jobs(member);
    const std::lock_guard lock(mutex_);
    if (--at_work_ == 0) end_.notify_one();
  }
}

void Crew::work() {
  for (const auto& job : own_jobs_) job();
  own_jobs_.clear();
  std::size_t busy = 0;
  Member* last = nullptr;
  for (Member& member : members_) {
    if (member.jobs.empty()) continue;
    ++busy;
    last = &member;
  }
  if (busy == 1) {
    do_jobs(*last);  // nothing to do side by side: no need to wake anyone
  } else if (busy > 1) {
    std::unique_lock lock(mutex_);
    at_work_ = members_.size();
    ++round_;
    begin_.notify_all();
    end_.wait(lock, [this] { return at_work_ == 0; });
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace labreel
