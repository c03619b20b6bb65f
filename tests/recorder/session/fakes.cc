#include "tests/recorder/session/fakes.h"

#include <algorithm>
#include <stdexcept>

#include "engine/core/units.h"
#include "recorder/session/lab_setup.h"

namespace labreel::test {
namespace {

constexpr std::uint64_t kUpAfter_ns = 10'000'000;
constexpr std::uint64_t kDownAfter_ns = 5'000'000;

LabFile parsed(const std::string& text) {
  auto lab = parse_lab_file(text, "labs/lab.yml");
  if (!lab) throw std::invalid_argument(lab.error().place + ": " + lab.error().what);
  return std::move(*lab);
}

// "12.5", "0.013": seconds without zeros at the end.
std::string seconds(LabTime at) {
  std::string text = format_seconds(at);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Seq VectorSink::append(LabTime at, Seq cause, const EventBody& body) {
  LABREEL_CHECK(events_.empty() || events_.back().time <= at);
  const auto* const frame = std::get_if<Frame>(&body);
  events_.push_back(Event{next_seq(), at, cause, frame != nullptr ? EventBody{kept(*frame)} : body});
  return events_.back().seq;
}

Seq VectorSink::append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) {
  return append(at, Seq{}, Frame{port, bytes, copies, static_cast<std::uint32_t>(bytes.size())});
}

Frame VectorSink::kept(const Frame& frame) {
  auto& own = *frames_.emplace_back(std::make_unique<KeptFrame>());
  own.bytes.assign(frame.bytes.begin(), frame.bytes.end());
  own.copies.assign(frame.copies.begin(), frame.copies.end());
  return {frame.port, own.bytes, own.copies, frame.length};
}

TimerId FakeLoop::call_at(LabTime when, std::function<void()> call) {
  const TimerId id{++last_timer_};
  timers_.emplace(std::max(when, now_).ns, Timer{id, std::move(call)});
  return id;
}

void FakeLoop::cancel(TimerId timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.second.id == timer; });
}

Result<Seq> FakeLoop::apply(Seq cause, const EventBody& effect) {
  auto outcomes = fabric_.apply(effect, now_);
  if (!outcomes) return std::move(outcomes).error();
  const Seq seq = sink_.append(now_, cause, effect);
  for (const Outcome& outcome : *outcomes) sink_.append(now_, seq, outcome);
  return seq;
}

Result<Seq> FakeLoop::inject(Seq cause, PortId port, Bytes frame) {
  const auto copies = fabric_.arrive(port, frame, now_, sink_.next_seq());
  if (!copies) return copies.error();
  return sink_.append(now_, cause, Frame{port, frame, *copies, static_cast<std::uint32_t>(frame.size())});
}

void FakeLoop::turn() {
  LABREEL_CHECK(!timers_.empty());  // it would wait for ever
  const auto first = timers_.begin();
  now_ = LabTime{first->first};
  const auto call = std::move(first->second.call);
  timers_.erase(first);
  call();
}

void FakeLoop::run_until(LabTime when) {
  while (!timers_.empty() && timers_.begin()->first <= when.ns) turn();
  now_ = std::max(now_, when);
}

void FakeDriver::start(const NodeSpec& spec) {
  loop_.call_at(loop_.now() + kUpAfter_ns, [this, node = spec.node, name = spec.name] {
    const auto fault = broken.find(name);
    if (fault != broken.end()) return listener_->node_failed(node, fault->second);
    names_[node] = name;
    listener_->node_is_up(node);
  });
}

void FakeDriver::stop(NodeId node) {
  loop_.call_at(loop_.now() + kDownAfter_ns, [this, node] { end(node, true, "stopped"); });
}

void FakeDriver::crash(NodeId node) {
  loop_.call_at(loop_.now() + 1, [this, node] { end(node, true, "crashed"); });
}

void FakeDriver::end(NodeId node, bool asked, const std::string& why) {
  if (names_.erase(node) == 0) return;
  std::vector<ExecId> lost;
  for (const auto& [exec, where] : execs_) {
    if (where == node) lost.push_back(exec);
  }
  for (const ExecId exec : lost) end_exec(exec, 128 + 9);
  listener_->node_is_down(node, asked, why);
}

void FakeDriver::exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) {
  LABREEL_CHECK(names_.contains(node));
  const bool is_shell = argv.size() == 3 && argv[0] == "/bin/sh" && argv[1] == "-c";
  execs_[exec] = node;
  const FakeAnswer answer = on_exec(names_[node], is_shell ? argv[2] : argv[0]);
  if (answer.hangs) return;
  loop_.call_at(loop_.now() + answer.takes_ns, [this, exec, answer] {
    if (!execs_.contains(exec)) return;
    if (!answer.stdout_text.empty()) listener_->exec_printed(exec, Stream::stdout_stream, answer.stdout_text);
    end_exec(exec, answer.status);
  });
}

void FakeDriver::end_exec(ExecId exec, std::int32_t status) {
  if (execs_.erase(exec) > 0) listener_->exec_ended(exec, status);
}

void FakeDriver::add_port(NodeId node, const InterfaceSpec& interface) {
  loop_.call_at(loop_.now() + 1, [this, node, port = interface.port] { listener_->port_changed(node, port, {}); });
}

void FakeDriver::remove_port(NodeId node, PortId port) {
  loop_.call_at(loop_.now() + 1, [this, node, port] { listener_->port_changed(node, port, {}); });
}

FakeLab::FakeLab(const std::string& text)
    : file(parsed(text)),
      fabric(file.seed),
      loop(fabric, sink),
      driver(loop),
      runtime{file, fabric, loop, driver, sink, [this](const std::string& words) { narrated.push_back(words); }},
      execs(runtime),
      nodes(runtime, execs),
      commands(runtime, nodes, execs),
      scenario(runtime, commands, execs) {
  driver.listen(*this);
  nodes.on_death = [this](const std::string& node, const std::string& why) { deaths.push_back(node + ": " + why); };
}

void FakeLab::start() {
  set_up_lab(runtime, Seq{});
  std::size_t starting = file.nodes.size();
  for (std::uint32_t i = 0; i < file.nodes.size(); ++i) {
    nodes.start(NodeId{i}, Seq{}, [&starting](const Status& status) {
      LABREEL_CHECK(status.ok());
      --starting;
    });
  }
  scenario.watch();
  while (starting > 0) loop.turn();
}

std::optional<Status> FakeLab::play(LabTime limit) {
  start();
  std::optional<Status> end;
  scenario.run([this, &end](const Status& status) {
    scenario.abandon();
    end = status;
  });
  while (!end && !loop.is_idle() && loop.now() < limit) loop.turn();
  if (!end) scenario.abandon();
  return end;
}

std::vector<std::string> FakeLab::scenario_lines() const {
  std::vector<std::string> lines;
  for (const Event& event : events()) {
    if (const auto* const step = std::get_if<Scenario>(&event.body)) {
      lines.push_back(seconds(event.time) + " " + std::to_string(step->step) + " " + std::string(step->state.text()) +
                      (step->detail.empty() ? "" : " " + step->detail));
    }
  }
  return lines;
}

std::vector<std::string> FakeLab::command_lines() const {
  std::vector<std::string> lines;
  std::map<Seq, std::size_t> line_of;
  for (const Event& event : events()) {
    if (const auto* const command = std::get_if<Command>(&event.body)) {
      std::string line = seconds(event.time) + " " + command->verb;
      for (const std::string& argument : command->arguments) line += " " + argument;
      line_of[event.seq] = lines.size();
      lines.push_back(line);
    } else if (const auto* const done = std::get_if<CommandDone>(&event.body)) {
      if (!done->ok) lines.at(line_of.at(event.cause)) += " -> " + done->error;
    }
  }
  return lines;
}

}  // namespace labreel::test
