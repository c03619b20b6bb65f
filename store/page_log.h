// PageLog: a recording whose pages are given one after another, and stay in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "store/digest.h"
#include "store/loaded_page.h"

namespace labreel {

// What a recording says beside its pages.
struct PageLogFacts {
  std::vector<HostNote> notes;
  bool complete = false;  // it ends where the lab did
  std::uint32_t format_version = kFormatVersion;
  std::optional<std::string> digest;  // that it claims
};

// Shape: events are found by their number and time without a database; what it was not given yet, or what was damaged, is
//        as if it were not there. It says complete() only if no page was refused.
class PageLog final : public EventLog {
 public:
  // Of a page's memory, all of them together; more is refused.
  static constexpr std::uint64_t kBytes_max = 512U << 20U;

  explicit PageLog(PageLogFacts facts, std::uint64_t bytes_max = kBytes_max);

  // Takes the next page, as it lies in a reel; it is copied.
  //
  // Errors: what PageView::check() says; a page that does not follow the one before it, or is of another lab; more than
  //         bytes_max. All that came before stays.
  Status add(Bytes image);

  std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const override;
  Result<Event> event_at(Seq seq) const override;
  Result<Seq> last_at_or_before(LabTime time) const override;
  Seq checkpoint_before(Seq seq) const override;
  Seq last() const override { return pages_.empty() ? Seq{} : Seq{pages_.back()->head().last_seq()}; }
  bool complete() const override { return facts_.complete && !refused_; }
  std::uint32_t format_version() const override { return facts_.format_version; }
  const std::vector<HostNote>& notes() const override { return facts_.notes; }
  Result<std::string> digest_at(Seq seq) const override;
  std::optional<std::string> recorded_digest() const override { return facts_.digest; }

  // Why a page was refused, the first that was.
  const std::optional<Error>& damage() const { return refused_; }

 private:
  class Source;
  Status check_next(const PageHead& head) const;
  // The number of the page that holds an event which is there.
  std::size_t page_with(Seq seq) const;

  PageLogFacts facts_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::vector<PagePtr> pages_;
  std::optional<Error> refused_;
  mutable std::vector<Sha256> blocks_;  // of the digest, as far as it was asked for
};

}  // namespace labreel
