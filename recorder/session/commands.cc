#include "recorder/session/commands.h"

#include <fmt/format.h>

#include <span>

#include "engine/core/node_death.h"
#include "engine/core/suggest.h"
#include "engine/core/topology_check.h"
#include "engine/lab/lab_verbs.h"
#include "engine/text/hex.h"
#include "recorder/session/cable_words.h"

namespace labreel {
namespace {

constexpr const char* kMarkVerb = "mark";
constexpr std::size_t kEthernetHeader_bytes = 14;
constexpr std::size_t kFrame_bytes_max = 65'535;

std::string error_text(const Error& error) {
  return error.hint.empty() ? error.what : error.what + "\nhint: " + error.hint;
}

}  // namespace

Commands::Commands(LabRuntime runtime, NodeKeeper& nodes, ExecRunner& execs)
    : runtime_(std::move(runtime)), names_(runtime_), nodes_(nodes), execs_(execs), topology_(runtime_, nodes) {
  const auto at_once = [this](auto act) {
    return [this, act](const Arguments& arguments, Seq command, const Done& done) {
      done((this->*act)(arguments, command));
    };
  };
  handlers_["link.up"] = [this](const Arguments& a, Seq c, const Done& d) { d(set_cable_state(a, c, true)); };
  handlers_["link.down"] = [this](const Arguments& a, Seq c, const Done& d) { d(set_cable_state(a, c, false)); };
  handlers_["link.set"] = at_once(&Commands::set_cable);
  const auto changes_topology = [this](auto act) {
    return [this, act](const Arguments& arguments, Seq command, const Done& done) {
      (topology_.*act)(arguments, command, done);
    };
  };
  handlers_["node.add"] = changes_topology(&TopologyCommands::add_node);
  handlers_["node.del"] = changes_topology(&TopologyCommands::delete_node);
  handlers_["link.add"] = changes_topology(&TopologyCommands::add_link);
  handlers_["link.del"] = changes_topology(&TopologyCommands::delete_link);
  handlers_["lan.add"] = changes_topology(&TopologyCommands::add_lan);
  handlers_["lan.del"] = changes_topology(&TopologyCommands::delete_lan);
  handlers_["lan.join"] = changes_topology(&TopologyCommands::join_lan);
  handlers_["lan.leave"] = changes_topology(&TopologyCommands::leave_lan);
  handlers_["scenario.stop"] = [this](const Arguments&, Seq, const Done& done) {
    if (on_scenario_stop) on_scenario_stop();
    done(ok_status());
  };
  handlers_["inject"] = at_once(&Commands::inject_hex);
  handlers_[kMarkVerb] = at_once(&Commands::mark);
  handlers_["node.start"] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { nodes_.start(node, c, d); });
  };
  handlers_["node.stop"] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { nodes_.stop(node, c, d); });
  };
  handlers_[std::string(kCrashVerb)] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { nodes_.crash(node, c, d); });
  };
  handlers_["node.restart"] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { restart(node, c, d); });
  };
  handlers_["node.pause"] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { nodes_.pause(node, c, d); });
  };
  handlers_["node.resume"] = [this](const Arguments& a, Seq c, const Done& d) {
    with_node(a, d, [&](NodeId node) { d(nodes_.resume(node, c)); });
  };
  for (const auto& [verb, unused] : handlers_) LABREEL_CHECK(lab_verb(verb) != nullptr);
  LABREEL_CHECK(handlers_.size() == kLabVerbs.size() + kInnerVerbs.size());
}

void Commands::submit(const CommandRequest& request, Seq cause, std::function<void(CommandReply)> done) {
  const Seq command = runtime_.loop.record(cause, Command{request.verb, request.arguments, request.by});
  const Done finish = [this, command, request, done = std::move(done)](const Status& status) {
    CommandReply reply = end(command, status);
    if (status && request.verb == kMarkVerb) reply.occurrence = markers_.at(request.arguments.front());
    if (done) done(reply);
  };
  const LabVerb* const verb = lab_verb(request.verb);
  if (verb == nullptr) {
    std::vector<std::string> verbs;
    for (const auto& [known, unused] : handlers_) verbs.push_back(known);
    return finish(usage_error("no command " + request.verb + did_you_mean(request.verb, verbs)));
  }
  if (!verb->takes(request.arguments)) return finish(usage_error(std::string(verb->needs), std::string(verb->example)));
  handlers_.at(request.verb)(request.arguments, command, finish);
}

CommandReply Commands::end(Seq command, const Status& status) {
  CommandReply reply;
  reply.ok = status.ok();
  reply.command = command;
  if (!status) {
    reply.error = status.error().what;
    reply.hint = status.error().hint;
    reply.kind = status.error().kind;
  }
  runtime_.loop.record(command, CommandDone{reply.ok, reply.error});
  return reply;
}

InjectReply Commands::inject(const InjectRequest& request) {
  InjectReply reply{.last = {.ok = true}};
  for (const auto& [from, frame] : request.frames) {
    if (!reply.last.ok) break;
    const Seq command = runtime_.loop.record(Seq{}, Command{"inject", {request.port, from, to_hex(frame)}, request.by});
    reply.last = end(command, inject_frame(request.port, from, frame, command));
    reply.commands.push_back(command);
  }
  return reply;
}

std::optional<ExecId> Commands::exec(const std::string& node, const std::vector<std::string>& argv,
                                     const Origin& by, Seq cause, ExecObserver observer) {
  Command command{"exec", {node}, by};
  command.arguments.insert(command.arguments.end(), argv.begin(), argv.end());
  const Seq seq = runtime_.loop.record(cause, command);
  auto id = names_.node(node);
  std::string error;
  if (!id) {
    error = error_text(id.error());
  } else if (!runtime_.topology().nodes()[index_of(*id)].running) {
    error = "node " + node + " is not running";
  } else if (argv.empty()) {
    error = "exec needs a command";
  }
  if (!error.empty()) {
    runtime_.loop.record(seq, CommandDone{false, error});
    if (observer.done) observer.done(-1, error);
    return std::nullopt;
  }
  observer.done = [this, seq, done = std::move(observer.done)](std::int32_t status, const std::string& problem) {
    runtime_.loop.record(seq, CommandDone{status == 0, status == 0 ? "" : fmt::format("status {}", status)});
    if (done) done(status, problem);
  };
  return execs_.run(*id, argv, seq, std::move(observer));
}

Status Commands::set_cable_state(const Arguments& arguments, Seq command, bool up) {
  const auto port = names_.port(arguments[0]);
  if (!port) return port.error();
  const PortInfo& info = runtime_.topology().ports()[index_of(*port)];
  if (!info.link && !info.lan) return lab_error("port " + arguments[0] + " has no cable");
  if (info.cable_up == up) {
    return lab_error(fmt::format("the cable of {} is {} already", arguments[0], up ? "up" : "cut"));
  }
  return status_of(up ? runtime_.loop.apply(command, LinkUp{*port}) : runtime_.loop.apply(command, LinkDown{*port}));
}

Status Commands::set_cable(const Arguments& arguments, Seq command) {
  const auto port = names_.port(arguments[0]);
  if (!port) return port.error();
  const PortInfo& info = runtime_.topology().ports()[index_of(*port)];
  const auto peer = runtime_.topology().peer_of(*port);
  if (!info.link && !info.lan) return lab_error("port " + arguments[0] + " has no cable");
  CableChange change;
  change.out = info.out;
  change.in = peer ? runtime_.topology().ports()[index_of(*peer)].out : info.in;
  const Status read = read_cable_words(arguments, 1, change);
  if (!read) return read;
  if (info.lan) {
    Status few = check_lan_copies(runtime_.topology(), *info.lan, *port, change.out, change.in);
    if (!few) return few;
  }
  const LinkChanged out{*port, Direction::out, change.out, change.out_fields};
  const LinkChanged in{peer.value_or(*port), peer ? Direction::out : Direction::in, change.in, change.in_fields};
  for (const LinkChanged& side : {out, in}) {
    if (side.changed == 0) continue;
    auto applied = runtime_.loop.apply(command, side);
    if (!applied) return std::move(applied).error();
  }
  return ok_status();
}

// A port, who is to have sent the frame, and its bytes in hex: as the command is recorded, so that it can be given again.
Status Commands::inject_hex(const Arguments& arguments, Seq command) {
  return inject_frame(arguments[0], arguments[1], bytes_of_hex(arguments[2]).value_or(""), command);
}

Status Commands::inject_frame(const std::string& port, const std::string& from, const std::string& frame, Seq command) {
  const auto into = names_.port(port);
  if (!into) return into.error();
  if (frame.size() < kEthernetHeader_bytes || frame.size() > kFrame_bytes_max) return usage_error("that is no frame");
  const PortInfo& info = runtime_.topology().ports()[index_of(*into)];
  auto sender = runtime_.topology().peer_of(*into);
  if (!sender && info.lan) {
    const auto named = names_.port(from);
    if (!named) return named.error();
    if (*named == *into || runtime_.topology().ports()[index_of(*named)].lan != info.lan) {
      return lab_error("port " + from + " is not on the lan of " + port);
    }
    sender = *named;
  }
  if (!sender) return lab_error("port " + port + " has no cable");
  return status_of(runtime_.loop.inject(command, *sender, std::as_bytes(std::span(frame))));
}

Status Commands::mark(const Arguments& arguments, Seq command) {
  const std::string& name = arguments[0];
  const bool letter = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
  if (!letter || name == "end" || name.find_first_of("# \t\n") != std::string::npos) {
    return usage_error("`" + name + "` cannot be a marker's name",
                       "it starts with a letter, has no space or #, and is not `end`");
  }
  ++markers_[name];
  runtime_.loop.record(command, Marker{name, arguments.size() == 2 ? arguments[1] : std::string{}});
  return ok_status();
}

// Stops a node that runs, and starts it; also after a crash.
void Commands::restart(NodeId node, Seq command, const Done& done) {
  if (!nodes_.is_alive(node)) return nodes_.start(node, command, done);
  nodes_.stop(node, command, [this, node, command, done](const Status& stopped) {
    if (!stopped) return done(stopped);
    // From a turn of its own: the driver is still telling of the old one's end.
    runtime_.loop.call_at(runtime_.loop.now(), [this, node, command, done] { nodes_.start(node, command, done); });
  });
}

void Commands::with_node(const Arguments& arguments, const Done& done, const std::function<void(NodeId)>& act) {
  const auto node = names_.node(arguments[0]);
  if (!node) return done(node.error());
  act(*node);
}

}  // namespace labreel
