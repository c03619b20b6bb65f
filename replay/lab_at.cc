#include "replay/lab_at.h"

#include <fmt/format.h>

#include <optional>

namespace labreel {
namespace {

Error not_replayable(Seq seq, std::string what) {
  return Error{ErrorKind::input, std::move(what), fmt::format("event {}", seq.value), "labreel verify says more"};
}

// Gives one recorded input to the fabric; what it decides is not compared here, that is verify's work.
Status feed(Fabric& fabric, const Event& event) {
  if (const auto* frame = std::get_if<Frame>(&event.body)) {
    const auto copies = fabric.arrive(frame->port, frame->bytes, event.time, event.seq);
    if (!copies) return copies.error();
  } else if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
    if (outcome->reason != Reason::refused_by_node) return ok_status();  // an effect has given it already
    const auto refused = fabric.refuse(outcome->frame, outcome->copy, event.time);
    if (!refused) return refused.error();
  } else if (event.kind() <= EventKind::lan_left) {
    const auto outcomes = fabric.apply(event.body, event.time);
    if (!outcomes) return outcomes.error();
  }
  fabric.drain([](const Delivery&) {});
  return ok_status();
}

}  // namespace

Result<LabAt> lab_at(const EventLog& log, Seq at) {
  const auto source = log.events(kFirstSeq, at);
  std::optional<LabAt> lab;
  Event event;
  for (;;) {
    auto more = source->next(event);
    if (!more) return std::move(more).error();
    if (!*more) break;
    if (const auto* begun = std::get_if<LabBegun>(&event.body); begun != nullptr && !lab) {
      if (begun->fabric_version != kFabricVersion) {
        return not_replayable(event.seq,
                              fmt::format("the reel was recorded by fabric version {}, and this labreel has version {}",
                                          begun->fabric_version, kFabricVersion));
      }
      lab.emplace(LabAt{event.seq, event.time, Fabric{begun->seed}});
    }
    if (!lab) return not_replayable(event.seq, "the reel does not start with lab.begun");
    const Status fed = feed(lab->fabric, event);
    if (!fed) return not_replayable(event.seq, fed.error().what);
    lab->at = event.seq;
    lab->time = event.time;
  }
  if (!lab) return Error{ErrorKind::input, "the reel holds no event", {}, {}};
  LABREEL_CHECK(lab->fabric.advance(lab->time).ok());
  lab->fabric.drain([](const Delivery&) {});
  return std::move(*lab);
}

}  // namespace labreel
