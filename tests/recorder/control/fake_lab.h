// FakeLab: a LabControl without a lab: a thread that answers as a lab's thread does.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "recorder/lab_control.h"
#include "recorder/lab_news.h"

namespace labreel {

// Its execs are words: `say TEXT` (stdout), `grumble TEXT` (stderr), `flood N` (N MiB on stdout), `exit STATUS`,
// `chatter` (a line every 2 ms until it is cancelled), `hang` (nothing until it is cancelled), `stubborn` (not even
// then); anything else is not there.
// It refuses an injected frame of the bytes "refuse me".
class FakeLab final : public LabControl {
 public:
  FakeLab();
  ~FakeLab() override;

  void submit(CommandRequest request, std::function<void(CommandReply)> done) override;
  void inject(InjectRequest request, std::function<void(InjectReply)> done) override;
  void exec(std::string node, std::vector<std::string> argv, Origin by, ExecObserver observer) override;
  void cancel_exec(std::uint64_t token) override;
  void stop(Origin by, std::function<void()> done) override;
  LabStatus status() override;  // `told_status`, if it is set
  void follow(const LabStatus& known, std::function<void()> news) override;
  std::vector<std::string> pages_from(std::uint64_t first, std::size_t max_bytes) override;
  std::vector<HostNote> notes_so_far() override;

  // One event more, and the reel's end, as the lab's thread would say it; from any thread.
  void happen();
  void end();
  // How often it was asked to tell news, and how often it did.
  std::uint64_t follows() const { return follows_; }
  std::uint64_t told_news() const { return told_news_; }

  // What it was asked.
  std::vector<CommandRequest> commands() const;
  std::vector<InjectRequest> injects() const;
  std::size_t running_execs() const;
  std::uint64_t chatter_lines() const;
  // Waits until so many execs run; false after 5 s.
  bool wait_for_execs(std::size_t count) const;

  std::vector<std::string> pages;
  std::vector<HostNote> notes;
  std::optional<LabStatus> told_status;
  // Tells pages in the place of `pages`, if it is set; called on the server's thread.
  std::function<std::vector<std::string>(std::uint64_t first, std::size_t max_bytes)> on_pages;
  std::function<void()> on_stop;  // called on the lab's thread, before the answer

 private:
  void post(std::function<void()> task);
  void run();
  void start_exec(const std::vector<std::string>& argv, const ExecObserver& observer);
  void chatter();

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<CommandRequest> commands_;
  std::vector<InjectRequest> injects_;
  std::map<std::uint64_t, std::pair<std::string, ExecObserver>> execs_;
  std::uint64_t chatter_lines_ = 0;
  std::atomic<std::uint64_t> happened_{0}, follows_{0}, told_news_{0};
  std::atomic<bool> ended_{false};
  LabNews news_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace labreel
