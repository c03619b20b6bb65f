#include "store/codec.h"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <utility>

#include "engine/core/cable_table.h"
#include "engine/core/check.h"
#include "store/body_limits.h"
#include "store/body_reader.h"
#include "store/schema/event.capnp.h"

namespace labreel {
namespace {

capnp::Data::Reader data_of(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}
capnp::Text::Reader text_for(const std::string& text) { return {text.c_str(), text.size()}; }

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

void put(capnp::List<capnp::Data>::Builder out, const std::vector<std::string>& items) {
  for (unsigned i = 0; i < items.size(); ++i) out.set(i, data_of(items[i]));
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

// The structs by their names, for BodyReader.
struct Structs {
  using NodeOnly = schema::NodeOnly;
  using PortOnly = schema::PortOnly;
  using LinkOnly = schema::LinkOnly;
  using LanOnly = schema::LanOnly;
  using LabBegun = schema::LabBegun;
  using LabEnded = schema::LabEnded;
  using NodeAdded = schema::NodeAdded;
  using NodeStopped = schema::NodeStopped;
  using PortAdded = schema::PortAdded;
  using LinkAdded = schema::LinkAdded;
  using LinkChanged = schema::LinkChanged;
  using LanAdded = schema::LanAdded;
  using LanJoined = schema::LanJoined;
  using LanLeft = schema::LanLeft;
  using Outcome = schema::Outcome;
  using Command = schema::Command;
  using CommandDone = schema::CommandDone;
  using Exec = schema::Exec;
  using ExecOutput = schema::ExecOutput;
  using ExecDone = schema::ExecDone;
  using Console = schema::Console;
  using Scenario = schema::Scenario;
  using Marker = schema::Marker;
  using Snapshot = schema::Snapshot;
  using Checkpoint = schema::Checkpoint;
  using Gap = schema::Gap;
  using Divergence = schema::Divergence;
  using NodeState = schema::NodeState;
  using Assertion = schema::Assertion;
  using ExecInput = schema::ExecInput;
};

// A body's fields as Cap'n Proto reads them; what is wrong with them it throws.
struct Fields {
  capnp::MessageReader& message;
  template <class Root>
  typename Root::Reader root() const {
    return message.getRoot<Root>();
  }
};

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

Result<EventBody> decode(std::uint8_t kind, Bytes payload) {
  if (std::optional<EventBody> unknown = unknown_note(kind, payload)) return std::move(*unknown);
  if (const Status sized = check_body_size(payload); !sized) return sized.error();
  // Copied, since a page's bytes need not lie as Cap'n Proto wants them.
  const std::size_t words = payload.size() / sizeof(capnp::word);
  kj::Array<capnp::word> copy = kj::heapArray<capnp::word>(words);
  std::memcpy(static_cast<void*>(copy.begin()), payload.data(), payload.size());
  const kj::ArrayPtr<const capnp::word> segment = copy;
  const capnp::ReaderOptions limits{.traversalLimitInWords = traversal_words_max(payload), .nestingLimit = 8};
  try {
    capnp::SegmentArrayMessageReader message{kj::arrayPtr(&segment, 1), limits};
    Fields fields{message};
    BodyReader<Structs, Fields> reader{fields};
    EventBody body = reader.get(static_cast<EventKind>(kind));
    if (reader.bad()) return Error{ErrorKind::input, *reader.bad()};
    return body;
  } catch (const kj::Exception& exception) {
    return Error{ErrorKind::input, std::string("an event's body is damaged: ") + exception.getDescription().cStr()};
  }
}

}  // namespace labreel
