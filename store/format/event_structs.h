// The structs of store/schema/event.capnp, read without Cap'n Proto's library: each field by the place that the schema gives it.
//
// Shape:  getters are called as Cap'n Proto's compiler calls them, so that store/body_reader.h reads either.
// Source: `capnp compile -ocapnp store/schema/event.capnp` writes each field's place beside it. A new field gets its line here;
//         tests/store/canonical_test.cc reads one of each kind by both.
#pragma once

#include <string_view>

#include "store/format/canonical.h"

namespace labreel::canonical {

// A list's items, for a loop.
template <class Item>
struct Items {
  List list;
  struct Iterator {
    const List& list;
    std::uint32_t number;
    Item operator*() const { return Item{list.item(number)}; }
    Iterator& operator++() {
      ++number;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return number != other.number && number < list.size(); }
  };
  Iterator begin() const { return {list, 0}; }
  Iterator end() const { return {list, list.size()}; }
};

// One of a list of bytes.
struct Datum {
  explicit Datum(const Struct& item) : bytes(item.data(0)) {}
  const char* begin() const { return bytes.data(); }
  std::size_t size() const { return bytes.size(); }
  std::string_view bytes;
};
using Datas = Items<Datum>;

namespace structs {

struct CableSettings {
  Struct in;
  std::uint64_t getDelayNs() const { return in.number<std::uint64_t>(0); }
  std::uint64_t getJitterNs() const { return in.number<std::uint64_t>(64); }
  std::uint64_t getRateBps() const { return in.number<std::uint64_t>(128); }
  std::uint64_t getQueueBytes() const { return in.number<std::uint64_t>(192); }
  std::uint32_t getLossPpb() const { return in.number<std::uint32_t>(256); }
  std::uint32_t getDuplicatePpb() const { return in.number<std::uint32_t>(288); }
  std::uint32_t getCorruptPpb() const { return in.number<std::uint32_t>(320); }
  std::uint32_t getReorderPpb() const { return in.number<std::uint32_t>(352); }
};
struct LabBegun {
  Struct in;
  std::string_view getLab() const { return in.text(0); }
  std::string_view getLabFile() const { return in.data(1); }
  std::string_view getLabFileName() const { return in.text(2); }
  std::uint64_t getSeed() const { return in.number<std::uint64_t>(0); }
  std::string_view getClock() const { return in.text(3); }
  std::uint32_t getFabricVersion() const { return in.number<std::uint32_t>(64); }
  std::string_view getBranchParent() const { return in.text(4); }
  std::uint64_t getBranchPosition() const { return in.number<std::uint64_t>(128); }
  std::string_view getBranchDigest() const { return in.text(5); }
};
struct LabEnded {
  Struct in;
  std::string_view getWhy() const { return in.text(0); }
};
struct NodeSetting {
  Struct in;
  std::string_view getKey() const { return in.text(0); }
  std::string_view getValue() const { return in.data(1); }
};
struct NodeAdded {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::string_view getName() const { return in.text(0); }
  std::string_view getNodeKind() const { return in.text(1); }
  bool getHasPosition() const { return in.truth(32); }
  std::int32_t getX() const { return in.number<std::int32_t>(64); }
  std::int32_t getY() const { return in.number<std::int32_t>(96); }
  Items<NodeSetting> getSettings() const { return Items<NodeSetting>{in.structs(2)}; }
};
struct NodeOnly {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
};
struct NodeStopped {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::string_view getWhy() const { return in.text(0); }
};
struct PortAdded {
  Struct in;
  std::uint32_t getPort() const { return in.number<std::uint32_t>(0); }
  std::uint32_t getNode() const { return in.number<std::uint32_t>(32); }
  std::string_view getName() const { return in.text(0); }
  std::string_view getMac() const { return in.data(1); }
  std::uint32_t getMtu() const { return in.number<std::uint32_t>(64); }
};
struct PortOnly {
  Struct in;
  std::uint32_t getPort() const { return in.number<std::uint32_t>(0); }
};
struct LinkAdded {
  Struct in;
  std::uint32_t getLink() const { return in.number<std::uint32_t>(0); }
  std::uint32_t getFirstPort() const { return in.number<std::uint32_t>(32); }
  std::uint32_t getSecondPort() const { return in.number<std::uint32_t>(64); }
  CableSettings getFirstOut() const { return CableSettings{in.fields(0)}; }
  CableSettings getSecondOut() const { return CableSettings{in.fields(1)}; }
};
struct LinkOnly {
  Struct in;
  std::uint32_t getLink() const { return in.number<std::uint32_t>(0); }
};
struct LinkChanged {
  Struct in;
  std::uint32_t getPort() const { return in.number<std::uint32_t>(0); }
  std::uint8_t getDirection() const { return in.number<std::uint8_t>(32); }
  CableSettings getSettings() const { return CableSettings{in.fields(0)}; }
  std::uint8_t getChanged() const { return in.number<std::uint8_t>(40); }
  std::uint16_t getChangedMore() const { return in.number<std::uint16_t>(48); }
};
struct LanAdded {
  Struct in;
  std::uint32_t getLan() const { return in.number<std::uint32_t>(0); }
  std::string_view getName() const { return in.text(0); }
  bool getHub() const { return in.truth(32); }
  std::uint32_t getMacLimit() const { return in.number<std::uint32_t>(64); }
  std::uint64_t getAgeingNs() const { return in.number<std::uint64_t>(128); }
};
struct LanOnly {
  Struct in;
  std::uint32_t getLan() const { return in.number<std::uint32_t>(0); }
};
struct LanJoined {
  Struct in;
  std::uint32_t getLan() const { return in.number<std::uint32_t>(0); }
  std::uint32_t getPort() const { return in.number<std::uint32_t>(32); }
  CableSettings getOut() const { return CableSettings{in.fields(0)}; }
  CableSettings getIn() const { return CableSettings{in.fields(1)}; }
};
struct LanLeft {
  Struct in;
  std::uint32_t getLan() const { return in.number<std::uint32_t>(0); }
  std::uint32_t getPort() const { return in.number<std::uint32_t>(32); }
};
struct Outcome {
  Struct in;
  std::uint64_t getFrame() const { return in.number<std::uint64_t>(0); }
  std::uint32_t getCopy() const { return in.number<std::uint32_t>(64); }
  std::uint32_t getPort() const { return in.number<std::uint32_t>(96); }
  std::uint8_t getReason() const { return in.number<std::uint8_t>(128); }
};
struct Command {
  Struct in;
  std::string_view getVerb() const { return in.text(0); }
  Datas getArguments() const { return Datas{in.datas(1)}; }
  std::string_view getBy() const { return in.text(2); }
};
struct CommandDone {
  Struct in;
  bool getOk() const { return in.truth(0); }
  std::string_view getError() const { return in.text(0); }
};
struct Exec {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  Datas getArgv() const { return Datas{in.datas(0)}; }
};
struct ExecOutput {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::uint8_t getStream() const { return in.number<std::uint8_t>(32); }
  std::string_view getBytes() const { return in.data(0); }
};
struct ExecDone {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::int32_t getStatus() const { return in.number<std::int32_t>(32); }
};
struct Console {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  bool getInput() const { return in.truth(32); }
  std::string_view getBytes() const { return in.data(0); }
};
struct Scenario {
  Struct in;
  std::uint32_t getStep() const { return in.number<std::uint32_t>(0); }
  std::string_view getState() const { return in.text(0); }
  std::string_view getDetail() const { return in.text(1); }
};
struct Marker {
  Struct in;
  std::string_view getName() const { return in.text(0); }
  std::string_view getNote() const { return in.text(1); }
  std::string_view getAsk() const { return in.text(2); }
};
struct Snapshot {
  Struct in;
  std::string_view getName() const { return in.text(0); }
  std::string_view getDetail() const { return in.text(1); }
  std::string_view getManifest() const { return in.data(2); }
};
struct Checkpoint {
  Struct in;
  std::string_view getState() const { return in.data(0); }
};
struct Gap {
  Struct in;
  std::string_view getWhere() const { return in.text(0); }
  std::uint64_t getFrames() const { return in.number<std::uint64_t>(0); }
  std::string_view getReason() const { return in.text(1); }
  std::uint32_t getPort() const { return in.number<std::uint32_t>(64); }
};
struct Divergence {
  Struct in;
  std::string_view getDetail() const { return in.text(0); }
};
struct NodeState {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::string_view getTable() const { return in.text(0); }
  std::string_view getKey() const { return in.data(1); }
  std::string_view getOld() const { return in.data(2); }
  std::string_view getNew() const { return in.data(3); }
};
struct Assertion {
  Struct in;
  std::string_view getName() const { return in.text(0); }
  bool getHolds() const { return in.truth(0); }
  std::string_view getDetail() const { return in.text(1); }
};
struct ExecInput {
  Struct in;
  std::uint32_t getNode() const { return in.number<std::uint32_t>(0); }
  std::string_view getBytes() const { return in.data(0); }
};

}  // namespace structs

// The structs by their names, for BodyReader.
struct Structs {
  using LabBegun = structs::LabBegun;
  using LabEnded = structs::LabEnded;
  using NodeAdded = structs::NodeAdded;
  using NodeOnly = structs::NodeOnly;
  using NodeStopped = structs::NodeStopped;
  using PortAdded = structs::PortAdded;
  using PortOnly = structs::PortOnly;
  using LinkAdded = structs::LinkAdded;
  using LinkOnly = structs::LinkOnly;
  using LinkChanged = structs::LinkChanged;
  using LanAdded = structs::LanAdded;
  using LanOnly = structs::LanOnly;
  using LanJoined = structs::LanJoined;
  using LanLeft = structs::LanLeft;
  using Outcome = structs::Outcome;
  using Command = structs::Command;
  using CommandDone = structs::CommandDone;
  using Exec = structs::Exec;
  using ExecOutput = structs::ExecOutput;
  using ExecDone = structs::ExecDone;
  using Console = structs::Console;
  using Scenario = structs::Scenario;
  using Marker = structs::Marker;
  using Snapshot = structs::Snapshot;
  using Checkpoint = structs::Checkpoint;
  using Gap = structs::Gap;
  using Divergence = structs::Divergence;
  using NodeState = structs::NodeState;
  using Assertion = structs::Assertion;
  using ExecInput = structs::ExecInput;
};

}  // namespace labreel::canonical
