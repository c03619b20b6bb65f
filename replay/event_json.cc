#include "replay/event_json.h"

#include <array>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/cable_table.h"
#include "engine/core/units.h"
#include "engine/text/hex.h"
#include "replay/settings.h"
#include "replay/summary/summary.h"

namespace labreel {
namespace {

// Writes the members that a kind adds to `seq time kind cause`.
class Members {
 public:
  Members(JsonWriter& json, const Topology& topology, bool with_payload)
      : json_(json), topology_(topology), with_payload_(with_payload) {}

  void operator()(const LabBegun& e) const {
    json_.key("lab").value(e.lab).key("lab_file_name").value(e.lab_file_name).key("lab_file").value(e.lab_file);
    json_.key("seed").value(e.seed).key("clock").value(e.clock.text()).key("fabric").value(e.fabric_version);
    if (e.branch) write_branch(json_, *e.branch);
  }
  void operator()(const LabEnded& e) const { json_.key("why").value(e.why.text()); }

  void operator()(const NodeAdded& e) const {
    json_.key("node").value(e.name).key("node_kind").value(e.node_kind.text()).key("position");
    if (e.position) {
      json_.begin_array().value((*e.position)[0]).value((*e.position)[1]).end_array();
    } else {
      json_.null();
    }
    if (e.settings.empty()) return;
    json_.key("settings").begin_object();
    for (const NodeSetting& setting : e.settings) json_.key(setting.key).string_or_hex(setting.value);
    json_.end_object();
  }
  void operator()(const NodeRemoved& e) const { node(e.node); }
  void operator()(const NodeStarting& e) const { node(e.node); }
  void operator()(const NodeStarted& e) const { node(e.node); }
  void operator()(const NodeStopped& e) const {
    node(e.node);
    json_.key("why").value(e.why);
  }
  void operator()(const NodePaused& e) const { node(e.node); }
  void operator()(const NodeResumed& e) const { node(e.node); }

  void operator()(const PortAdded& e) const {
    json_.key("port").value(topology_.name_of(e.node) + ":" + e.name);
    node(e.node);
    json_.key("mac").value(format_mac(e.mac)).key("mtu").value(e.mtu);
  }
  void operator()(const PortRemoved& e) const { port(e.port); }
  void operator()(const PortUp& e) const { port(e.port); }
  void operator()(const PortDown& e) const { port(e.port); }

  void operator()(const LinkAdded& e) const {
    ports(e.ports);
    settings("out", e.out[0]);
    settings("in", e.out[1]);
  }
  void operator()(const LinkRemoved& e) const {
    const LinkInfo* link = topology_.find(e.link);
    ports(link != nullptr ? link->added.ports : std::array<PortId, 2>{kNoPort, kNoPort});
  }
  void operator()(const LinkUp& e) const { cable(e.port); }
  void operator()(const LinkDown& e) const { cable(e.port); }
  void operator()(const LinkChanged& e) const {
    cable(e.port);
    json_.key("direction").value(e.direction == Direction::out ? "out" : "in");
    write_settings(json_, e.settings, e.changed);
  }

  void operator()(const LanAdded& e) const {
    json_.key("lan").value(e.name).key("hub").value(e.hub);
    json_.key("mac_limit").value(e.mac_limit).key("ageing_ns").value(e.ageing_ns);
  }
  void operator()(const LanRemoved& e) const { lan(e.lan); }
  void operator()(const LanJoined& e) const {
    lan(e.lan);
    port(e.port);
    settings("out", e.out);
    settings("in", e.in);
  }
  void operator()(const LanLeft& e) const {
    lan(e.lan);
    port(e.port);
  }

  void operator()(const Frame& e) const {
    port(e.port);
    json_.key("length").value(e.length);
    if (e.length > e.bytes.size()) json_.key("captured").value(e.bytes.size());
    json_.key("copies").begin_array();
    for (std::size_t i = 0; i < e.copies.size(); ++i) copy(i, e.copies[i]);
    json_.end_array();
    json_.key("summary").value(summarise_frame(e.bytes, e.length));
    if (with_payload_) json_.key("payload").value(to_hex(e.bytes));
  }
  void operator()(const Outcome& e) const {
    json_.key("copy").value(e.copy).key("dropped").value(name_of(e.reason)).key("frame").value(e.frame.value);
    port(e.port);
  }

  void operator()(const Command& e) const {
    json_.key("verb").value(e.verb);
    strings("arguments", e.arguments);
    json_.key("by").value(e.by.text());
  }
  void operator()(const CommandDone& e) const {
    json_.key("ok").value(e.ok).key("error");
    if (e.ok) {
      json_.null();
    } else {
      json_.value(e.error);
    }
  }
  void operator()(const Exec& e) const {
    node(e.node);
    strings("argv", e.argv);
  }
  void operator()(const ExecOutput& e) const {
    node(e.node);
    json_.key("stream").value(e.stream == Stream::stderr_stream ? "stderr" : "stdout").text_or_hex(e.bytes);
  }
  void operator()(const ExecDone& e) const {
    node(e.node);
    json_.key("status").value(e.status);
  }
  void operator()(const Console& e) const {
    node(e.node);
    json_.key("input").value(e.input).text_or_hex(e.bytes);
  }

  void operator()(const Scenario& e) const {
    json_.key("step").value(e.step).key("state").value(e.state.text()).key("detail").value(e.detail);
  }
  void operator()(const Marker& e) const {
    json_.key("name").value(e.name).key("note").value(e.note);
    if (!e.ask.empty()) json_.key("ask").value(e.ask);
  }
  void operator()(const Snapshot& e) const {
    json_.key("name").value(e.name).key("detail").value(e.detail);
    if (!e.manifest.empty()) json_.key("manifest").string_or_hex(e.manifest);
  }
  void operator()(const Checkpoint& e) const {
    json_.key("length").value(e.state.size());
    if (with_payload_) json_.key("payload").value(to_hex(e.state));
  }
  void operator()(const Gap& e) const {
    json_.key("where").value(e.where.text()).key("frames").value(e.frames).key("reason").value(e.reason);
    port(e.port);
  }
  void operator()(const Divergence& e) const { json_.key("detail").value(e.detail); }
  template <DescribedNote Note>
  void operator()(const Note& e) const {
    each_field(e, [&](std::string_view name, const auto& value) { field(name, value); });
  }
  void operator()(const UnknownNote& e) const {
    json_.key("number").value(e.number).key("length").value(e.bytes.size());
    if (with_payload_) json_.key("payload").value(to_hex(e.bytes));
  }

 private:
  void field(std::string_view, NodeId value) const { node(value); }
  void field(std::string_view name, const std::string& value) const { json_.key(name).string_or_hex(value); }
  void field(std::string_view name, bool value) const { json_.key(name).value(value); }
  void field(std::string_view, const RawBytes& value) const { json_.text_or_hex(value.bytes); }
  void node(NodeId id) const { json_.key("node").value(topology_.name_of(id)); }
  void lan(LanId id) const { json_.key("lan").value(topology_.name_of(id)); }
  void port_name(PortId id) const {
    if (id == kNoPort) {
      json_.null();
    } else {
      json_.value(topology_.name_of(id));
    }
  }
  void port(PortId id) const {
    json_.key("port");
    port_name(id);
  }
  void ports(const std::array<PortId, 2>& ids) const {
    json_.key("ports").begin_array();
    for (const PortId id : ids) port_name(id);
    json_.end_array();
  }
  // The port, and what its cable leads to.
  void cable(PortId id) const {
    port(id);
    const PortInfo* info = topology_.find(id);
    if (const auto peer = topology_.peer_of(id)) {
      ports({id, *peer});
    } else if (info != nullptr && info->lan) {
      lan(*info->lan);
    }
  }
  void settings(std::string_view name, const CableSettings& values) const {
    json_.key(name).begin_object();
    write_settings(json_, values);
    json_.end_object();
  }
  void strings(std::string_view name, const std::vector<std::string>& values) const {
    json_.key(name).begin_array();
    for (const std::string& value : values) json_.string_or_hex(value);
    json_.end_array();
  }
  void copy(std::size_t number, const Copy& decision) const {
    json_.begin_object().key("copy").value(number);
    port(decision.port);
    if (decision.scheduled()) {
      json_.key("due").value(decision.due.ns);
    } else {
      json_.key("dropped").value(name_of(decision.reason));
    }
    if (const auto flags = names_of_flags(decision.flags); !flags.empty()) {
      json_.key("flags").begin_array();
      for (const std::string_view flag : flags) json_.value(flag);
      json_.end_array();
    }
    json_.end_object();
  }

  JsonWriter& json_;
  const Topology& topology_;
  bool with_payload_;
};

}  // namespace

void write_branch(JsonWriter& json, const BranchPoint& branch) {
  json.key("branch").begin_object().key("parent").value(branch.parent);
  json.key("position").value(branch.position.value).key("digest").value(branch.digest).end_object();
}

void write_settings(JsonWriter& json, const CableSettings& settings, CableFields fields) {
  for (const CableSetting& setting : kCableSettings) {
    if ((fields & setting.field()) != 0) json.key(setting.json_key).value(setting.value_of(settings));
  }
}

void write_event(JsonWriter& json, const Event& event, const Topology& topology, bool with_payload, const DecodedFrame* layers) {
  json.begin_object().key("seq").value(event.seq.value).key("time").value(event.time.ns);
  json.key("kind").value(name_of(event.kind())).key("cause");
  if (event.cause.is_none()) {
    json.null();
  } else {
    json.value(event.cause.value);
  }
  std::visit(Members(json, topology, with_payload), event.body);
  if (layers != nullptr) write_layers(json, *layers);
  json.end_object();
}

void EventJson::observe(const Event& event) {
  // A repaired reel may lack the effect that this one builds on: reading goes on, and verify is what judges.
  static_cast<void>(topology_.apply(event.body).ok());
  const auto* const frame = std::get_if<Frame>(&event.body);
  if (fields_ && frame != nullptr) static_cast<void>(fields_->of(event, *frame, topology_));
}

std::string EventJson::line(const Event& event) {
  JsonWriter json;
  const auto* const frame = std::get_if<Frame>(&event.body);
  if (fields_ && frame != nullptr) {
    const DecodedFrame layers = fields_->of(event, *frame, topology_);
    write_event(json, event, topology_, with_payload_, &layers);
  } else {
    write_event(json, event, topology_, with_payload_);
    observe(event);
  }
  return json.take();
}

}  // namespace labreel
