// BodyReader: an event's body from the struct of the schema that its kind has, whoever reads the struct's fields.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// Which settings changed is in two fields: the first was full when there were eight of them.
inline constexpr unsigned kChangedBits_low = 8;

// Shape:  `Message` reads one body: root<Struct>() gives the fields of its root, by the getters that Cap'n Proto's compiler
//         names; `Schema` has those structs' names. What a getter finds wrong is the message's to say; a value that no enum
//         has is bad()'s.
template <class Schema, class Message>
class BodyReader {
 public:
  explicit BodyReader(Message& message) : message_(message) {}

  // What no struct can say of itself: then what get() returned is nothing.
  const std::optional<std::string>& bad() const { return bad_; }

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
      case EventKind::link_removed: return LinkRemoved{LinkId{root<typename Schema::LinkOnly>().getLink()}};
      case EventKind::lan_removed: return LanRemoved{LanId{root<typename Schema::LanOnly>().getLan()}};
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
  auto root() {
    return message_.template root<Root>();
  }
  NodeId node() { return NodeId{root<typename Schema::NodeOnly>().getNode()}; }
  PortId port() { return PortId{root<typename Schema::PortOnly>().getPort()}; }

  void set_bad(std::string what) {
    if (!bad_) bad_ = std::move(what);
  }

  // Of a number that must be one of an enum's, first to last.
  template <class Enum>
  Enum one_of(std::uint8_t value, Enum first, Enum last, const char* what) {
    if (value >= static_cast<std::uint8_t>(first) && value <= static_cast<std::uint8_t>(last)) return static_cast<Enum>(value);
    set_bad(std::string("there is no ") + what + " " + std::to_string(value));
    return first;
  }

  template <class Field>
  static std::string text_of(const Field& field) {
    return {reinterpret_cast<const char*>(field.begin()), field.size()};
  }
  template <class Items>
  static std::vector<std::string> items_of(const Items& in) {
    std::vector<std::string> items;
    for (const auto item : in) items.push_back(text_of(item));
    return items;
  }
  template <class In>
  static CableSettings settings_of(const In& in) {
    return {.delay_ns = in.getDelayNs(),
            .jitter_ns = in.getJitterNs(),
            .rate_bps = in.getRateBps(),
            .queue_bytes = in.getQueueBytes(),
            .loss_ppb = in.getLossPpb(),
            .duplicate_ppb = in.getDuplicatePpb(),
            .corrupt_ppb = in.getCorruptPpb(),
            .reorder_ppb = in.getReorderPpb()};
  }

  EventBody effect(EventKind kind) {
    switch (kind) {
      case EventKind::node_added: return node_added(root<typename Schema::NodeAdded>());
      case EventKind::node_stopped: {
        const auto in = root<typename Schema::NodeStopped>();
        return NodeStopped{NodeId{in.getNode()}, text_of(in.getWhy())};
      }
      case EventKind::port_added: return port_added(root<typename Schema::PortAdded>());
      case EventKind::link_added: {
        const auto in = root<typename Schema::LinkAdded>();
        return LinkAdded{LinkId{in.getLink()},
                         {PortId{in.getFirstPort()}, PortId{in.getSecondPort()}},
                         {settings_of(in.getFirstOut()), settings_of(in.getSecondOut())}};
      }
      case EventKind::link_changed: {
        const auto in = root<typename Schema::LinkChanged>();
        return LinkChanged{PortId{in.getPort()}, one_of(in.getDirection(), Direction::out, Direction::in, "direction"),
                           settings_of(in.getSettings()),
                           in.getChanged() | CableFields{in.getChangedMore()} << kChangedBits_low};
      }
      case EventKind::lan_added: {
        const auto in = root<typename Schema::LanAdded>();
        return LanAdded{LanId{in.getLan()}, text_of(in.getName()), in.getHub(), in.getMacLimit(), in.getAgeingNs()};
      }
      case EventKind::lan_joined: {
        const auto in = root<typename Schema::LanJoined>();
        return LanJoined{LanId{in.getLan()}, PortId{in.getPort()}, settings_of(in.getOut()), settings_of(in.getIn())};
      }
      default: {
        const auto in = root<typename Schema::LanLeft>();
        return LanLeft{LanId{in.getLan()}, PortId{in.getPort()}};
      }
    }
  }

  EventBody other(EventKind kind) {
    switch (kind) {
      case EventKind::lab_begun: return lab_begun(root<typename Schema::LabBegun>());
      case EventKind::lab_ended: return LabEnded{text_of(root<typename Schema::LabEnded>().getWhy())};
      case EventKind::outcome: return outcome(root<typename Schema::Outcome>());
      case EventKind::command: {
        const auto in = root<typename Schema::Command>();
        return Command{text_of(in.getVerb()), items_of(in.getArguments()), text_of(in.getBy())};
      }
      case EventKind::command_done: {
        const auto in = root<typename Schema::CommandDone>();
        return CommandDone{in.getOk(), text_of(in.getError())};
      }
      case EventKind::exec: {
        const auto in = root<typename Schema::Exec>();
        return Exec{NodeId{in.getNode()}, items_of(in.getArgv())};
      }
      case EventKind::exec_output: {
        const auto in = root<typename Schema::ExecOutput>();
        return ExecOutput{NodeId{in.getNode()},
                          one_of(in.getStream(), Stream::stdout_stream, Stream::stderr_stream, "stream"),
                          text_of(in.getBytes())};
      }
      case EventKind::exec_done: {
        const auto in = root<typename Schema::ExecDone>();
        return ExecDone{NodeId{in.getNode()}, in.getStatus()};
      }
      case EventKind::console: {
        const auto in = root<typename Schema::Console>();
        return Console{NodeId{in.getNode()}, in.getInput(), text_of(in.getBytes())};
      }
      default: return words(kind);
    }
  }

  EventBody words(EventKind kind) {
    switch (kind) {
      case EventKind::scenario: {
        const auto in = root<typename Schema::Scenario>();
        return Scenario{in.getStep(), text_of(in.getState()), text_of(in.getDetail())};
      }
      case EventKind::marker: {
        const auto in = root<typename Schema::Marker>();
        return Marker{text_of(in.getName()), text_of(in.getNote()), text_of(in.getAsk())};
      }
      case EventKind::snapshot: {
        const auto in = root<typename Schema::Snapshot>();
        return Snapshot{text_of(in.getName()), text_of(in.getDetail()), text_of(in.getManifest())};
      }
      case EventKind::checkpoint: return Checkpoint{text_of(root<typename Schema::Checkpoint>().getState())};
      case EventKind::gap: {
        const auto in = root<typename Schema::Gap>();
        return Gap{text_of(in.getWhere()), in.getFrames(), text_of(in.getReason()), PortId{in.getPort()}};
      }
      case EventKind::divergence: return Divergence{text_of(root<typename Schema::Divergence>().getDetail())};
      case EventKind::node_state: {
        const auto in = root<typename Schema::NodeState>();
        return NodeState{NodeId{in.getNode()}, text_of(in.getTable()), text_of(in.getKey()), text_of(in.getOld()),
                         text_of(in.getNew())};
      }
      case EventKind::assertion: {
        const auto in = root<typename Schema::Assertion>();
        return Assertion{text_of(in.getName()), in.getHolds(), text_of(in.getDetail())};
      }
      case EventKind::exec_input: {
        const auto in = root<typename Schema::ExecInput>();
        return ExecInput{NodeId{in.getNode()}, text_of(in.getBytes())};
      }
      default:
        set_bad("there is no event of kind " + std::to_string(static_cast<unsigned>(kind)) + " here");
        return LabEnded{};
    }
  }

  template <class In>
  static NodeAdded node_added(const In& in) {
    NodeAdded out{NodeId{in.getNode()}, text_of(in.getName()), text_of(in.getNodeKind()), {}};
    if (in.getHasPosition()) out.position = {in.getX(), in.getY()};
    for (const auto setting : in.getSettings()) {
      out.settings.push_back({text_of(setting.getKey()), text_of(setting.getValue())});
    }
    return out;
  }
  template <class In>
  PortAdded port_added(const In& in) {
    PortAdded out{PortId{in.getPort()}, NodeId{in.getNode()}, text_of(in.getName()), {}, in.getMtu()};
    const auto mac = in.getMac();
    if (mac.size() == out.mac.size()) {
      std::copy(mac.begin(), mac.end(), out.mac.begin());
    } else {
      set_bad("a MAC address of " + std::to_string(mac.size()) + " bytes");
    }
    return out;
  }
  template <class In>
  static LabBegun lab_begun(const In& in) {
    LabBegun out{text_of(in.getLab()), text_of(in.getLabFile()), text_of(in.getLabFileName()),
                 in.getSeed(), text_of(in.getClock()), in.getFabricVersion()};
    if (in.getBranchPosition() != 0) {
      out.branch = BranchPoint{text_of(in.getBranchParent()), Seq{in.getBranchPosition()}, text_of(in.getBranchDigest())};
    }
    return out;
  }
  template <class In>
  Outcome outcome(const In& in) {
    return {Seq{in.getFrame()}, in.getCopy(), PortId{in.getPort()},
            one_of(in.getReason(), Reason::none, Reason::lab_ended, "reason")};
  }

  Message& message_;
  std::optional<std::string> bad_;
};

}  // namespace labreel
