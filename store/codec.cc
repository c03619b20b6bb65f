#include "store/codec.h"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/core/cable_table.h"
#include "engine/core/check.h"
#include "store/schema/event.capnp.h"

namespace labreel {
namespace {

// A value that no enum has: thrown inside decode() only, as Cap'n Proto throws its own.
struct BadValue {
  std::string what;
};

std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
std::string text_of(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }
capnp::Data::Reader data_of(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}
capnp::Text::Reader text_for(const std::string& text) { return {text.c_str(), text.size()}; }

// Which settings changed is in two fields: the first was full when there were eight of them.
constexpr unsigned kChangedBits_low = 8;
constexpr unsigned kChangedBits = kChangedBits_low + 16;
static_assert(kCableSettings.size() <= kChangedBits);

void put(schema::CableSettings::Builder out, const CableSettings& settings) {
  out.setDelayNs(settings.delay_ns);
  out.setJitterNs(settings.jitter_ns);
  out.setRateBps(settings.rate_bps);
  out.setQueueBytes(settings.queue_bytes);
  out.setLossPpb(settings.loss_ppb);
  out.setDuplicatePpb(settings.duplicate_ppb);
  out.setCorruptPpb(settings.corrupt_ppb);
  out.setReorderPpb(settings.reorder_ppb);
}
CableSettings settings_of(schema::CableSettings::Reader in) {
  return {.delay_ns = in.getDelayNs(),
          .jitter_ns = in.getJitterNs(),
          .rate_bps = in.getRateBps(),
          .queue_bytes = in.getQueueBytes(),
          .loss_ppb = in.getLossPpb(),
          .duplicate_ppb = in.getDuplicatePpb(),
          .corrupt_ppb = in.getCorruptPpb(),
          .reorder_ppb = in.getReorderPpb()};
}

void put(capnp::List<capnp::Data>::Builder out, const std::vector<std::string>& items) {
  for (unsigned i = 0; i < items.size(); ++i) out.set(i, data_of(items[i]));
}
std::vector<std::string> items_of(capnp::List<capnp::Data>::Reader in) {
  std::vector<std::string> items;
  for (const capnp::Data::Reader item : in) items.push_back(text_of(item));
  return items;
}

void put(capnp::List<schema::NodeSetting>::Builder out, const std::vector<NodeSetting>& settings) {
  for (unsigned i = 0; i < settings.size(); ++i) {
    out[i].setKey(text_for(settings[i].key));
    out[i].setValue(data_of(settings[i].value));
  }
}

// One `put` and one `get` a struct. Those that only name one thing share a struct of the schema.

struct PutBody {
  capnp::MallocMessageBuilder& message;

  template <class Root>
  typename Root::Builder init() const {
    return message.initRoot<Root>();
  }
  void node(NodeId id) const { init<schema::NodeOnly>().setNode(index_of(id)); }
  void port(PortId id) const { init<schema::PortOnly>().setPort(index_of(id)); }

  void operator()(const LabBegun& in) const {
    auto out = init<schema::LabBegun>();
    out.setLab(text_for(in.lab));
    out.setLabFile(data_of(in.lab_file));
    out.setLabFileName(text_for(in.lab_file_name));
    out.setSeed(in.seed);
    out.setClock(text_for(std::string(in.clock.text())));
    out.setFabricVersion(in.fabric_version);
    if (!in.branch) return;
    out.setBranchParent(text_for(in.branch->parent));
    out.setBranchPosition(in.branch->position.value);
    out.setBranchDigest(text_for(in.branch->digest));
  }
  void operator()(const LabEnded& in) const { init<schema::LabEnded>().setWhy(text_for(in.why.text())); }
  void operator()(const NodeAdded& in) const {
    auto out = init<schema::NodeAdded>();
    out.setNode(index_of(in.node));
    out.setName(text_for(in.name));
    out.setNodeKind(text_for(std::string(in.node_kind.text())));
    if (in.position) {
      out.setHasPosition(true);
      out.setX((*in.position)[0]);
      out.setY((*in.position)[1]);
    }
    if (!in.settings.empty()) put(out.initSettings(static_cast<unsigned>(in.settings.size())), in.settings);
  }
  void operator()(const NodeRemoved& in) const { node(in.node); }
  void operator()(const NodeStarting& in) const { node(in.node); }
  void operator()(const NodeStarted& in) const { node(in.node); }
  void operator()(const NodePaused& in) const { node(in.node); }
  void operator()(const NodeResumed& in) const { node(in.node); }
  void operator()(const NodeStopped& in) const {
    auto out = init<schema::NodeStopped>();
    out.setNode(index_of(in.node));
    out.setWhy(text_for(in.why));
  }
  void operator()(const PortAdded& in) const {
    auto out = init<schema::PortAdded>();
    out.setPort(index_of(in.port));
    out.setNode(index_of(in.node));
    out.setName(text_for(in.name));
    out.setMac({in.mac.data(), in.mac.size()});
    out.setMtu(in.mtu);
  }
  void operator()(const PortRemoved& in) const { port(in.port); }
  void operator()(const PortUp& in) const { port(in.port); }
  void operator()(const PortDown& in) const { port(in.port); }
  void operator()(const LinkUp& in) const { port(in.port); }
  void operator()(const LinkDown& in) const { port(in.port); }
  void operator()(const LinkAdded& in) const {
    auto out = init<schema::LinkAdded>();
    out.setLink(index_of(in.link));
    out.setFirstPort(index_of(in.ports[0]));
    out.setSecondPort(index_of(in.ports[1]));
    put(out.initFirstOut(), in.out[0]);
    put(out.initSecondOut(), in.out[1]);
  }
  void operator()(const LinkRemoved& in) const { init<schema::LinkOnly>().setLink(index_of(in.link)); }
  void operator()(const LinkChanged& in) const {
    auto out = init<schema::LinkChanged>();
    out.setPort(index_of(in.port));
    out.setDirection(static_cast<std::uint8_t>(in.direction));
    put(out.initSettings(), in.settings);
    LABREEL_CHECK(in.changed >> kChangedBits == 0);
    out.setChanged(static_cast<std::uint8_t>(in.changed));
    out.setChangedMore(static_cast<std::uint16_t>(in.changed >> kChangedBits_low));
  }
  void operator()(const LanAdded& in) const {
    auto out = init<schema::LanAdded>();
    out.setLan(index_of(in.lan));
    out.setName(text_for(in.name));
    out.setHub(in.hub);
    out.setMacLimit(in.mac_limit);
    out.setAgeingNs(in.ageing_ns);
  }
  void operator()(const LanRemoved& in) const { init<schema::LanOnly>().setLan(index_of(in.lan)); }
  void operator()(const LanJoined& in) const {
    auto out = init<schema::LanJoined>();
    out.setLan(index_of(in.lan));
    out.setPort(index_of(in.port));
    put(out.initOut(), in.out);
    put(out.initIn(), in.in);
  }
  void operator()(const LanLeft& in) const {
    auto out = init<schema::LanLeft>();
    out.setLan(index_of(in.lan));
    out.setPort(index_of(in.port));
  }
  void operator()(const Frame&) const { LABREEL_CHECK(false && "a frame is not encoded here"); }
  void operator()(const Outcome& in) const {
    auto out = init<schema::Outcome>();
    out.setFrame(in.frame.value);
    out.setCopy(in.copy);
    out.setPort(index_of(in.port));
    out.setReason(static_cast<std::uint8_t>(in.reason));
  }
  void operator()(const Command& in) const {
    auto out = init<schema::Command>();
    out.setVerb(text_for(in.verb));
    put(out.initArguments(static_cast<unsigned>(in.arguments.size())), in.arguments);
    out.setBy(text_for(in.by.text()));
  }
  void operator()(const CommandDone& in) const {
    auto out = init<schema::CommandDone>();
    out.setOk(in.ok);
    out.setError(text_for(in.error));
  }
  void operator()(const Exec& in) const {
    auto out = init<schema::Exec>();
    out.setNode(index_of(in.node));
    put(out.initArgv(static_cast<unsigned>(in.argv.size())), in.argv);
  }
  void operator()(const ExecOutput& in) const {
    auto out = init<schema::ExecOutput>();
    out.setNode(index_of(in.node));
    out.setStream(static_cast<std::uint8_t>(in.stream));
    out.setBytes(data_of(in.bytes));
  }
  void operator()(const ExecDone& in) const {
    auto out = init<schema::ExecDone>();
    out.setNode(index_of(in.node));
    out.setStatus(in.status);
  }
  void operator()(const Console& in) const {
    auto out = init<schema::Console>();
    out.setNode(index_of(in.node));
    out.setInput(in.input);
    out.setBytes(data_of(in.bytes));
  }
  void operator()(const Scenario& in) const {
    auto out = init<schema::Scenario>();
    out.setStep(in.step);
    out.setState(text_for(std::string(in.state.text())));
    out.setDetail(text_for(in.detail));
  }
  void operator()(const Marker& in) const {
    auto out = init<schema::Marker>();
    out.setName(text_for(in.name));
    out.setNote(text_for(in.note));
    if (!in.ask.empty()) out.setAsk(text_for(in.ask));
  }
  void operator()(const Snapshot& in) const {
    auto out = init<schema::Snapshot>();
    out.setName(text_for(in.name));
    out.setDetail(text_for(in.detail));
    if (!in.manifest.empty()) out.setManifest(data_of(in.manifest));
  }
  void operator()(const Checkpoint& in) const { init<schema::Checkpoint>().setState(data_of(in.state)); }
  void operator()(const Gap& in) const {
    auto out = init<schema::Gap>();
    out.setWhere(text_for(std::string(in.where.text())));
    out.setFrames(in.frames);
    out.setReason(text_for(in.reason));
    out.setPort(index_of(in.port));
  }
  void operator()(const Divergence& in) const { init<schema::Divergence>().setDetail(text_for(in.detail)); }
  void operator()(const NodeState& in) const {
    auto out = init<schema::NodeState>();
    out.setNode(index_of(in.node));
    out.setTable(text_for(in.table));
    out.setKey(data_of(in.key));
    out.setOld(data_of(in.before));
    out.setNew(data_of(in.after));
  }
  void operator()(const Assertion& in) const {
    auto out = init<schema::Assertion>();
    out.setName(text_for(in.name));
    out.setHolds(in.holds);
    out.setDetail(text_for(in.detail));
  }
  void operator()(const ExecInput& in) const {
    auto out = init<schema::ExecInput>();
    out.setNode(index_of(in.node));
    out.setBytes(data_of(in.bytes));
  }
  void operator()(const UnknownNote&) const { LABREEL_CHECK(false && "an unknown note is its own bytes"); }
};

// Reads the root that a kind has.
class GetBody {
 public:
  explicit GetBody(capnp::MessageReader& message) : message_(message) {}

  EventBody get(EventKind kind) {
    switch (kind) {
      case EventKind::node_removed: return NodeRemoved{node()};
      case EventKind::node_starting: return NodeStarting{node()};
      case EventKind::node_started: return NodeStarted{node()};
      case EventKind::node_paused: return NodePaused{node()};
      case EventKind::node_resumed: return NodeResumed{node()};
      case EventKind::port_removed: return PortRemoved{port()};
      case EventKind::port_up: return PortUp{port()};
      case EventKind::port_down: return PortDown{port()};
      case EventKind::link_up: return LinkUp{port()};
      case EventKind::link_down: return LinkDown{port()};
      case EventKind::link_removed: return LinkRemoved{LinkId{root<schema::LinkOnly>().getLink()}};
      case EventKind::lan_removed: return LanRemoved{LanId{root<schema::LanOnly>().getLan()}};
      case EventKind::node_added:
      case EventKind::node_stopped:
      case EventKind::port_added:
      case EventKind::link_added:
      case EventKind::link_changed:
      case EventKind::lan_added:
      case EventKind::lan_joined:
      case EventKind::lan_left: return effect(kind);
      default: return other(kind);
    }
  }

 private:
  template <class Root>
  typename Root::Reader root() {
    return message_.getRoot<Root>();
  }
  NodeId node() { return NodeId{root<schema::NodeOnly>().getNode()}; }
  PortId port() { return PortId{root<schema::PortOnly>().getPort()}; }

  // Of a number that must be one of an enum's, first to last.
  template <class Enum>
  static Enum one_of(std::uint8_t value, Enum first, Enum last, const char* what) {
    if (value < static_cast<std::uint8_t>(first) || value > static_cast<std::uint8_t>(last)) {
      throw BadValue{std::string("there is no ") + what + " " + std::to_string(value)};
    }
    return static_cast<Enum>(value);
  }

  EventBody effect(EventKind kind) {
    switch (kind) {
      case EventKind::node_added: return node_added(root<schema::NodeAdded>());
      case EventKind::node_stopped: {
        const auto in = root<schema::NodeStopped>();
        return NodeStopped{NodeId{in.getNode()}, text_of(in.getWhy())};
      }
      case EventKind::port_added: return port_added(root<schema::PortAdded>());
      case EventKind::link_added: {
        const auto in = root<schema::LinkAdded>();
        return LinkAdded{LinkId{in.getLink()},
                         {PortId{in.getFirstPort()}, PortId{in.getSecondPort()}},
                         {settings_of(in.getFirstOut()), settings_of(in.getSecondOut())}};
      }
      case EventKind::link_changed: {
        const auto in = root<schema::LinkChanged>();
        return LinkChanged{PortId{in.getPort()}, one_of(in.getDirection(), Direction::out, Direction::in, "direction"),
                           settings_of(in.getSettings()),
                           in.getChanged() | CableFields{in.getChangedMore()} << kChangedBits_low};
      }
      case EventKind::lan_added: {
        const auto in = root<schema::LanAdded>();
        return LanAdded{LanId{in.getLan()}, text_of(in.getName()), in.getHub(), in.getMacLimit(), in.getAgeingNs()};
      }
      case EventKind::lan_joined: {
        const auto in = root<schema::LanJoined>();
        return LanJoined{LanId{in.getLan()}, PortId{in.getPort()}, settings_of(in.getOut()), settings_of(in.getIn())};
      }
      default: {
        const auto in = root<schema::LanLeft>();
        return LanLeft{LanId{in.getLan()}, PortId{in.getPort()}};
      }
    }
  }

  EventBody other(EventKind kind) {
    switch (kind) {
      case EventKind::lab_begun: return lab_begun(root<schema::LabBegun>());
      case EventKind::lab_ended: return LabEnded{text_of(root<schema::LabEnded>().getWhy())};
      case EventKind::outcome: return outcome(root<schema::Outcome>());
      case EventKind::command: {
        const auto in = root<schema::Command>();
        return Command{text_of(in.getVerb()), items_of(in.getArguments()), text_of(in.getBy())};
      }
      case EventKind::command_done: {
        const auto in = root<schema::CommandDone>();
        return CommandDone{in.getOk(), text_of(in.getError())};
      }
      case EventKind::exec: {
        const auto in = root<schema::Exec>();
        return Exec{NodeId{in.getNode()}, items_of(in.getArgv())};
      }
      case EventKind::exec_output: {
        const auto in = root<schema::ExecOutput>();
        return ExecOutput{NodeId{in.getNode()},
                          one_of(in.getStream(), Stream::stdout_stream, Stream::stderr_stream, "stream"),
                          text_of(in.getBytes())};
      }
      case EventKind::exec_done: {
        const auto in = root<schema::ExecDone>();
        return ExecDone{NodeId{in.getNode()}, in.getStatus()};
      }
      case EventKind::console: {
        const auto in = root<schema::Console>();
        return Console{NodeId{in.getNode()}, in.getInput(), text_of(in.getBytes())};
      }
      default: return words(kind);
    }
  }

  EventBody words(EventKind kind) {
    switch (kind) {
      case EventKind::scenario: {
        const auto in = root<schema::Scenario>();
        return Scenario{in.getStep(), text_of(in.getState()), text_of(in.getDetail())};
      }
      case EventKind::marker: {
        const auto in = root<schema::Marker>();
        return Marker{text_of(in.getName()), text_of(in.getNote()), text_of(in.getAsk())};
      }
      case EventKind::snapshot: {
        const auto in = root<schema::Snapshot>();
        return Snapshot{text_of(in.getName()), text_of(in.getDetail()), text_of(in.getManifest())};
      }
      case EventKind::checkpoint: return Checkpoint{text_of(root<schema::Checkpoint>().getState())};
      case EventKind::gap: {
        const auto in = root<schema::Gap>();
        return Gap{text_of(in.getWhere()), in.getFrames(), text_of(in.getReason()), PortId{in.getPort()}};
      }
      case EventKind::divergence: return Divergence{text_of(root<schema::Divergence>().getDetail())};
      case EventKind::node_state: {
        const auto in = root<schema::NodeState>();
        return NodeState{NodeId{in.getNode()}, text_of(in.getTable()), text_of(in.getKey()), text_of(in.getOld()),
                         text_of(in.getNew())};
      }
      case EventKind::assertion: {
        const auto in = root<schema::Assertion>();
        return Assertion{text_of(in.getName()), in.getHolds(), text_of(in.getDetail())};
      }
      case EventKind::exec_input: {
        const auto in = root<schema::ExecInput>();
        return ExecInput{NodeId{in.getNode()}, text_of(in.getBytes())};
      }
      default: throw BadValue{"there is no event of kind " + std::to_string(static_cast<unsigned>(kind)) + " here"};
    }
  }

  static NodeAdded node_added(schema::NodeAdded::Reader in) {
    NodeAdded out{NodeId{in.getNode()}, text_of(in.getName()), text_of(in.getNodeKind()), {}};
    if (in.getHasPosition()) out.position = {in.getX(), in.getY()};
    for (const auto setting : in.getSettings()) {
      out.settings.push_back({text_of(setting.getKey()), text_of(setting.getValue())});
    }
    return out;
  }
  static PortAdded port_added(schema::PortAdded::Reader in) {
    PortAdded out{PortId{in.getPort()}, NodeId{in.getNode()}, text_of(in.getName()), {}, in.getMtu()};
    const capnp::Data::Reader mac = in.getMac();
    if (mac.size() != out.mac.size()) throw BadValue{"a MAC address of " + std::to_string(mac.size()) + " bytes"};
    std::copy(mac.begin(), mac.end(), out.mac.begin());
    return out;
  }
  static LabBegun lab_begun(schema::LabBegun::Reader in) {
    LabBegun out{text_of(in.getLab()), text_of(in.getLabFile()), text_of(in.getLabFileName()),
                 in.getSeed(), text_of(in.getClock()), in.getFabricVersion()};
    if (in.getBranchPosition() != 0) {
      out.branch = BranchPoint{text_of(in.getBranchParent()), Seq{in.getBranchPosition()}, text_of(in.getBranchDigest())};
    }
    return out;
  }
  static Outcome outcome(schema::Outcome::Reader in) {
    return {Seq{in.getFrame()}, in.getCopy(), PortId{in.getPort()},
            one_of(in.getReason(), Reason::none, Reason::lab_ended, "reason")};
  }

  capnp::MessageReader& message_;
};

struct SubjectOf {
  template <class Body>
  std::uint32_t operator()(const Body& body) const {
    if constexpr (requires { body.link; }) {
      return index_of(body.link);
    } else if constexpr (requires { body.lan; }) {
      return index_of(body.lan);
    } else if constexpr (requires { body.port; }) {
      return index_of(body.port);
    } else if constexpr (requires { body.node; }) {
      return index_of(body.node);
    } else if constexpr (requires { body.subject; }) {
      return body.subject;
    } else {
      return kNoSubject;
    }
  }
};

constexpr auto kLastKnownNote = EventKind::exec_input;
bool is_unknown_note(std::uint8_t kind) { return kind > static_cast<std::uint8_t>(kLastKnownNote); }

// The canonical form of a small body takes this many words of stack.
constexpr std::size_t kScratch_words = 128;

}  // namespace

std::string encode(const EventBody& body) {
  if (const auto* unknown = std::get_if<UnknownNote>(&body)) {
    LABREEL_CHECK(is_unknown_note(unknown->number));
    return unknown->bytes;
  }
  capnp::word scratch[kScratch_words] = {};
  capnp::MallocMessageBuilder message{kj::arrayPtr(scratch, kScratch_words)};
  std::visit(PutBody{message}, body);
  // The builder's own bytes depend on the library's habits; the canonical form does not.
  const kj::Array<capnp::word> canonical = message.getRoot<capnp::AnyPointer>().asReader().getAs<capnp::AnyStruct>().canonicalize();
  const auto bytes = canonical.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

std::uint32_t subject_of(const EventBody& body) { return std::visit(SubjectOf{}, body); }

Result<EventBody> decode(std::uint8_t kind, Bytes payload) {
  if (is_unknown_note(kind)) {
    return EventBody{UnknownNote{kind, kNoSubject, {reinterpret_cast<const char*>(payload.data()), payload.size()}}};
  }
  if (payload.size() % sizeof(capnp::word) != 0 || payload.empty()) {
    return Error{ErrorKind::input, "an event's body of " + std::to_string(payload.size()) + " bytes is no message"};
  }
  // Copied, since a page's bytes need not lie as Cap'n Proto wants them.
  const std::size_t words = payload.size() / sizeof(capnp::word);
  kj::Array<capnp::word> copy = kj::heapArray<capnp::word>(words);
  std::memcpy(static_cast<void*>(copy.begin()), payload.data(), payload.size());
  const kj::ArrayPtr<const capnp::word> segment = copy;
  // Every field is read once, so an honest body is traversed once; a list that claims its items many times over is not.
  const capnp::ReaderOptions limits{.traversalLimitInWords = words + 16, .nestingLimit = 8};
  try {
    capnp::SegmentArrayMessageReader message{kj::arrayPtr(&segment, 1), limits};
    return GetBody{message}.get(static_cast<EventKind>(kind));
  } catch (const kj::Exception& exception) {
    return Error{ErrorKind::input, std::string("an event's body is damaged: ") + exception.getDescription().cStr()};
  } catch (const BadValue& bad) {
    return Error{ErrorKind::input, bad.what};
  }
}

}  // namespace labreel
