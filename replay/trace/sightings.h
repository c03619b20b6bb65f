// Sightings: every frame of a recording that carries a packet, and what else must be known to say what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/names.h"
#include "replay/packet_fields.h"
#include "replay/trace/address_owners.h"

namespace labreel {

// What finally became of one copy of a sighting.
struct CopyFate {
  PortId port = kNoPort;
  NodeId node{};  // of the port, if there is one
  LabTime at;     // when it was due
  Reason reason = Reason::none;
  bool in_flight = false;
  bool corrupted = false;
  bool delivered() const { return reason == Reason::none && !in_flight && port != kNoPort; }
};

// What a device that translates addresses may change in a transport header; the rest must be the same.
struct Translated {
  std::uint16_t source = 0;  // ports, or an echo's identifier
  std::uint16_t destination = 0;
  std::uint16_t checksum = 0;
  bool has_checksum = false;
  bool covers_addresses = false;
  bool operator==(const Translated&) const = default;
};

// A frame that carries the packet.
struct Sighting {
  Seq seq;
  LabTime at;
  PortId port{};
  NodeId node{};  // that sent it
  MacAddress to{};
  MacAddress from{};
  std::optional<std::uint16_t> vlan;
  IpAddress source;
  IpAddress destination;
  std::optional<std::uint8_t> ttl;  // none: no IP packet
  Translated translated;
  std::vector<CopyFate> copies;
};

// A frame that shows what became of the packet without being followed.
struct Relative {
  enum class Kind : std::uint8_t { fragment, inside_another, answer };
  Kind kind{};
  Seq seq;
  LabTime at;
  NodeId node{};
  IpAddress source;  // the packet's own, where the frame tells them
  IpAddress destination;
  std::string summary;
  Translated translated;  // of what an answer quotes, as far as it does
};

struct NodeStop {
  NodeId node{};
  LabTime at;
};

inline constexpr std::size_t kSightings_max = 200'000;
inline constexpr std::size_t kRelatives_max = 10'000;

// Shape: sightings and relatives in order of seq.
struct Sightings {
  std::string words;  // what they have in common: "same IP id 7 and same payload (40 bytes)"
  std::string not_followed;  // what the packet carries that nobody follows here, such as "GRE"; empty: nothing
  std::vector<Sighting> all;
  std::vector<Relative> relatives;
  std::vector<NodeStop> stops;
  std::optional<Gap> first_gap;  // behind the frame that was asked for
  AddressOwners owners;
  Names names;
  LabTime end;
  bool complete = false;  // the recording ends where the lab did
  bool too_many = false;  // kSightings_max was reached
};

// Reads a whole recording. Errors: Error{usage} for an event that is no frame; damage.
Result<Sightings> find_sightings(const EventLog& log, Seq asked, const RecordedPorts& recorded);

}  // namespace labreel
