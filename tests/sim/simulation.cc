#include "tests/sim/simulation.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "recorder/session/continuation.h"
#include "recorder/session/lab_session.h"
#include "recorder/session/lossy_sink.h"
#include "tests/sim/machines.h"
#include "tests/sim/oracle.h"
#include "tests/sim/random_words.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/story.h"
#include "tests/sim/world.h"

namespace labreel::sim {
namespace {

constexpr std::uint64_t kMillisecond_ns = 1'000'000;
constexpr std::uint64_t kSecond_ns = 1'000'000'000;
constexpr std::uint64_t kLabTime_max_ns = 120 * kSecond_ns;

constexpr std::size_t kLinesTold = 40;
constexpr std::uint64_t kLives_max = 4;  // a recording and those that go on with it

// What happens to the reel while the lab runs.
enum class Accident { none, killed, full_for_a_while, full_for_good, failed_fsync };
constexpr std::string_view kAccidentNames[] = {"none", "killed", "full for a while", "full for good", "failed fsync"};

struct Killed {};  // thrown out of the loop: the recorder ends here

class SimEngine final : public LabEngine {
 public:
  SimEngine(Fabric fabric, LabTime begin, std::uint64_t seed, const Temper& temper, World& world, EventSink& sink)
      : fabric_(std::move(fabric)), loop_(fabric_, sink, begin), machines_(seed, temper, world, loop_) {}
  Fabric& fabric() override { return fabric_; }
  LabLoop& loop() override { return loop_; }
  NodeDriver& driver() override { return machines_; }

 private:
  Fabric fabric_;
  RealTimeLoop loop_;
  Machines machines_;
};

ReelOptions random_reel_options(Dice& dice) {
  ReelOptions options;
  options.page_bytes = 4096U << dice.number(4);
  // Small rings fill up: then append waits, or refuses after a failure. A frame and a checkpoint must fit half of one.
  options.ring_pages = (dice.percent(30) ? (1U << 17U) : (1U << 23U)) / options.page_bytes;
  options.commit_bytes = 16U << (10 + dice.number(5));
  options.commit_interval_ms = 1 + dice.number(4);
  return options;
}

Temper random_temper(Dice& dice) {
  Temper temper;
  if (dice.percent(20)) temper.fails_to_start = 20;
  if (dice.percent(40)) temper.dies_per_10000_acts = dice.number(60);
  if (dice.percent(50)) temper.stops_reading = dice.number(60);
  return temper;
}

constexpr int kGapPolls = 10'000;  // a second of lab time

class Simulation {
 public:
  Simulation(std::uint64_t seed, const std::string& folder)
      : seed_(seed), dice_(seed, 's'), shim_(disk_), path_(folder + "/sim.reel") {}

  SimResult run() {
    file_ = random_lab();
    writer_ = ReelWriter::create(path_, random_reel_options(dice_));
    story_ = std::make_unique<Story>(*writer_);
    live(Fabric{file_.seed}, LabTime{}, std::nullopt);
    result_.accident = kAccidentNames[static_cast<std::size_t>(accident_)];
    while (result_.complaint.empty() && lives_ < kLives_max && may_go_on_ && (dice_.percent(50) || killed_in_gap_)) go_on();
    if (!result_.complaint.empty()) result_.story = end_of_story(kLinesTold);
    return result_;
  }

  std::string end_of_story(std::size_t lines) const { return story_ ? story_->end(lines) : std::string{}; }

 private:
  LabFile random_lab() {
    Dice lab_dice{seed_ + lives_, 'l'};
    auto file = parse_lab_file(random_lab_file(lab_dice), "sim.yml");
    if (!file) throw std::runtime_error("the lab file is refused: " + file.error().place + ": " + file.error().what);
    return std::move(*file);
  }

  // A later recorder goes on with the reel, often with another topology of the same lab.
  void go_on() {
    if (dice_.percent(50)) {
      LabFile changed = random_lab();
      changed.name = file_.name;
      changed.seed = file_.seed;
      file_ = std::move(changed);
    }
    auto old = read_continuation(path_, file_);
    if (!old) throw std::runtime_error("the reel cannot be gone on with: " + old.error().what);
    auto writer = ReelWriter::reopen(path_, random_reel_options(dice_));
    if (!writer) throw std::runtime_error("the reel cannot be written again: " + writer.error().what);
    writer_ = std::move(*writer);
    if (writer_->next_seq() != old->last.next()) throw std::runtime_error("the reel goes on at another event");
    story_->go_on(*writer_, old->last);
    forgotten_ += frames_seen_ - old->fabric.counts().frames;
    if (old->old_run.unproved) ++result_.went_on_in_gap;
    live(std::move(old->fabric), old->time, std::move(old->old_run));
  }

  // One recorder, from its start to its end, whatever that is; and what it left.
  void live(Fabric fabric, LabTime begin, std::optional<OldRun> old_run) {
    world_.reset();
    world_.emplace(seed_ + lives_++);
    accident_ = Accident::none;
    killed_in_gap_ = false;
    moments_.clear();
    backlog_percent_ = 0;
    EventSink& sink = choose_sink();
    engine_ = std::make_unique<SimEngine>(std::move(fabric), begin, seed_, random_temper(dice_), *world_, sink);
    if (lossy_) lossy_->follow(engine_->loop(), engine_->fabric());
    SessionOptions options;
    options.run_for_ns = dice_.between(200 * kMillisecond_ns, 4 * kSecond_ns);
    options.keep = true;
    options.old_run = std::move(old_run);
    session_ = std::make_unique<LabSession>(file_, *engine_, sink, writer_.get(), options, [](const std::string&) {});
    plan();
    follow();
    bool was_killed = false;
    try {
      session_->run();
      if (lossy_) lossy_->finish();
      writer_->seal();
      session_->sealed();
      heard_end_ = followed_.state == kEndedState && followed_.events == session_->status().events;
    } catch (const Killed&) {
      was_killed = true;
    }
    remember_moment();
    if (lossy_) {
      left_out_.cut_short += lossy_->left_out().cut_short;
      left_out_.unrecorded += lossy_->left_out().unrecorded;
      uncounted_ += lossy_->uncounted();
    }
    const Remains remains{.story = *story_,
                          .writer = writer_->state(),
                          .was_killed = was_killed,
                          .moments = std::move(moments_),
                          .counts = engine_->fabric().counts(),
                          .left_out = left_out_,
                          .uncounted = uncounted_,
                          .forgotten = forgotten_};
    frames_seen_ = remains.counts.frames;
    result_.left_out = left_out_.cut_short + left_out_.unrecorded;
    result_.lab_time_ns = engine_->loop().now().ns;
    // How many events a broken disk's ring still took depends on the writer's thread: such a lab would not go on alike.
    may_go_on_ = accident_ == Accident::none || accident_ == Accident::killed;
    session_.reset();
    engine_.reset();
    lossy_.reset();
    writer_.reset();
    disk_.set(DiskHealth::well);
    result_.complaint = find_fault(path_, remains);
    if (result_.complaint.empty() && repeated_replies_ > 0) result_.complaint = "a command was answered twice";
    if (result_.complaint.empty() && !was_killed && !heard_end_) result_.complaint = "a follower was not told the end";
    if (!result_.complaint.empty()) result_.complaint += fmt::format(" (recorder {})", lives_);
    result_.lives = lives_;
    result_.hash = story_->hash(story_->size());
    result_.events = story_->size();
    result_.frames = remains.counts.frames;
  }

  // Some labs are recorded with --lossy. How far the writer is behind does not depend on the real one.
  EventSink& choose_sink() {
    if (!lossy_dice_.percent(33)) return *story_;
    lossy_ = std::make_unique<LossySink>(
        *story_, [this] { return backlog_percent_; }, writer_->event_bytes_max());
    world_->after(lossy_dice_.number(100 * kMillisecond_ns), [this] { change_backlog(); });
    return *lossy_;
  }

  void change_backlog() {
    backlog_percent_ =
        static_cast<unsigned>(lossy_dice_.percent(50) ? lossy_dice_.number(25) : lossy_dice_.number(101));
    world_->after(lossy_dice_.number(100 * kMillisecond_ns), [this] { change_backlog(); });
  }

  // Enters all that will happen from outside into the calendar.
  void plan() {
    if (dice_.percent(80)) world_->after(dice_.number(50 * kMillisecond_ns), [this] { command(); });
    world_->after(dice_.number(500 * kMillisecond_ns), [this] { look(); });
    world_->after(kLabTime_max_ns, [] { throw std::runtime_error("the lab does not end"); });
    if (dice_.percent(20)) world_->after(dice_.number(2 * kSecond_ns), [this] { session_->stop("cli", [] {}); });
    if (dice_.percent(40)) return;
    accident_ = static_cast<Accident>(dice_.between(1, 4));
    world_->after(dice_.number(2 * kSecond_ns), [this] { meet_accident(); });
  }

  void meet_accident() {
    if (accident_ == Accident::killed) return meet_kill(lossy_ && lossy_dice_.percent(70) ? kGapPolls : 0);
    disk_.set(accident_ == Accident::failed_fsync ? DiskHealth::failing_sync : DiskHealth::full);
    // Lab time stands still until the writer has met it, so that the lab's events do not depend on the real clock.
    wait_for_writer([](const WriterState& state) { return !state.failure.empty(); });
    if (accident_ != Accident::full_for_a_while) return;
    world_->after(dice_.number(400 * kMillisecond_ns), [this] {
      disk_.set(DiskHealth::well);
      wait_for_writer([](const WriterState& state) { return state.failure.empty(); });
    });
  }

  // Where frames are left out the worst moment lies between a gap and its checkpoint: waited for, but not for long.
  void meet_kill(int polls) {
    const bool is_in_gap = lossy_ && !lossy_->is_exact() && lossy_->uncounted() == 0;
    killed_in_gap_ = is_in_gap && lossy_->left_out().unrecorded > 0;
    if (polls == 0 || killed_in_gap_) throw Killed{};
    world_->after(100'000, [this, polls] { meet_kill(polls - 1); });
  }

  void wait_for_writer(const std::function<bool(const WriterState&)>& condition) {
    writer_->note("simulation", "{}");  // there is something to write
    for (int tries = 0; !condition(writer_->state()); ++tries) {
      if (tries > 20'000) throw std::runtime_error("the writer did not notice the disk: " + writer_->state().failure);
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  }

  // Somebody gives a command, and soon another.
  void command() {
    world_->after(dice_.number(dice_.percent(35) ? kMillisecond_ns : 80 * kMillisecond_ns), [this] { command(); });
    ++result_.commands;
    const Topology& topology = engine_->fabric().topology();
    if (dice_.percent(80)) {
      auto replies = std::make_shared<int>(0);
      return session_->submit(random_command(dice_, topology), [this, replies](const CommandReply&) {
        if (++*replies > 1) ++repeated_replies_;
      });
    }
    const std::string node = random_node_name(dice_, topology);
    const std::uint64_t token = ++tokens_;
    auto ends = std::make_shared<int>(0);
    ExecObserver observer{[](Stream, std::string_view) {},
                          [this, ends](std::int32_t, const std::string&) {
                            if (++*ends > 1) ++repeated_replies_;
                          },
                          token};
    if (dice_.percent(50)) {
      session_->exec(node, {"look"}, "cli", std::move(observer));
    } else {
      session_->connect({node, {"/bin/sh"}, 24, 80, "cli"}, std::move(observer));
      session_->write_console(token, "ls\n");
      if (dice_.percent(30)) session_->resize_console(token, 50, 132);
    }
    if (dice_.percent(40)) session_->cancel_exec(dice_.between(1, tokens_));
  }

  // Somebody follows the lab, and looks at it whenever something is new.
  void follow() {
    followed_ = session_->status();
    session_->follow(followed_, [this] { follow(); });
  }

  // A live reader, and our own look at the fabric.
  void look() {
    world_->after(dice_.between(kMillisecond_ns, 200 * kMillisecond_ns), [this] { look(); });
    try {
      session_->pages_from(dice_.number(100), 1U << 16U);
    } catch (const std::system_error&) {
      if (accident_ == Accident::none) throw;  // a disk that failed need not give anything back
    }
    session_->notes_so_far();
    remember_moment();
  }

  void remember_moment() {
    if (story_->size() == 0 || (lossy_ && !lossy_->is_exact())) return;
    moments_.push_back({Seq{story_->size()}, engine_->loop().now(), engine_->fabric().save()});
  }

  const std::uint64_t seed_;
  Dice dice_;
  Dice lossy_dice_{seed_, 'y'};
  std::optional<World> world_;
  SimDisk disk_;
  DiskShim shim_;
  const std::string path_;
  LabFile file_;
  std::unique_ptr<ReelWriter> writer_;
  std::unique_ptr<Story> story_;
  std::unique_ptr<LossySink> lossy_;
  LeftOut left_out_;  // by all recorders so far
  std::uint64_t uncounted_ = 0;    // of these, frames whose gap a kill took
  std::uint64_t frames_seen_ = 0;  // by the last recorder's fabric
  std::uint64_t forgotten_ = 0;    // frames that fabrics before had seen, and that no reel could tell the next one
  unsigned backlog_percent_ = 0;
  std::unique_ptr<SimEngine> engine_;
  std::unique_ptr<LabSession> session_;
  Accident accident_ = Accident::none;
  bool may_go_on_ = false;
  bool killed_in_gap_ = false;  // frames are missing, and no checkpoint tells what they did
  std::uint64_t lives_ = 0;
  std::vector<Moment> moments_;
  LabStatus followed_;
  bool heard_end_ = false;
  std::uint64_t tokens_ = 0;
  std::uint64_t repeated_replies_ = 0;
  SimResult result_;
};

const Simulation* running_now = nullptr;

}  // namespace

SimResult simulate(std::uint64_t seed, const std::string& folder) {
  Simulation simulation{seed, folder};
  running_now = &simulation;
  SimResult result;
  try {
    result = simulation.run();
  } catch (const std::exception& error) {
    result.complaint = error.what();
    result.story = simulation.end_of_story(kLinesTold);
  }
  running_now = nullptr;
  return result;
}

std::string story_so_far() { return running_now == nullptr ? std::string{} : running_now->end_of_story(kLinesTold); }

}  // namespace labreel::sim
