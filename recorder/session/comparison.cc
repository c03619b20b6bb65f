#include "recorder/session/comparison.h"

#include <algorithm>

namespace labreel {
namespace {

struct SameBody {
  const EventBody& other;
  bool operator()(const Frame& frame) const {
    const auto& recorded = std::get<Frame>(other);
    return frame.port == recorded.port &&
           std::equal(frame.bytes.begin(), frame.bytes.end(), recorded.bytes.begin(), recorded.bytes.end()) &&
           std::equal(frame.copies.begin(), frame.copies.end(), recorded.copies.begin(), recorded.copies.end());
  }
  template <class Body>
  bool operator()(const Body& body) const {
    return body == std::get<Body>(other);
  }
};

}  // namespace

bool same_event(const Event& left, const Event& right) {
  return left.seq == right.seq && left.time == right.time && left.cause == right.cause &&
         left.body.index() == right.body.index() && std::visit(SameBody{right.body}, left.body);
}

void Comparison::after(Seq seq, LabTime at, Seq cause, const EventBody& body) {
  if (std::holds_alternative<Frame>(body)) ++result_.frames;
  if (!is_over_) compare(Event{seq, at, cause, body});
}

void Comparison::compare(const Event& now) {
  Event recorded;
  auto more = recorded_.next(recorded);
  if (!more) damage_ = std::move(more).error();
  if (!more || (!*more && is_cut_off_)) {
    is_over_ = true;
    return on_over_();
  }
  if (!*more) return differ(now, std::nullopt, "the reel ends before this event");
  if (!same_event(now, recorded)) return differ(now, recorded, "the lab came out otherwise");
  ++result_.events;
  if (now.kind() <= EventKind::lan_left) static_cast<void>(topology_.apply(now.body).ok());
}

void Comparison::finish() {
  if (is_over_) return;
  Event recorded;
  auto more = recorded_.next(recorded);
  if (!more) {
    damage_ = std::move(more).error();
  } else if (*more) {
    differ(std::nullopt, recorded, "the lab ended before this event");
  }
}

void Comparison::differ(std::optional<Event> now, std::optional<Event> recorded, const std::string& why) {
  Difference difference;
  difference.seq = recorded ? recorded->seq : now->seq;
  if (now) difference.expected.emplace(*now);
  if (recorded) difference.got.emplace(*recorded);
  difference.why = why;
  difference.topology = topology_;
  result_.difference = std::move(difference);
  is_over_ = true;
  on_over_();
}

VerifyResult Comparison::take_result() {
  if (result_.events > 0) result_.ranges.push_back({Seq{1}, Seq{result_.events}});
  return std::move(result_);
}

void UpToParting::after(Seq seq, LabTime at, Seq cause, const EventBody& body) {
  if (seq > position_) return;
  const auto* begun = std::get_if<LabBegun>(&body);
  if (begun == nullptr) return compare_.after(seq, at, cause, body);
  LabBegun parents = *begun;
  parents.branch = parents_branch_;
  compare_.after(seq, at, cause, parents);
}

}  // namespace labreel
