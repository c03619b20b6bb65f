#include "store/page_log.h"

#include <algorithm>
#include <utility>

namespace labreel {

// Reads on from page to page. The log may grow meanwhile, but nothing of it goes away.
class PageLog::Source final : public EventSource {
 public:
  Source(const PageLog& log, Seq from, Seq to) : log_(log), next_(std::max(from, kFirstSeq)), to_(to) {}

  Result<bool> next(Event& event) override {
    if (failed_) return *failed_;
    if (next_ > to_ || next_ > log_.last()) return false;
    if (page_ == nullptr || next_.value > page_->head().last_seq()) page_ = log_.pages_[log_.page_with(next_)].get();
    if (const Status read = read_event(*page_->view, next_.value, event); !read) {
      failed_ = in_page("", page_->head().number, read.error());
      failed_->place += ", event " + std::to_string(next_.value);
      return *failed_;
    }
    next_ = next_.next();
    return true;
  }

 private:
  const PageLog& log_;
  Seq next_;
  Seq to_;
  const LoadedPage* page_ = nullptr;
  std::optional<Error> failed_;
};

PageLog::PageLog(PageLogFacts facts, std::uint64_t bytes_max) : facts_(std::move(facts)), bytes_max_(bytes_max) {}

Status PageLog::check_next(const PageHead& head) const {
  if (pages_.empty()) return head.first_seq == 1 && is_first(head) ? ok_status() : Status{not_following("", head.number)};
  const PageHead& before = pages_.back()->head();
  if (!follows(head, page_before(before))) return not_following("", head.number);
  if (head.lab_id == before.lab_id) return ok_status();
  return in_page("", head.number, Error{ErrorKind::input, "the page belongs to another lab"});
}

Status PageLog::add(Bytes image) {
  const auto refuse = [this](Error error) {
    if (!refused_) refused_ = error;
    return error;
  };
  if (bytes_ > bytes_max_ || image.size() > bytes_max_ - bytes_) {
    return refuse(Error{ErrorKind::input, "the recording is longer than " + std::to_string(bytes_max_ >> 20U) + " MiB", {},
                        "labreel's own verbs read recordings of any length"});
  }
  Result<PagePtr> page = page_of(image);
  if (!page) return refuse(in_page("", pages_.size(), page.error()));
  if (const Status next = check_next((*page)->head()); !next) return refuse(next.error());
  bytes_ += (*page)->buffer.bytes().size();
  pages_.push_back(std::move(*page));
  return ok_status();
}

std::size_t PageLog::page_with(Seq seq) const {
  const auto behind = std::upper_bound(pages_.begin(), pages_.end(), seq.value,
                                       [](std::uint64_t value, const PagePtr& page) { return value < page->head().first_seq; });
  return static_cast<std::size_t>(behind - pages_.begin()) - 1;
}

std::unique_ptr<EventSource> PageLog::events(Seq from, Seq to) const { return std::make_unique<Source>(*this, from, to); }

Result<Event> PageLog::event_at(Seq seq) const {
  if (seq.is_none() || seq > last()) {
    return Error{ErrorKind::usage, "there is no event " + std::to_string(seq.value), {},
                 "the last one is " + std::to_string(last().value)};
  }
  const LoadedPage& page = *pages_[page_with(seq)];
  Result<Event> event = event_of(*page.view, seq.value);
  if (!event) return in_page("", page.head().number, event.error());
  return event;
}

Result<Seq> PageLog::last_at_or_before(LabTime time) const {
  const auto behind = std::upper_bound(pages_.begin(), pages_.end(), time.ns, [](std::uint64_t ns, const PagePtr& page) {
    return ns < page->head().first_time_ns;
  });
  return behind == pages_.begin() ? Seq{} : last_in(*(*(behind - 1))->view, time);
}

Seq PageLog::checkpoint_before(Seq seq) const {
  if (pages_.empty() || seq.is_none()) return {};
  for (std::size_t page = page_with(std::min(seq, last())) + 1; page-- > 0;) {
    if (const Seq found = last_checkpoint_in(*pages_[page]->view, seq); !found.is_none()) return found;
  }
  return {};
}

Result<std::string> PageLog::digest_at(Seq seq) const {
  if (seq > last()) return Error{ErrorKind::usage, "there is no event " + std::to_string(seq.value)};
  const auto known = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(blocks_.size(), seq.value / kEventsPerBlock));
  DigestChain chain{std::vector<Sha256>(blocks_.begin(), blocks_.begin() + known)};
  while (chain.next_seq() <= seq.value) {
    const PageView& page = *pages_[page_with(Seq{chain.next_seq()})]->view;
    const std::uint64_t end = std::min(seq.value, page.head().last_seq());
    while (chain.next_seq() <= end) {
      const Record& record = page.record(chain.next_seq());
      chain.add(record, page.payload(record));
    }
  }
  if (chain.blocks().size() > blocks_.size()) blocks_ = chain.blocks();
  return hex_of(chain.value());
}

}  // namespace labreel
