// BranchingSink: where a branch's events go: into its own reel, and up to the parting also past the parent's, to
// compare.
#pragma once

#include <optional>

#include "recorder/session/comparing_sink.h"

namespace labreel {

// Shape: used on the lab's thread. `compare` is over the parent's events up to `position`; `parents_branch` is what the
//        parent's own `lab.begun` says of a parent of its own, since that is where the two must differ.
class BranchingSink final : public EventSink {
 public:
  BranchingSink(EventSink& reel, ComparingSink& compare, Seq position, std::optional<BranchPoint> parents_branch)
      : reel_(reel), compare_(compare), position_(position), parents_branch_(std::move(parents_branch)) {}

  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    const Seq seq = reel_.append(at, cause, body);
    if (seq <= position_) compare_.append(at, cause, as_in_parent(body));
    return seq;
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    const Seq seq = reel_.append_frame(at, port, bytes, copies);
    if (seq <= position_) compare_.append_frame(at, port, bytes, copies);
    return seq;
  }
  Seq next_seq() const override { return reel_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { reel_.note(kind, detail); }

 private:
  EventBody as_in_parent(const EventBody& body) const {
    const auto* begun = std::get_if<LabBegun>(&body);
    if (begun == nullptr) return body;
    LabBegun parents = *begun;
    parents.branch = parents_branch_;
    return parents;
  }

  EventSink& reel_;
  ComparingSink& compare_;
  const Seq position_;
  const std::optional<BranchPoint> parents_branch_;
};

}  // namespace labreel
