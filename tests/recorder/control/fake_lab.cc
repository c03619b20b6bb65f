#include "tests/recorder/control/fake_lab.h"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace labreel {

using namespace std::chrono_literals;

FakeLab::FakeLab() : thread_([this] { run(); }) {}

FakeLab::~FakeLab() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FakeLab::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void FakeLab::run() {
  std::unique_lock lock(mutex_);
  while (!over_ || !tasks_.empty()) {
    if (tasks_.empty()) {
      changed_.wait_for(lock, 2ms);
      lock.unlock();
      chatter();
      lock.lock();
      continue;
    }
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void FakeLab::submit(CommandRequest request, std::function<void(CommandReply)> done) {
  post([this, request = std::move(request), done = std::move(done)] {
    CommandReply reply;
    {
      const std::lock_guard lock(mutex_);
      commands_.push_back(request);
      reply.command = Seq{commands_.size()};
    }
    if (request.verb == "never.answered") return;
    reply.ok = request.verb == "mark";
    if (!reply.ok) reply.error = "no command " + request.verb;
    done(reply);
  });
}

void FakeLab::inject(InjectRequest request, std::function<void(InjectReply)> done) {
  post([this, request = std::move(request), done = std::move(done)] {
    InjectReply reply{.last = {.ok = true}};
    for (std::size_t i = 0; i < request.frames.size() && reply.last.ok; ++i) {
      reply.last = CommandReply{.ok = request.frames[i].bytes != "refuse me", .command = Seq{100 + i}};
      if (!reply.last.ok) reply.last.error = "refused";
      reply.commands.push_back(reply.last.command);
    }
    {
      const std::lock_guard lock(mutex_);
      injects_.push_back(request);
    }
    done(reply);
  });
}

void FakeLab::exec(std::string, std::vector<std::string> argv, Origin, ExecObserver observer) {
  post([this, argv = std::move(argv), observer = std::move(observer)] { start_exec(argv, observer); });
}

void FakeLab::start_exec(const std::vector<std::string>& argv, const ExecObserver& observer) {
  const std::string& program = argv.at(0);
  if (program == "say") return observer.output(Stream::stdout_stream, argv.at(1)), observer.done(0, "");
  if (program == "grumble") return observer.output(Stream::stderr_stream, argv.at(1)), observer.done(1, "");
  if (program == "exit") return observer.done(std::stoi(argv.at(1)), "");
  if (program == "flood") {
    std::string block(1 << 20, '\0');
    for (int i = 0; i < std::stoi(argv.at(1)); ++i) {
      for (std::size_t at = 0; at < block.size(); ++at) {
        block[at] = static_cast<char>(at + static_cast<std::size_t>(i));
      }
      observer.output(Stream::stdout_stream, block);
    }
    return observer.done(0, "");
  }
  if (program == "hang" || program == "chatter" || program == "stubborn") {
    {
      const std::lock_guard lock(mutex_);
      execs_.emplace(observer.token, std::pair(program, observer));
    }
    changed_.notify_all();
    return;
  }
  observer.done(127, program + ": not found");
}

void FakeLab::chatter() {
  std::vector<ExecObserver> talkers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [token, exec] : execs_) {
      if (exec.first == "chatter") talkers.push_back(exec.second);
    }
    chatter_lines_ += talkers.size();
  }
  for (const auto& talker : talkers) talker.output(Stream::stdout_stream, "a line\n");
}

void FakeLab::cancel_exec(std::uint64_t token) {
  post([this, token] {
    ExecObserver cancelled;
    {
      const std::lock_guard lock(mutex_);
      const auto exec = execs_.find(token);
      if (exec == execs_.end() || exec->second.first == "stubborn") return;
      cancelled = exec->second.second;
      execs_.erase(exec);
    }
    cancelled.done(137, "");
  });
}

void FakeLab::stop(Origin, std::function<void()> done) {
  post([this, done = std::move(done)] {
    if (on_stop) on_stop();
    done();
  });
}

LabStatus FakeLab::status() {
  if (told_status) return *told_status;
  return LabStatus{"fake", "/tmp/fake.reel", "/tmp/fake.yaml", ::getpid(), 12'500'000'000, 7 + happened_, 3, 2,
                   ended_ ? std::string(kEndedState) : "running"};
}

void FakeLab::follow(const LabStatus& known, std::function<void()> news) {
  ++follows_;
  news_.wait(known.events, known.state, [this, news = std::move(news)] {
    ++told_news_;
    news();
  });
  const LabStatus now = status();
  news_.tell(now.events, now.state);
}

void FakeLab::happen() {
  ++happened_;
  const LabStatus now = status();
  news_.tell(now.events, now.state);
}

void FakeLab::end() {
  ended_ = true;
  const LabStatus now = status();
  news_.tell(now.events, now.state);
}

std::vector<std::string> FakeLab::pages_from(std::uint64_t first, std::size_t max_bytes) {
  if (on_pages) return on_pages(first, max_bytes);
  std::vector<std::string> some;
  std::size_t bytes = 0;
  for (std::size_t i = first; i < pages.size() && (some.empty() || bytes + pages[i].size() <= max_bytes); ++i) {
    bytes += pages[i].size();
    some.push_back(pages[i]);
  }
  return some;
}

std::vector<HostNote> FakeLab::notes_so_far() { return notes; }

std::vector<CommandRequest> FakeLab::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

std::vector<InjectRequest> FakeLab::injects() const {
  const std::lock_guard lock(mutex_);
  return injects_;
}

std::size_t FakeLab::running_execs() const {
  const std::lock_guard lock(mutex_);
  return execs_.size();
}

std::uint64_t FakeLab::chatter_lines() const {
  const std::lock_guard lock(mutex_);
  return chatter_lines_;
}

bool FakeLab::wait_for_execs(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 5s, [&] { return execs_.size() == count; });
}

}  // namespace labreel
