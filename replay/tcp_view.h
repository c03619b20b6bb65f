// TcpView: where each TCP packet stands in an export, so that Wireshark's own analysis of it is right.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/core/event.h"
#include "replay/export_survey.h"
#include "replay/packet_fields.h"

namespace labreel {

// The last that is known of a TCP packet: a cable that it was sent into, and what came of that.
struct TcpStop {
  Seq frame;
  std::uint32_t hop = 0;  // 1: the first cable
  PortId from{};
  PortId to = kNoPort;
  Reason reason = Reason::none;  // why it was dropped; none if it was delivered, or flies
  bool in_flight = false;
  LabTime at;
  bool delivered() const { return reason == Reason::none && !in_flight; }
};

// One TCP packet on its way from cable to cable.
struct TcpJourney {
  PortId viewpoint{};  // of its conversation: the port where that was first seen
  bool crossed = false;  // it was sent or received there
  std::uint8_t first_ttl = 0;
  std::vector<PortId> sent_from;
  TcpStop last;
};

// Holds what was seen lately: when as many again have come, what nobody asked for since is forgotten.
template <class Key, class Value, class Hash = std::hash<Key>>
class RecentMap {
 public:
  explicit RecentMap(std::size_t half) : half_(half) {}
  // The value of a key, made if it is not there.
  Value& of(const Key& key) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    const auto found = old_.find(key);
    Value value = found == old_.end() ? Value{} : std::move(found->second);
    if (found != old_.end()) old_.erase(found);
    return young_.emplace(key, std::move(value)).first->second;
  }

 private:
  std::size_t half_;
  std::unordered_map<Key, Value, Hash> young_;
  std::unordered_map<Key, Value, Hash> old_;
};

// Follows TCP packets from cable to cable, ahead of whoever writes them.
//
// Shape:  a packet is the same on its next cable if its addresses, IP identification and TCP header are; of a SYN, whose
//         options routers may change, its numbers. What NAT changes is another conversation, with its own viewpoint. A
//         later fragment goes with the first one, which has the header; TCP within a tunnel is no TCP here.
//         Memory is bounded: the 131,072 or more conversations, and packets, that were seen last. A conversation that was
//         forgotten gets the port where it is seen next; a packet that was forgotten is another one.
//         Borrows the survey.
class TcpView {
 public:
  explicit TcpView(const ExportSurvey& survey) : survey_(survey) {}

  // Takes the next event.
  void look(const Event& event);
  // How far the view has come, and how many frames wait to be asked for.
  Seq last() const { return last_; }
  LabTime until() const { return until_; }
  std::size_t waiting() const { return sightings_.size(); }
  // The packet that a frame carries; null if it is no TCP packet. Frames are asked for in order.
  std::shared_ptr<const TcpJourney> journey_of(Seq frame);
  bool is_of_one_node(PortId a, PortId b) const;

 private:
  struct ConversationHash {
    std::size_t operator()(const ConversationKey& key) const;
  };
  struct Sighting {
    Seq frame;
    std::shared_ptr<TcpJourney> journey;
  };
  using Journeys = std::vector<std::shared_ptr<TcpJourney>>;
  std::shared_ptr<TcpJourney> find(const Frame& frame, const PacketFields& fields);
  std::shared_ptr<TcpJourney> find_whole(const Frame& frame, const PacketFields& fields);
  void follow(const Event& event, const Frame& frame, const PacketFields& fields, TcpJourney& journey) const;
  TcpStop stop_of(const Event& event, const Frame& frame, const MacAddress& to) const;

  const ExportSurvey& survey_;
  Seq last_;
  LabTime until_;
  RecentMap<ConversationKey, std::optional<PortId>, ConversationHash> viewpoints_{1U << 17U};
  RecentMap<std::string, Journeys> journeys_{1U << 17U};
  RecentMap<std::string, std::shared_ptr<TcpJourney>> fragments_{1U << 14U};
  std::deque<Sighting> sightings_;
  std::string key_;
};

}  // namespace labreel
