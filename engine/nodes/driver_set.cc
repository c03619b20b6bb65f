#include "engine/nodes/driver_set.h"

#include "engine/core/check.h"

namespace labreel {
namespace {

constexpr std::int32_t kNotRunnable = 126;

template <class Id>
NodeDriver* found_in(const std::map<Id, NodeDriver*>& drivers, Id id) {
  const auto found = drivers.find(id);
  return found == drivers.end() ? nullptr : found->second;
}

}  // namespace

void DriverSet::add(NodeKindName kind, NodeDriver& driver) {
  LABREEL_CHECK(drivers_.emplace(kind, &driver).second);
  driver.listen(*this);
}

void DriverSet::start(const NodeSpec& spec) {
  NodeDriver* const driver = found_in(drivers_, spec.kind.kind());
  if (driver == nullptr) {
    loop_.call_at(loop_.now(), [this, node = spec.node, kind = std::string(spec.kind.text())] {
      listener_->node_failed(node, "this lab starts no node of kind " + kind);
    });
    return;
  }
  nodes_[spec.node] = driver;
  driver->start(spec);
}

void DriverSet::stop(NodeId node) {
  if (NodeDriver* const driver = found_in(nodes_, node)) driver->stop(node);
}

void DriverSet::crash(NodeId node) {
  if (NodeDriver* const driver = found_in(nodes_, node)) driver->crash(node);
}

void DriverSet::pause(NodeId node) {
  if (NodeDriver* const driver = found_in(nodes_, node)) driver->pause(node);
}

void DriverSet::resume(NodeId node) {
  if (NodeDriver* const driver = found_in(nodes_, node)) driver->resume(node);
}

void DriverSet::exec(ExecId exec, NodeId node, const std::vector<std::string>& argv) {
  NodeDriver* const driver = found_in(nodes_, node);
  if (driver == nullptr) {
    loop_.call_at(loop_.now(), [this, exec] { listener_->exec_ended(exec, kNotRunnable); });
    return;
  }
  execs_[exec] = driver;
  driver->exec(exec, node, argv);
}

void DriverSet::kill_exec(ExecId exec) {
  if (NodeDriver* const driver = found_in(execs_, exec)) driver->kill_exec(exec);
}

bool DriverSet::console(ExecId console, NodeId node, const std::vector<std::string>& argv, std::uint16_t rows,
                        std::uint16_t columns) {
  NodeDriver* const driver = found_in(nodes_, node);
  if (driver == nullptr) return false;
  execs_[console] = driver;
  const bool has_consoles = driver->console(console, node, argv, rows, columns);
  if (!has_consoles) execs_.erase(console);
  return has_consoles;
}

void DriverSet::write_console(ExecId console, std::string_view bytes) {
  if (NodeDriver* const driver = found_in(execs_, console)) driver->write_console(console, bytes);
}

void DriverSet::resize_console(ExecId console, std::uint16_t rows, std::uint16_t columns) {
  if (NodeDriver* const driver = found_in(execs_, console)) driver->resize_console(console, rows, columns);
}

void DriverSet::add_port(NodeId node, const InterfaceSpec& interface) {
  if (NodeDriver* const driver = found_in(nodes_, node)) return driver->add_port(node, interface);
  loop_.call_at(loop_.now(), [this, node, port = interface.port] {
    listener_->port_changed(node, port, "the node is not running");
  });
}

void DriverSet::remove_port(NodeId node, PortId port) {
  if (NodeDriver* const driver = found_in(nodes_, node)) driver->remove_port(node, port);
}

std::set<std::string> DriverSet::host_files() const {
  std::set<std::string> files;
  for (const auto& [kind, driver] : drivers_) files.merge(driver->host_files());
  return files;
}

void DriverSet::node_is_up(NodeId node) { listener_->node_is_up(node); }

// Forgotten first: whoever hears of a node's end may start it again, even as another kind.
void DriverSet::node_failed(NodeId node, const std::string& error) {
  nodes_.erase(node);
  listener_->node_failed(node, error);
}

void DriverSet::node_is_down(NodeId node, bool asked, const std::string& why) {
  nodes_.erase(node);
  listener_->node_is_down(node, asked, why);
}

void DriverSet::node_is_paused(NodeId node) { listener_->node_is_paused(node); }

void DriverSet::port_changed(NodeId node, PortId port, const std::string& error) {
  listener_->port_changed(node, port, error);
}

void DriverSet::console_printed(ExecId console, std::string_view bytes) { listener_->console_printed(console, bytes); }

void DriverSet::exec_printed(ExecId exec, Stream stream, std::string_view bytes) {
  listener_->exec_printed(exec, stream, bytes);
}

void DriverSet::exec_ended(ExecId exec, std::int32_t status) {
  execs_.erase(exec);
  listener_->exec_ended(exec, status);
}

}  // namespace labreel
