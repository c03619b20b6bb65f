#include "recorder/verbs/export_html.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <variant>

#include "engine/text/text.h"
#include "recorder/pack/lab_file_ports.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"
#include "replay/position.h"
#include "replay/reel_log.h"
#include "replay/web/built_page.h"
#include "replay/web/html_file.h"
#include "store/page_layout.h"

namespace labreel {
namespace {

// Counts what it hands on.
class CountingSink final : public ByteSink {
 public:
  explicit CountingSink(ByteSink& sink) : sink_(sink) {}
  bool write(Bytes bytes) override {
    bytes_ += bytes.size();
    return sink_.write(bytes);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  ByteSink& sink_;
  std::uint64_t bytes_ = 0;
};

// Pages up to damage: the error ends the walk, it is no error of the export.
Status pages_before_damage(const ReelReader& reel, const std::optional<Error>& damage, const std::function<Status(Bytes)>& see) {
  std::optional<Error> refused;
  const Status walked = reel.each_page([&](Bytes page) -> Status {
    Status seen = see(page);
    if (!seen) refused = seen.error();
    return seen;
  });
  if (refused) return *refused;
  return walked || damage ? ok_status() : walked;
}

std::string lab_name_of(const EventLog& log) {
  const Result<Event> first = log.event_at(kFirstSeq);
  const auto* const begun = first ? std::get_if<LabBegun>(&first->body) : nullptr;
  return begun != nullptr ? begun->lab : std::string{};
}

}  // namespace

int export_html(const ReelReader& reel, const std::string& path, const std::string& at, const std::string& output, ByteSink& sink) {
  const ReelLog log{reel};
  if (log.last() == Seq{}) {
    throw VerbError(Error{ErrorKind::input, "there is no event to show", path, "labreel check says what is in it"});
  }
  // A look at all of it first: the page must say at its start where a damaged recording ends.
  const Status sound = reel.each_page([](Bytes) { return ok_status(); });
  const std::optional<Error> damage = sound ? std::nullopt : std::optional(sound.error());
  RecordingFacts facts{.lab = lab_name_of(log),
                       .file = std::filesystem::path{path}.filename().string(),
                       .labreel = LABREEL_VERSION,
                       .format_version = reel.format_version(),
                       .complete = reel.end().complete && !damage,
                       .end = damage ? fmt::format("{}: {}", damage->place, damage->what) : reel.end().why,
                       .digest = reel.recorded_digest(),
                       .at = at.empty() ? Seq{} : value_or_throw(resolve_position(log, at)),
                       .notes = reel.notes(),
                       .ports = recorded_ports(log)};
  Progress progress{"export", log.last().value};
  const EachPage pages = [&](const std::function<Status(Bytes)>& see) {
    return pages_before_damage(reel, damage, [&](Bytes page) {
      PageHead head;
      std::memcpy(&head, page.data() + kPageHeadAt, sizeof(head));
      progress.at(head.last_seq());
      return see(page);
    });
  };
  CountingSink counted{sink};
  throw_unless_ok(write_html(built_page(), facts, pages, counted));
  progress.hide();
  say(fmt::format("{}: {}{} events, {:.1f} MB; any browser opens it, without a network", printable(output),
                  damage ? "what can be read of " : "", log.last().value, static_cast<double>(counted.bytes()) / 1e6));
  if (!damage) return kExitDone;
  say(fmt::format("labreel: {}: {}; the page has everything before it", printable(damage->place), printable(damage->what)));
  return exit_code_of(damage->kind);
}

}  // namespace labreel
