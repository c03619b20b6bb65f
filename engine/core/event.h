// Events: everything that a reel can hold, as plain values. ARCHITECTURE.md, "Events", is their contract;
// store/FORMAT.md lists which are inputs of the fabric, which its outputs, and which notes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/cable.h"
#include "engine/core/ids.h"
#include "engine/core/wire_words.h"

namespace labreel {

using Bytes = std::span<const std::byte>;
using MacAddress = std::array<std::uint8_t, 6>;

// Why a copy was dropped. The numbers are stored: add at the end only.
enum class Reason : std::uint8_t {
  none = 0,  // not dropped: scheduled
  loss,
  queue_full,
  link_down,
  port_down,
  port_removed,
  node_stopped,
  mtu,
  no_receiver,
  refused_by_node,
  malformed,
  lab_ended,
};
inline constexpr std::size_t kReasonCount = 12;

// The low bits of Copy::flags; the three high bits number the flipped bit of a corrupted copy.
enum CopyFlag : std::uint8_t { kDuplicated = 1U << 0, kCorrupted = 1U << 1, kReordered = 1U << 2 };

// The fabric's decision for one copy of a frame.
//
// Shape: `port` is the receiver, or kNoPort if the copy was dropped before one was chosen; `reason` is none for a
//        scheduled copy; `corrupt_byte` and corrupt_bit() say which bit is flipped if kCorrupted is set.
// Units: `due` is lab time; for a dropped copy it is the frame's own time.
// Source: store/FORMAT.md, "Copies" (stored exactly as laid out here).
struct Copy {
  PortId port = kNoPort;
  Reason reason = Reason::none;
  std::uint8_t flags = 0;
  std::uint16_t corrupt_byte = 0;
  LabTime due;

  bool scheduled() const { return reason == Reason::none; }
  unsigned corrupt_bit() const { return flags >> 5U; }
  bool operator==(const Copy&) const = default;
};
static_assert(sizeof(Copy) == 16);

// The kinds of events. The numbers are stored: add at the end only.
enum class EventKind : std::uint8_t {
  lab_begun = 1,
  lab_ended,
  node_added,
  node_removed,
  node_starting,
  node_started,
  node_stopped,
  node_paused,
  node_resumed,
  port_added,
  port_removed,
  port_up,
  port_down,
  link_added,
  link_removed,
  link_up,
  link_down,
  link_changed,
  lan_added,
  lan_removed,
  lan_joined,
  lan_left,
  frame,
  outcome,
  command,
  command_done,
  exec,
  exec_output,
  exec_done,
  console,
  scenario,
  marker,
  snapshot,
  checkpoint,
  gap,
  divergence,
  // From here on all kinds, known or not, are notes: see UnknownNote.
  node_state = 128,
  assertion,
  exec_input,
};
inline constexpr EventKind kFirstNote = EventKind::node_state;

// Returns the kind's name in JSON and on the terminal, such as "node.added" or "unknown note 200".
std::string_view name_of(EventKind kind);
// Returns the kind of that name, if there is one.
std::optional<EventKind> kind_named(std::string_view name);
// Returns the kinds that have a name of their own, in the order of their numbers.
std::vector<EventKind> named_kinds();
// Returns the reason's name, such as "queue-full"; Reason::none is "delivered".
std::string_view name_of(Reason reason);
std::optional<Reason> reason_named(std::string_view name);

// Where a branch left its parent.
struct BranchPoint {
  std::string parent;  // the parent lab's name
  Seq position;        // the last of the parent's events that the branch went through, too
  std::string digest;  // the parent's at that position: SHA-256, in lower-case hex
  bool operator==(const BranchPoint&) const = default;
};
struct LabBegun {
  std::string lab;            // the lab's name
  std::string lab_file;       // its whole text
  std::string lab_file_name;  // the file's name, without folders
  std::uint64_t seed = 0;
  LabClock clock;
  std::uint32_t fabric_version = 0;
  std::optional<BranchPoint> branch = {};
  bool operator==(const LabBegun&) const = default;
};
struct LabEnded {
  EndReason why;
  bool operator==(const LabEnded&) const = default;
};

// What a node's kind was told of it.
struct NodeSetting {
  std::string key;  // "memory", "image", …
  std::string value;
  bool operator==(const NodeSetting&) const = default;
};
struct NodeAdded {
  NodeId node{};
  std::string name;
  NodeKind node_kind;
  std::optional<std::array<std::int32_t, 2>> position;
  std::vector<NodeSetting> settings = {};
  bool operator==(const NodeAdded&) const = default;
};
struct NodeRemoved {
  NodeId node{};
  bool operator==(const NodeRemoved&) const = default;
};
struct NodeStarting {
  NodeId node{};
  bool operator==(const NodeStarting&) const = default;
};
struct NodeStarted {
  NodeId node{};
  bool operator==(const NodeStarted&) const = default;
};
struct NodeStopped {
  NodeId node{};
  std::string why;  // "stopped", "died: killed by signal 9", …
  bool operator==(const NodeStopped&) const = default;
};
struct NodePaused {
  NodeId node{};
  bool operator==(const NodePaused&) const = default;
};
struct NodeResumed {
  NodeId node{};
  bool operator==(const NodeResumed&) const = default;
};

struct PortAdded {
  PortId port{};
  NodeId node{};
  std::string name;  // "eth1", without the node
  MacAddress mac{};
  std::uint32_t mtu = 9216;  // of the fabric: longer payloads are dropped as `mtu`
  bool operator==(const PortAdded&) const = default;
};
struct PortRemoved {
  PortId port{};
  bool operator==(const PortRemoved&) const = default;
};
struct PortUp {
  PortId port{};
  bool operator==(const PortUp&) const = default;
};
struct PortDown {
  PortId port{};
  bool operator==(const PortDown&) const = default;
};

struct LinkAdded {
  LinkId link{};
  std::array<PortId, 2> ports{};
  std::array<CableSettings, 2> out{};  // out[0] is what ports[0] sends into
  bool operator==(const LinkAdded&) const = default;
};
struct LinkRemoved {
  LinkId link{};
  bool operator==(const LinkRemoved&) const = default;
};
struct LinkUp {
  PortId port{};  // mends the cable of this port, on a lan too
  bool operator==(const LinkUp&) const = default;
};
struct LinkDown {
  PortId port{};  // cuts the cable of this port, on a lan too
  bool operator==(const LinkDown&) const = default;
};
struct LinkChanged {
  PortId port{};
  Direction direction = Direction::out;  // of a port on a link: `out` only
  CableSettings settings;                // all of them, as they are now
  CableFields changed = 0;               // CableField bits
  bool operator==(const LinkChanged&) const = default;
};

struct LanAdded {
  LanId lan{};
  std::string name;
  bool hub = false;
  std::uint32_t mac_limit = 4096;  // addresses that a switch remembers
  std::uint64_t ageing_ns = 300'000'000'000;
  bool operator==(const LanAdded&) const = default;
};
struct LanRemoved {
  LanId lan{};
  bool operator==(const LanRemoved&) const = default;
};
struct LanJoined {
  LanId lan{};
  PortId port{};
  CableSettings out;
  CableSettings in;
  bool operator==(const LanJoined&) const = default;
};
struct LanLeft {
  LanId lan{};
  PortId port{};
  bool operator==(const LanLeft&) const = default;
};

// A frame as it arrived at the fabric, with the decision for each copy. It borrows both from whoever made it.
struct Frame {
  PortId port{};  // the sender
  Bytes bytes;
  std::span<const Copy> copies;
  std::uint32_t length = 0;  // on the wire; more than bytes.size() only where --lossy dropped the payload
};
// Replaces a decision: the copy did not reach its receiver after all.
struct Outcome {
  Seq frame;
  std::uint32_t copy = 0;
  PortId port = kNoPort;  // the receiver that the decision had named
  Reason reason = Reason::none;
  bool operator==(const Outcome&) const = default;
};

struct Command {
  std::string verb;                    // "link.down", "exec", …
  std::vector<std::string> arguments;  // as the person gave them
  Origin by;
  bool operator==(const Command&) const = default;
};
struct CommandDone {
  bool ok = false;
  std::string error;
  bool operator==(const CommandDone&) const = default;
};

struct Exec {
  NodeId node{};
  std::vector<std::string> argv;
  bool operator==(const Exec&) const = default;
};
enum class Stream : std::uint8_t { stdout_stream = 1, stderr_stream = 2 };
struct ExecOutput {
  NodeId node{};
  Stream stream = Stream::stdout_stream;
  std::string bytes;
  bool operator==(const ExecOutput&) const = default;
};
struct ExecDone {
  NodeId node{};
  std::int32_t status = 0;  // exit code, or 128 + signal
  bool operator==(const ExecDone&) const = default;
};
struct Console {
  NodeId node{};
  bool input = false;  // typed by a person, rather than printed by the node
  std::string bytes;
  bool operator==(const Console&) const = default;
};

struct Scenario {
  std::uint32_t step = 0;  // the first step is 1
  StepState state;
  std::string detail;      // of a step that begins: step_kind_of() says what it does
  bool operator==(const Scenario&) const = default;
};
struct Marker {
  std::string name;
  std::string note;
  std::string ask = {};  // what the reader of the recording is asked here; empty for nothing
  bool operator==(const Marker&) const = default;
};
struct Snapshot {
  std::string name;
  std::string detail;
  std::string manifest = {};  // what was saved; empty if it is not said
  bool operator==(const Snapshot&) const = default;
};
struct Checkpoint {
  std::string state;  // Fabric::save()
  bool operator==(const Checkpoint&) const = default;
};
struct Gap {
  GapWhere where;
  std::uint64_t frames = 0;
  std::string reason;
  PortId port = kNoPort;
  bool operator==(const Gap&) const = default;
};
struct Divergence {
  std::string detail;
  bool operator==(const Divergence&) const = default;
};

// A row of a table that a node keeps (routes, neighbours, …) became another.
struct NodeState {
  NodeId node{};
  std::string table;
  std::string key;
  std::string before;   // empty: there was no such row
  std::string after;  // empty: there is none any more
  bool operator==(const NodeState&) const = default;
};
// What was expected of the lab, and whether it held.
struct Assertion {
  std::string name;
  bool holds = false;
  std::string detail;
  bool operator==(const Assertion&) const = default;
};
// What an exec was given to read. Its cause is the exec.
struct ExecInput {
  NodeId node{};
  std::string bytes;  // empty: the end
  bool operator==(const ExecInput&) const = default;
};
// A note of a later version: it can be counted, hashed and copied, but not understood.
struct UnknownNote {
  std::uint8_t number = 255;          // a kind of kFirstNote or above that has no name here
  std::uint32_t subject = 0xFFFFFFFF;  // as its record says it: a node, port, link or lan, or none
  std::string bytes;                  // its payload
  bool operator==(const UnknownNote&) const = default;
};

// Bytes that need not be text, among a note's fields.
struct RawBytes {
  std::string_view bytes;
};
// Calls `visit` with name and value of each field of a note, in the order in which they are shown.
template <class Visit>
void each_field(const NodeState& note, Visit&& visit) {
  visit("node", note.node);
  visit("table", note.table);
  visit("key", note.key);
  visit("old", note.before);
  visit("new", note.after);
}
template <class Visit>
void each_field(const Assertion& note, Visit&& visit) {
  visit("name", note.name);
  visit("holds", note.holds);
  visit("detail", note.detail);
}
template <class Visit>
void each_field(const ExecInput& note, Visit&& visit) {
  visit("node", note.node);
  visit("bytes", RawBytes{note.bytes});
}
// A note that each_field() describes, so that text and JSON need no more of it.
template <class Body>
concept DescribedNote = requires(const Body& note) { each_field(note, [](std::string_view, const auto&) {}); };

using EventBody =
    std::variant<LabBegun, LabEnded, NodeAdded, NodeRemoved, NodeStarting, NodeStarted, NodeStopped, NodePaused,
                 NodeResumed, PortAdded, PortRemoved, PortUp, PortDown, LinkAdded, LinkRemoved, LinkUp, LinkDown,
                 LinkChanged, LanAdded, LanRemoved, LanJoined, LanLeft, Frame, Outcome, Command, CommandDone, Exec,
                 ExecOutput, ExecDone, Console, Scenario, Marker, Snapshot, Checkpoint, Gap, Divergence,
                 NodeState, Assertion, ExecInput, UnknownNote>;

// Returns the kind of a body; the variant's order is the enum's.
constexpr EventKind kind_of(const EventBody& body) {
  if (const auto* unknown = std::get_if<UnknownNote>(&body)) return static_cast<EventKind>(unknown->number);
  constexpr auto kBelowNotes = static_cast<std::size_t>(EventKind::divergence);
  const std::size_t index = body.index();
  const std::size_t number = index < kBelowNotes ? index + 1 : index - kBelowNotes + static_cast<std::size_t>(kFirstNote);
  return static_cast<EventKind>(number);
}

// One event of a reel.
//
// Shape: a Frame body borrows its bytes and copies from the reader or fabric that gave the event.
struct Event {
  Seq seq;
  LabTime time;
  Seq cause;  // none unless labreel knows what led to it
  EventBody body;
  EventKind kind() const { return kind_of(body); }
};

// A fact of the host, not of the lab: outside the numbering and the digest, keyed to the event before it.
struct HostNote {
  Seq after;
  std::string kind;    // "begin-utc", "host", "stall", "lateness", …
  std::string detail;  // one JSON object
  bool operator==(const HostNote&) const = default;
};

// Where events go: the recorder's reel, or a test's list. The owner numbers them.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  // Appends one event and returns its number; `at` never goes back.
  virtual Seq append(LabTime at, Seq cause, const EventBody& body) = 0;
  // Appends a frame: the hot path, without a variant.
  virtual Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) = 0;
  // Returns the number that the next event will get.
  virtual Seq next_seq() const = 0;
  // Keeps a host note.
  virtual void note(std::string_view kind, std::string_view detail) = 0;
};

}  // namespace labreel
