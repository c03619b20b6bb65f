#include "store/reel_reader.h"

#include <algorithm>

#include "store/digest.h"
#include "store/open_reel.h"
#include "store/page_codec.h"

namespace labreel {
namespace {

// Walks over a reel's records in order, page by page.
class Walk {
 public:
  Walk(std::shared_ptr<OpenReel> reel, Seq from) : reel_(std::move(reel)), next_(from) {}

  // Goes to the next event up to `to`; false at the end.
  Result<bool> step(Seq to) {
    if (failed_) return *failed_;
    if (next_ > to) return false;
    if (next_ > reel_->end().last) {
      if (!reel_->end().damage) return false;
      return fail(*reel_->end().damage);
    }
    if (!page_ || next_.value > page_->head().last_seq()) {
      Result<PagePtr> page = reel_->page_with(next_, page_.get());
      if (!page) return fail(page.error());
      page_ = std::move(*page);
    }
    seq_ = next_;
    next_ = next_.next();
    return true;
  }
  // Calls `see` with this event's record and payload and those behind it in the same page, up to `to`.
  template <class See>
  void see_page(Seq to, const See& see) {
    const std::uint64_t last = std::min(to.value, page_->head().last_seq());
    for (std::uint64_t seq = seq_.value; seq <= last; ++seq) {
      const Record& record = page().record(seq);
      see(record, page().payload(record));
    }
    seq_ = Seq{last};
    next_ = seq_.next();
  }
  const PageView& page() const { return *page_->view; }
  // A body that does not decode ends the walk.
  Result<bool> read(Event& event) {
    const Status read = read_event(page(), seq_.value, event);
    if (read) return true;
    Error error = in_page(reel_->path(), page().head().number, read.error());
    error.place += ", event " + std::to_string(seq_.value);
    return fail(error);
  }

 private:
  Error fail(Error error) {
    failed_ = std::move(error);
    return *failed_;
  }

  std::shared_ptr<OpenReel> reel_;
  Seq next_;
  Seq seq_;
  PagePtr page_;
  std::optional<Error> failed_;
};

}  // namespace

struct ReelReader::State {
  explicit State(std::shared_ptr<OpenReel> open) : reel(std::move(open)), digest_walk(reel, Seq{1}) {}

  std::shared_ptr<OpenReel> reel;
  PagePtr event_page;  // what the last event_at() read from
  // The digest so far: asked for one seq after another, a bisection reads each event once.
  std::mutex digest_mutex;
  DigestChain digest;
  Walk digest_walk;
};

struct ReelReader::Cursor::State {
  Walk walk;
  Seq to;
};

std::optional<std::string> ReelReader::live_recorder_of(const std::string& path) {
  return RingFile::live_owner(ring_path_of(path));
}

Result<ReelReader> ReelReader::open(const std::string& path) {
  const Result<ReelFiles> files = ReelFiles::take(path);
  if (!files) return files.error();
  return open(*files);
}

Result<ReelReader> ReelReader::open(const ReelFiles& files) {
  Result<std::shared_ptr<OpenReel>> reel = OpenReel::open(files);
  if (!reel) return reel.error();
  return ReelReader{std::make_unique<State>(std::move(*reel))};
}

Result<ReelReader> ReelReader::from_pages(std::vector<std::string> pages, std::vector<HostNote> notes) {
  Result<std::shared_ptr<OpenReel>> reel = OpenReel::from_pages(std::move(pages), std::move(notes));
  if (!reel) return reel.error();
  return ReelReader{std::make_unique<State>(std::move(*reel))};
}

ReelReader::ReelReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReelReader::~ReelReader() = default;
ReelReader::ReelReader(ReelReader&&) noexcept = default;
ReelReader& ReelReader::operator=(ReelReader&&) noexcept = default;

ReelReader::Cursor::Cursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReelReader::Cursor::~Cursor() = default;
ReelReader::Cursor::Cursor(Cursor&&) noexcept = default;

Result<bool> ReelReader::Cursor::next(Event& event) {
  const Result<bool> stepped = state_->walk.step(state_->to);
  if (!stepped || !*stepped) return stepped;
  return state_->walk.read(event);
}

ReelReader::Cursor ReelReader::events(Seq from, Seq to) const {
  return Cursor{std::make_unique<Cursor::State>(Cursor::State{Walk{state_->reel, std::max(from, Seq{1})}, to})};
}

Result<Event> ReelReader::event_at(Seq seq) const {
  PagePtr& page = state_->event_page;
  if (!page || seq.value < page->head().first_seq || seq.value > page->head().last_seq()) {
    page.reset();  // its memory, still in the processor's cache, is the next one's
    Result<PagePtr> loaded = state_->reel->page_with(seq);
    if (!loaded) return loaded.error();
    page = std::move(*loaded);
  }
  Result<Event> event = event_of(*page->view, seq.value);
  if (!event) return in_page(state_->reel->path(), page->head().number, event.error());
  return event;
}

Status ReelReader::each_page(const std::function<Status(Bytes)>& see) const {
  PageExpander expander;
  PagePtr page;
  for (Seq next{1}; next <= end().last; next = Seq{page->head().last_seq() + 1}) {
    Result<PagePtr> loaded = state_->reel->page_with(next, page.get());
    if (!loaded) return loaded.error();
    page = std::move(*loaded);
    if (const Status seen = see(expander.expand(page->buffer)); !seen) return seen;
  }
  return end().damage ? Status{*end().damage} : ok_status();
}

Result<Seq> ReelReader::last_at_or_before(LabTime time) const { return state_->reel->last_at_or_before(time); }
Seq ReelReader::checkpoint_before(Seq seq) const { return state_->reel->checkpoint_before(seq); }

const ReelEnd& ReelReader::end() const { return state_->reel->end(); }
std::uint32_t ReelReader::format_version() const { return state_->reel->format_version(); }
const std::vector<HostNote>& ReelReader::notes() const { return state_->reel->notes(); }

Result<Digest> ReelReader::digest_at(Seq seq) const {
  if (seq > end().last) {
    if (end().damage) return *end().damage;
    return Error{ErrorKind::usage, "there is no event " + std::to_string(seq.value), state_->reel->path(),
                 "the last one is " + std::to_string(end().last.value)};
  }
  const std::lock_guard lock{state_->digest_mutex};
  const auto extend = [&](DigestChain& chain, Walk& walk) -> Result<Digest> {
    while (chain.next_seq() <= seq.value) {
      const Result<bool> stepped = walk.step(seq);
      if (!stepped) return stepped.error();
      LABREEL_CHECK(*stepped);
      walk.see_page(seq, [&](const Record& record, Bytes payload) { chain.add(record, payload); });
    }
    return hex_of(chain.value());
  };
  if (seq.value + 1 >= state_->digest.next_seq()) return extend(state_->digest, state_->digest_walk);
  // Before where the chain is: from the last block that it knows.
  const auto& blocks = state_->digest.blocks();
  const auto known = static_cast<std::ptrdiff_t>(seq.value / kEventsPerBlock);
  DigestChain chain{std::vector<Sha256>(blocks.begin(), blocks.begin() + known)};
  Walk walk{state_->reel, Seq{chain.next_seq()}};
  return extend(chain, walk);
}

std::optional<Digest> ReelReader::recorded_digest() const {
  const auto& meta = state_->reel->meta();
  if (!meta || !meta->sealed) return std::nullopt;
  return meta->digest;
}

}  // namespace labreel
