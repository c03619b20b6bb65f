#include "recorder/session/continuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "replay/reel_log.h"
#include "replay/verify.h"
#include "store/reel_reader.h"

namespace labreel {
namespace {

// Passes events on, and remembers which nodes they leave alive and whether the lab has ended.
class Watched final : public EventSource {
 public:
  explicit Watched(EventSource& from) : from_(from) {}

  Result<bool> next(Event& event) override {
    auto more = from_.next(event);
    if (more && *more) watch(event.body);
    return more;
  }
  std::vector<NodeId> alive() const { return {alive_.begin(), alive_.end()}; }
  bool has_ended() const { return has_ended_; }
  const MarkerCounts& markers() const { return markers_; }

 private:
  void watch(const EventBody& body) {
    switch (kind_of(body)) {
      case EventKind::lab_begun: has_ended_ = false; break;
      case EventKind::lab_ended: has_ended_ = true; break;
      case EventKind::node_starting: alive_.insert(std::get<NodeStarting>(body).node); break;
      case EventKind::node_stopped: alive_.erase(std::get<NodeStopped>(body).node); break;
      case EventKind::marker: ++markers_[std::get<Marker>(body).name]; break;
      default: break;
    }
  }

  EventSource& from_;
  std::set<NodeId> alive_;
  bool has_ended_ = false;
  MarkerCounts markers_;
};

Error not_its_lab(const std::string& reel, std::string what, std::string hint) {
  return {ErrorKind::usage, std::move(what), reel, std::move(hint)};
}

// The lab file may say another topology, but it must be of the same lab.
Status check_same_lab(const std::string& reel, const LabBegun& begun, const LabFile& file) {
  if (begun.lab != file.name) {
    return not_its_lab(reel, fmt::format("is of lab {}, but {} is of lab {}", begun.lab, file.path, file.name),
                    "name the lab file that it was recorded with");
  }
  if (begun.clock != file.clock) {
    return not_its_lab(reel, fmt::format("has a {} clock, but {} has a {} one", begun.clock.text(), file.path, file.clock.text()), {});
  }
  if (begun.seed != file.seed) {
    return not_its_lab(reel, fmt::format("has the seed {}, but {} has {}", begun.seed, file.path, file.seed),
                    fmt::format("give the lab file `seed: {}`", begun.seed));
  }
  return ok_status();
}

Error at_reel(const std::string& reel, Error error) {
  if (!error.place.starts_with(reel)) error.place = reel + (error.place.empty() ? "" : ": " + error.place);
  return error;
}

}  // namespace

Result<Continuation> read_continuation(const std::string& reel, const LabFile& file) {
  const auto reader = ReelReader::open(reel);
  if (!reader) {
    Error error = reader.error();
    if (ReelReader::live_recorder_of(reel)) error.kind = ErrorKind::usage;
    return error;
  }
  if (reader->end().damage) return at_reel(reel, *reader->end().damage);
  if (reader->end().last.is_none()) return Error{ErrorKind::input, "holds no event", reel, "record anew: labreel run"};
  const auto first = reader->event_at(kFirstSeq);
  if (!first) return at_reel(reel, first.error());
  if (const auto* begun = std::get_if<LabBegun>(&first->body)) {
    const Status same = check_same_lab(reel, *begun, file);
    if (!same) return same.error();
  }
  const ReelLog log{*reader};
  const auto source = log.events();
  Watched watched{*source};
  auto end = fabric_at_end(watched);
  if (!end) return at_reel(reel, std::move(end).error());
  Continuation continuation{std::move(end->fabric), end->time, end->last, {}};
  continuation.old_run = {.awaited = std::move(end->awaited),
                          .alive = watched.alive(),
                          .has_ended = watched.has_ended(),
                          .unproved = std::move(end->unproved),
                          .may_lack_events = reader->end().may_lack_events,
                          .why = reader->end().why,
                          .markers = watched.markers()};
  return continuation;
}

}  // namespace labreel
