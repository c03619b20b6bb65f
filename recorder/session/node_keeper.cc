#include "recorder/session/node_keeper.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "engine/core/node_death.h"

namespace labreel {
namespace {

Result<NodeFile> read_node_file(const LabFile& lab, const FileDef& def) {
  const std::string path = def.host_path.starts_with('/') ? def.host_path : lab.directory + "/" + def.host_path;
  std::ifstream stream{path, std::ios::binary};
  NodeFile file;
  file.path = def.node_path;
  file.content.assign(std::istreambuf_iterator<char>{stream}, {});
  struct stat facts {};
  if (!stream || ::stat(path.c_str(), &facts) != 0) {
    return Error{ErrorKind::input, "cannot read " + path, fmt::format("{}:{}", lab.path, def.line), {}};
  }
  file.mode = facts.st_mode & 07777U;
  return file;
}

// The last lines of what a failed command printed, for the message.
std::string tail_of(const std::string& text) {
  constexpr std::size_t kTailBytes = 400;
  const std::size_t from = text.size() > kTailBytes ? text.size() - kTailBytes : 0;
  std::string tail = text.substr(from);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  return tail;
}

}  // namespace

const NodeDef* NodeKeeper::definition_of(NodeId node) const {
  const std::string& name = runtime_.topology().nodes()[index_of(node)].added.name;
  const auto found = std::find_if(runtime_.file.nodes.begin(), runtime_.file.nodes.end(),
                                  [&name](const NodeDef& def) { return def.name == name; });
  return found == runtime_.file.nodes.end() ? nullptr : &*found;
}

Result<NodeSpec> NodeKeeper::spec_of(NodeId node) const {
  NodeSpec spec;
  spec.node = node;
  spec.name = runtime_.topology().nodes()[index_of(node)].added.name;
  spec.kind = runtime_.topology().nodes()[index_of(node)].added.node_kind;
  spec.settings = runtime_.topology().nodes()[index_of(node)].added.settings;
  const NodeDef* const def = definition_of(node);
  if (def != nullptr) {
    for (const FileDef& file_def : def->files) {
      auto file = read_node_file(runtime_.file, file_def);
      if (!file) return std::move(file).error();
      spec.files.push_back(std::move(*file));
    }
  }
  for (const PortInfo& port : runtime_.topology().ports()) {
    if (port.removed || port.added.node != node) continue;
    InterfaceSpec interface;
    interface.port = port.added.port;
    interface.name = port.added.name;
    interface.mac = port.added.mac;
    if (def != nullptr) {
      // In order of name: a node may have 65,535.
      const auto named = std::lower_bound(
          def->ports.begin(), def->ports.end(), interface.name,
          [](const PortDef& port_def, const std::string& name) { return port_def.name < name; });
      if (named != def->ports.end() && named->name == interface.name) {
        interface.mtu = named->node_mtu;
        interface.addresses = named->addresses;
      }
    }
    spec.interfaces.push_back(std::move(interface));
  }
  return spec;
}

void NodeKeeper::start(NodeId node, Seq cause, Done done) {
  const std::string name = runtime_.topology().name_of(node);
  if (is_ending_) return done(lab_error("the lab is ending"));
  if (lives_.contains(node)) return done(lab_error("node " + name + " runs already"));
  auto spec = spec_of(node);
  if (!spec) return done(std::move(spec).error());
  auto starting = runtime_.loop.apply(cause, NodeStarting{node});
  if (!starting) return done(std::move(starting).error());
  Life life;
  life.cause = cause;
  life.started = std::move(done);
  lives_.emplace(node, std::move(life));
  runtime_.driver.start(*spec);
}

// Whether the node can be ended; if not, `done` is told why.
bool NodeKeeper::begin_stop(NodeId node, Seq cause, Done done) {
  const auto found = lives_.find(node);
  const bool is_there = found != lives_.end();
  if (!is_there || found->second.stopped) {
    done(lab_error("node " + runtime_.topology().name_of(node) + (is_there ? " is being stopped" : " is not running")));
    return false;
  }
  found->second.stopped = std::move(done);
  found->second.stop_cause = cause;
  return true;
}

void NodeKeeper::stop(NodeId node, Seq cause, Done done) {
  if (begin_stop(node, cause, std::move(done))) runtime_.driver.stop(node);
}

void NodeKeeper::crash(NodeId node, Seq cause, Done done) {
  const NodeInfo& info = runtime_.topology().nodes()[index_of(node)];
  if (!info.running) return done(lab_error("node " + info.added.name + " is not running"));
  if (begin_stop(node, cause, std::move(done))) runtime_.driver.crash(node);
}

void NodeKeeper::stop_all(Seq cause) {
  is_ending_ = true;
  std::vector<NodeId> nodes;
  for (const auto& [node, life] : lives_) nodes.push_back(node);
  for (const NodeId node : nodes) stop(node, cause, [](const Status&) {});
}

void NodeKeeper::pause(NodeId node, Seq cause, Done done) {
  const NodeInfo& info = runtime_.topology().nodes()[index_of(node)];
  const auto found = lives_.find(node);
  if (!info.running || found == lives_.end()) return done(lab_error("node " + info.added.name + " is not running"));
  if (info.paused) return done(lab_error("node " + info.added.name + " is paused already"));
  if (found->second.paused) return done(lab_error("node " + info.added.name + " is being paused"));
  found->second.paused = std::move(done);
  found->second.pause_cause = cause;
  runtime_.driver.pause(node);
}

// An answer that nobody waits for says nothing: a node's root may send one whenever it likes.
void NodeKeeper::was_paused(NodeId node) {
  const auto found = lives_.find(node);
  if (found == lives_.end() || !found->second.paused) return;
  const Done done = std::exchange(found->second.paused, nullptr);
  done(status_of(runtime_.loop.apply(found->second.pause_cause, NodePaused{node})));
}

Status NodeKeeper::resume(NodeId node, Seq cause) {
  const NodeInfo& info = runtime_.topology().nodes()[index_of(node)];
  if (!info.paused) return lab_error("node " + info.added.name + " is not paused");
  Status resumed = status_of(runtime_.loop.apply(cause, NodeResumed{node}));
  if (resumed) runtime_.driver.resume(node);
  return resumed;
}

void NodeKeeper::came_up(NodeId node) {
  const auto found = lives_.find(node);
  LABREEL_CHECK(found != lives_.end());
  LABREEL_CHECK(runtime_.loop.apply(found->second.cause, NodeStarted{node}).ok());
  found->second.up = true;
  // From a turn of its own: the driver attaches the ports first.
  runtime_.loop.call_at(runtime_.loop.now(), [this, node] { run_next_line(node); });
}

void NodeKeeper::run_next_line(NodeId node) {
  const auto found = lives_.find(node);
  if (found == lives_.end()) return;
  const NodeDef* const def = definition_of(node);
  if (def == nullptr || found->second.next_line >= def->exec.size()) return finish_start(node, ok_status());
  const std::string line = def->exec[found->second.next_line++];
  auto printed = std::make_shared<std::string>();
  ExecObserver observer;
  observer.output = [printed](Stream, std::string_view text) { printed->append(text); };
  observer.done = [this, node, line, printed](std::int32_t status, const std::string&) {
    if (status == 0) return run_next_line(node);
    finish_start(
        node, lab_error(fmt::format("node {}: `{}` ended with status {}{}{}", runtime_.topology().name_of(node), line,
                                    status, printed->empty() ? "" : ": ", tail_of(*printed)),
                        "its whole output is in the reel: labreel events --kind exec.output"));
  };
  execs_.run(node, {"/bin/sh", "-c", line}, found->second.cause, std::move(observer));
}

void NodeKeeper::finish_start(NodeId node, Status status) {
  const auto found = lives_.find(node);
  if (found == lives_.end() || !found->second.started) return;
  const Done done = std::move(found->second.started);
  found->second.started = nullptr;
  done(std::move(status));
}

void NodeKeeper::failed(NodeId node, const std::string& problem) {
  const auto found = lives_.find(node);
  LABREEL_CHECK(found != lives_.end());
  Life life = std::move(found->second);
  lives_.erase(found);
  LABREEL_CHECK(runtime_.loop.apply(life.cause, NodeStopped{node, text_of({StopCause::not_started, problem})}).ok());
  Error error{ErrorKind::host,
              "node " + runtime_.topology().name_of(node) + ": " + problem,
              {},
              "labreel doctor says what this host lacks"};
  if (life.stopped) life.stopped(ok_status());
  if (life.started) life.started(std::move(error));
}

void NodeKeeper::went_down(NodeId node, bool told, const std::string& reason) {
  const auto found = lives_.find(node);
  if (found == lives_.end()) return;
  Life life = std::move(found->second);
  lives_.erase(found);
  const std::string name = runtime_.topology().name_of(node);
  const bool asked = told || life.stopped != nullptr;
  const std::string why = asked ? reason : text_of({StopCause::died, reason});
  LABREEL_CHECK(runtime_.loop.apply(asked ? life.stop_cause : Seq{}, NodeStopped{node, why}).ok());
  std::vector<PortId> lost;
  for (const auto& [port, plugging] : plugging_) {
    if (plugging.node == node) lost.push_back(port);
  }
  for (const PortId port : lost) port_changed(port, "node " + name + " ended");
  if (life.paused) life.paused(lab_error("node " + name + " ended while it was being paused: " + reason));
  if (life.started) life.started(lab_error("node " + name + " ended while it was being started: " + reason));
  if (life.stopped) life.stopped(ok_status());
  if (!asked && on_death) on_death(name, reason);
}

void NodeKeeper::plug(NodeId node, const InterfaceSpec& interface, Done done) {
  plugging_[interface.port] = Plugging{node, std::move(done)};
  runtime_.driver.add_port(node, interface);
}

void NodeKeeper::port_changed(PortId port, const std::string& error) {
  const auto found = plugging_.find(port);
  if (found == plugging_.end()) return;
  const Done done = std::move(found->second.done);
  plugging_.erase(found);
  done(error.empty() ? ok_status() : Status{lab_error(error)});
}

}  // namespace labreel
