// PacketMerge: the second pass of an export, once it is known what became of the copies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "engine/core/arithmetic.h"
#include "engine/core/frame_pool.h"
#include "replay/export_packets.h"
#include "replay/export_survey.h"
#include "replay/packet_writer.h"
#include "replay/tcp_view.h"

namespace labreel {

// Gives frames and what was delivered of them to a writer, in order of time.
//
// Shape: borrows all three. Of a running lab (ExportOptions::live) the survey grows while events are taken: it must be
//        ahead of them by as much as a refusal may come late.
class PacketMerge {
 public:
  PacketMerge(const ExportSurvey& survey, const ExportOptions& options, PacketWriter& writer)
      : survey_(survey), options_(options), writer_(writer) {
    if (!options.all_ports && !options.once && !options.port) tcp_.emplace(survey);
  }

  Status begin();
  // Errors: an event out of order, or a frame that does not fit the lab.
  Status take(const Event& event);
  // An event that take() will get later: what becomes of TCP packets is known only by what follows them.
  bool wants_ahead(const Event& event) const;
  void look_ahead(const Event& event) {
    if (tcp_) tcp_->look(event);
  }
  // Writes the deliveries that are due up to and with `now`.
  Status deliver(LabTime now);
  bool has_pending() const { return !pending_.empty(); }
  const ExportCounts& counts() const { return counts_; }

 private:
  // A delivery whose time the merge has not reached yet.
  struct Pending {
    Copy decision;
    Seq frame;
    std::uint32_t number = 0;  // of the copy
    FramePool::SlotId slot = 0;
    std::uint32_t length = 0;
    std::shared_ptr<const TcpJourney> journey = nullptr;  // of a TCP packet that stands here

    friend bool operator>(const Pending& a, const Pending& b) {
      return std::tie(a.decision.due, a.frame, a.number) > std::tie(b.decision.due, b.frame, b.number);
    }
  };

  Status take_frame(const Event& event, const Frame& frame, std::shared_ptr<const TcpJourney> journey);
  Status take_copy(const Event& event, const Frame& frame, std::uint32_t number);
  Status write_sent(const Event& event, const Frame& frame, const TcpJourney* journey);
  bool is_shown(const TcpJourney* journey, Seq frame, PortId port, PacketDirection direction) const;
  void comment_journey(const TcpJourney& journey, Seq frame);
  void comment_lost(const TcpJourney& journey);
  bool is_lost(const TcpJourney& journey) const;
  Status write(LabTime at, Seq seq, PortId port, PacketDirection direction, Bytes bytes, std::uint32_t length);
  Bytes received(const Pending& pending);
  // Empty text for one more comment of the packet at hand; null if it has too many.
  std::string* new_comment();
  void comment_fate(std::string_view fate, const Copy& copy, const std::optional<LabTime>& at);
  bool exported(PortId port) const {
    return index_of(port) < interface_by_port_.size() && interface_by_port_[index_of(port)].has_value();
  }
  std::uint64_t utc_ns(LabTime at) const { return add_time(at, options_.begin_utc_ns.value_or(0)).ns; }

  const ExportSurvey& survey_;
  const ExportOptions& options_;
  std::optional<TcpView> tcp_;  // where TCP packets stand at one port each
  ExportCounts counts_;
  PacketWriter& writer_;
  std::vector<std::optional<std::uint32_t>> interface_by_port_;
  std::vector<std::string> names_;  // of the ports
  Seq last_seq_;
  LabTime last_time_;

  FramePool frames_;  // what is pending, each frame once
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;

  // Of the frame at hand; kept for their capacity.
  std::vector<Pending> deliveries_;
  std::vector<std::string> comments_;
  std::size_t comments_used_ = 0;
  std::size_t comments_left_out_ = 0;
  std::vector<std::byte> corrupted_;
};

}  // namespace labreel
