#include "replay/reel_log.h"

namespace labreel {
namespace {

class ReelSource final : public EventSource {
 public:
  explicit ReelSource(ReelReader::Cursor cursor) : cursor_(std::move(cursor)) {}
  Result<bool> next(Event& event) override { return cursor_.next(event); }

 private:
  ReelReader::Cursor cursor_;
};

}  // namespace

std::unique_ptr<EventSource> ReelLog::events(Seq from, Seq to) const {
  return std::make_unique<ReelSource>(reel_.events(from, to));
}

}  // namespace labreel
