#include "engine/nodes/uml/uml_machine.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <optional>

#include "engine/core/node_death.h"
#include "engine/core/random.h"
#include "engine/nodes/message.h"
#include "engine/nodes/uml/guest_program.h"
#include "engine/nodes/uml/host_files.h"
#include "engine/nodes/uml/image.h"
#include "engine/nodes/uml/initramfs.h"
#include "engine/nodes/uml/launch.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kConsoleKept_bytes = 8'192;
constexpr std::uint64_t kStopGrace_ns = 5'000'000'000;
constexpr std::size_t kSeed_bytes = 64;

// Returns the seed of one guest: different for each node of a lab, and the same on every run.
std::string guest_seed(std::uint64_t lab_seed, std::string_view node) {
  std::uint64_t state = mix(lab_seed);
  for (const char letter : node) state = mix(state ^ static_cast<unsigned char>(letter));
  std::string seed;
  while (seed.size() < kSeed_bytes) {
    state = mix(state);
    for (unsigned byte = 0; byte < 8; ++byte) seed.push_back(static_cast<char>(state >> (8 * byte) & 0xffU));
  }
  return seed;
}

std::string make_initramfs(const NodeSpec& spec, const UmlOptions& options) {
  Initramfs archive;
  archive.add_folder("dev");
  archive.add_character_device("dev/console", 5, 1);
  std::string init(guest_init_program());
  init.resize(std::max(init.size(), kGuestInit_bytes), '\0');
  archive.add_file("init", init, true);
  archive.add_file("spec", encode_spec(spec), false);
  archive.add_file("seed", guest_seed(options.seed, spec.name), false);
  if (!options.image.empty()) {
    // Of one length whatever the name, so that it does not matter to the guest's memory.
    std::string name = std::filesystem::path(options.image).filename();
    name.resize(kImageName_bytes_max + 1, '\0');
    archive.add_file("image", name, false);
    constexpr std::uint32_t kLoopMajor = 7;
    archive.add_block_device("dev/loop0", kLoopMajor, 0);
  }
  return archive.take();
}

// Returns the `place`th of the CPUs that this process may use.
std::optional<unsigned> cpu_for(std::size_t place) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) return std::nullopt;
  std::size_t left = place % static_cast<std::size_t>(CPU_COUNT(&cpus));
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &cpus) && left-- == 0) return cpu;
  }
  return std::nullopt;
}

// Returns the last line of the console that says what went wrong.
std::string telling_line(const std::string& console) {
  const auto line_at = [&](std::size_t at) {
    std::string line = console.substr(at, console.find('\n', at) - at);
    while (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  };
  const std::string panic = "Kernel panic - not syncing: ";
  if (const auto at = console.find(panic); at != std::string::npos)
    return "kernel panic: " + line_at(at + panic.size());
  if (const auto at = console.rfind("labreel: "); at != std::string::npos) return line_at(at + 9);
  return {};
}

}  // namespace

UmlDriver::Machine::Machine(UmlDriver& driver, const NodeSpec& spec, std::size_t place) : driver_(driver), spec_(spec) {
  const UmlOptions& options = driver.options_;
  std::array<int, 2> console{};
  checked("make a pipe", ::pipe2(console.data(), O_CLOEXEC));
  OwnedFd console_read(console[0]), console_write(console[1]);
  ::fcntl(console_read.get(), F_SETFL, O_NONBLOCK);
  guest_ = std::make_unique<TimeTravelGuest>(
      driver.loop_.now(), GuestSockets{folder_.listen("time"), std::move(console_read)}, [this] { window_done(); },
      options.silence_ms);
  guest_->add_serial_port(folder_.listen("agent"));
  for (std::size_t i = 0; i < spec.interfaces.size(); ++i) {
    const InterfaceSpec& interface = spec.interfaces[i];
    guest_->add_network_card(interface.port, folder_.listen("card" + std::to_string(i)),
                             network_card(interface.mac, interface.mtu));
  }
  folder_.write("initramfs", make_initramfs(spec, options));
  if (!options.image.empty()) folder_.link("image", std::filesystem::path(options.image).parent_path());
  LaunchPlan plan;
  plan.program = options.kernel;
  plan.arguments = uml_command_line(options, spec, driver.loop_.now());
  plan.folder = folder_.path();
  plan.console_fd = console_write.get();
  if (options.image.empty()) {
    path_log_ = make_path_log();
    plan.path_log_fd = path_log_.get();
  }
  if (options.pin) plan.cpu = cpu_for(place);
  plan.strict = options.strict;
  pid_ = launch(plan);
  driver.loop_.add(*guest_, place);
}

UmlDriver::Machine::~Machine() {
  driver_.loop_.remove(*guest_);
  if (grace_ != TimerId{}) driver_.loop_.cancel(grace_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void UmlDriver::Machine::tell(const AgentMessage& message) { guest_->type(driver_.loop_.now(), encode(message)); }

void UmlDriver::Machine::end_now() {
  guest_->end("");
  finish();
}

void UmlDriver::Machine::stop() {
  if (asked_to_stop_) return;
  asked_to_stop_ = true;
  if (!up_) {
    driver_.soon([this] { end_now(); });
    return;
  }
  tell({AgentMessageKind::stop, 0, 0, {}});
  grace_ = driver_.loop_.call_at(driver_.loop_.now() + kStopGrace_ns, [this] { end_now(); });
}

// The guest waits for its next window now: what it had not sent by then is never sent.
void UmlDriver::Machine::crash() {
  if (asked_to_stop_) return;
  asked_to_stop_ = crashed_ = true;
  driver_.soon([this] { end_now(); });
}

bool UmlDriver::Machine::begin(AgentMessageKind kind, ExecId exec, const std::vector<std::string>& argv,
                               std::int32_t detail) {
  if (!up_ || asked_to_stop_) return false;
  std::string words;
  for (const auto& word : argv) words += word + '\0';
  if (words.size() > kAgentBodyMax_bytes) return false;
  (kind == AgentMessageKind::console ? consoles_ : execs_).insert(exec);
  tell({kind, static_cast<std::uint32_t>(exec), detail, std::move(words)});
  return true;
}

void UmlDriver::Machine::kill_exec(ExecId exec) {
  if (!execs_.contains(exec) && !consoles_.contains(exec)) return;
  tell({AgentMessageKind::kill, static_cast<std::uint32_t>(exec), 0, {}});
}

void UmlDriver::Machine::write_console(ExecId console, std::string_view bytes) {
  if (!consoles_.contains(console)) return;
  const std::string_view taken = bytes.substr(0, kAgentBodyMax_bytes);  // nobody types more at once
  tell({AgentMessageKind::typed, static_cast<std::uint32_t>(console), 0, std::string(taken)});
}

void UmlDriver::Machine::resize_console(ExecId console, std::int32_t size) {
  if (consoles_.contains(console)) tell({AgentMessageKind::resize, static_cast<std::uint32_t>(console), size, {}});
}

void UmlDriver::Machine::remove_port(PortId port) {
  driver_.loop_.detach(port);
  driver_.soon([&driver = driver_, node = spec_.node, port] { driver.listener_->port_changed(node, port, ""); });
}

void UmlDriver::Machine::window_done() {
  console_ += guest_->take_console();
  if (console_.size() > kConsoleKept_bytes) console_.erase(0, console_.size() - kConsoleKept_bytes);
  read_agent();
  if (guest_->ended()) finish();
}

void UmlDriver::Machine::read_agent() {
  reader_.feed(guest_->take_serial());
  for (;;) {
    auto message = reader_.next();
    if (!message) return guest_->end(message.error().what);
    if (!*message) return;
    if (!handle(**message)) return guest_->end("its agent sends what does not fit");
  }
}

bool UmlDriver::Machine::handle(AgentMessage& message) {
  const ExecId exec{message.id};
  switch (message.kind) {
    case AgentMessageKind::ready:
      if (up_) return false;
      become_up();
      return true;
    case AgentMessageKind::failed:
      failure_ = std::move(message.body);
      return true;
    case AgentMessageKind::printed: {
      if (!execs_.contains(exec) || message.detail < 1 || message.detail > 2) return false;
      driver_.listener_->exec_printed(exec, static_cast<Stream>(message.detail), message.body);
      return true;
    }
    case AgentMessageKind::shown:
      if (!consoles_.contains(exec)) return false;
      driver_.listener_->console_printed(exec, message.body);
      return true;
    case AgentMessageKind::ended:
      if (execs_.erase(exec) + consoles_.erase(exec) == 0) return false;
      driver_.execs_.erase(exec);
      driver_.listener_->exec_ended(exec, message.detail);
      return true;
    default:
      return false;
  }
}

// The ports go up only after this, so no frame comes before the listener knows.
void UmlDriver::Machine::become_up() {
  up_ = true;
  folder_.remove();
  for (const InterfaceSpec& interface : spec_.interfaces) driver_.loop_.attach(interface.port, *guest_);
  tell({AgentMessageKind::go, 0, 0, {}});
  driver_.listener_->node_is_up(spec_.node);
}

// A guest that closed its sockets is about to exit; one that does not is helped.
int UmlDriver::Machine::wait_for_exit() {
  constexpr timespec kTick{0, 2'000'000};
  constexpr int kTicks = 1'000;
  int status = 0;
  if (!guest_->end_reason().empty() || asked_to_stop_) ::kill(pid_, SIGKILL);
  for (int tick = 0; ::waitpid(pid_, &status, WNOHANG) == 0; ++tick) {
    if (tick == kTicks) ::kill(pid_, SIGKILL);
    ::nanosleep(&kTick, nullptr);
  }
  pid_ = -1;
  return status;
}

std::string UmlDriver::Machine::explain_end(int wait_status) const {
  if (!guest_->end_reason().empty()) return guest_->end_reason();
  if (!failure_.empty()) return failure_;
  if (crashed_) return text_of({StopCause::crashed, {}});
  if (asked_to_stop_) return text_of({StopCause::stopped, {}});
  if (auto line = telling_line(console_); !line.empty()) return line;
  if (WIFSIGNALED(wait_status)) return "killed by signal " + std::to_string(WTERMSIG(wait_status));
  if (WEXITSTATUS(wait_status) == 0) return "switched itself off";
  return "its kernel exited with status " + std::to_string(WEXITSTATUS(wait_status));
}

void UmlDriver::Machine::finish() {
  if (finished_) return;
  finished_ = true;
  constexpr std::int32_t kKilled = 128 + SIGKILL;
  const std::string why = explain_end(wait_for_exit());
  folder_.remove();
  if (path_log_.is_open()) driver_.host_files_.merge(paths_in(path_log_));
  driver_.loop_.remove(*guest_);
  execs_.merge(consoles_);
  for (const ExecId exec : std::exchange(execs_, {})) {
    driver_.execs_.erase(exec);
    driver_.listener_->exec_ended(exec, kKilled);
  }
  driver_.bury(spec_.node);
  if (up_ || asked_to_stop_) {
    driver_.listener_->node_is_down(spec_.node, asked_to_stop_, why);
  } else {
    driver_.listener_->node_failed(spec_.node, why);
  }
}

}  // namespace labreel
