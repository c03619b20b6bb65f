// Committer: the writer's own thread. It makes pages of what the ring holds, and commits them in groups.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/page.h"
#include "store/reel_start.h"
#include "store/reel_writer.h"
#include "store/ring.h"

namespace labreel {

// The states of a reel that is written, and what moves it:
//
//   well     a commit fails for want of room -> full; any other failure, also for want of memory -> broken
//   full     tried again every interval; a commit works -> well; another failure -> broken
//   broken   nothing is written any more: after a failed fsync no one knows what the disk holds
//
// In all of them the ring keeps what is not committed; seal() works from `well` and `full` only.
class Committer {
 public:
  Committer(const std::string& path, const ReelOptions& options, ReelStart start, Ring& ring,
            const std::atomic<std::uint64_t>& appended);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // The appending thread's.
  void appended(std::uint64_t bytes) {
    unannounced_bytes_ += bytes;
    if (unannounced_bytes_ >= page_bytes_) announce();
  }
  // Waits until the ring has room; false if it will not have any, because the reel cannot be written.
  bool wait_for_room(std::uint64_t bytes);
  void count_refused(std::uint64_t events);

  void note(std::string_view kind, std::string_view detail);
  std::vector<HostNote> notes_so_far() const;
  std::vector<std::string> pages_from(std::uint64_t first, std::size_t max_bytes);
  WriterState state() const;
  void seal();
  // After it: what was sealed is not there.
  void say_lost(const std::string& failure) { set_failure(failure); }

 private:
  using Clock = std::chrono::steady_clock;
  // Where the next page begins.
  struct Next {
    RingPoint point;
    std::uint64_t number = 0;
    Word128 previous_hash;
  };
  enum class Extent { full_pages, everything };

  void announce();
  void stop_thread();
  void run();
  template <class Work>
  void attempt(const Work& work);
  void write(Extent extent);
  void write_pages(Extent extent);
  void write_notes();
  void commit();
  void finish();
  void fail(const DatabaseError& error);
  void forget_uncommitted();
  void forget_lost_transaction();
  void set_failure(const std::string& failure);
  std::string page_image(std::uint64_t number) const;  // for readers: of a committed or written page
  std::optional<PageHead> compose(Next& next, std::uint64_t until, Extent extent, PageBuffer& out) const;
  void learn(const PageView& page);
  bool is_calm() const;
  void catch_up();

  const std::string path_;
  const std::uint64_t page_bytes_;
  const std::uint64_t commit_bytes_;
  const Clock::duration interval_;
  const std::function<void(const std::string&)> on_failure_;
  const Word128 lab_id_;
  Ring& ring_;
  const std::atomic<std::uint64_t>& appended_;
  std::uint64_t unannounced_bytes_ = 0;
  std::atomic<bool> announced_ = false;  // since the writing thread last looked

  // Guarded by file_mutex_: what is written, and how far.
  mutable std::mutex file_mutex_;
  std::unique_ptr<ReelFile> file_;
  Next written_;    // inserted
  Next committed_;  // COMMIT returned
  std::vector<std::uint64_t> page_seqs_;  // the first seq of each page
  std::uint64_t notes_written_ = 0;
  std::uint64_t notes_committed_ = 0;
  std::uint64_t uncommitted_bytes_ = 0;
  Clock::time_point last_commit_;
  std::uint64_t calm_from_ = 0;  // position at the last tick of the interval
  PageBuffer buffer_;
  DigestChain digest_;
  IndexBuilder index_;
  std::uint64_t indexed_ = 0;  // seq
  bool sealed_ = false;

  mutable std::mutex notes_mutex_;
  std::vector<HostNote> notes_;
  std::uint64_t notes_bytes_ = 0;  // with what a reader counts beside them
  bool leaves_notes_out_ = false;

  // Guarded by state_mutex_.
  mutable std::mutex state_mutex_;
  std::condition_variable wake_;
  std::condition_variable room_;
  WriterState state_;
  bool broken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace labreel
