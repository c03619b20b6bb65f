#include "store/loaded_page.h"

#include <algorithm>
#include <cstring>

namespace labreel {

Result<PagePtr> checked_page(const std::shared_ptr<LoadedPage>& page) {
  Result<PageView> view = PageView::check(page->buffer);
  if (!view) return view.error();
  page->view = *view;
  return PagePtr{page};
}

Result<PagePtr> page_of(Bytes image) {
  const auto page = std::make_shared<LoadedPage>();
  std::byte* const to = page->buffer.resize(image.size());
  if (!image.empty()) std::memcpy(to, image.data(), image.size());
  return checked_page(page);
}

PageBefore page_before(const PageHead& head) { return {head.hash, head.number, head.last_seq(), head.last_time_ns}; }

bool follows(const PageHead& head, const PageBefore& before) {
  return head.previous_hash == before.hash && head.number == before.number + 1 && head.first_seq == before.last_seq + 1 &&
         head.first_time_ns >= before.last_time_ns;
}

bool is_first(const PageHead& head) { return head.number == 0 && head.previous_hash == Word128{}; }

Error not_following(const std::string& path, std::uint64_t number) {
  return in_page(path, number, Error{ErrorKind::input, "the page does not follow the one before it"});
}

Error in_page(const std::string& path, std::uint64_t number, const Error& error) {
  Error placed = error;
  placed.place = path + (path.empty() ? "page " : ": page ") + std::to_string(number);
  if (!error.place.empty()) placed.place += ", " + error.place;
  if (placed.hint.empty()) placed.hint = "labreel check --repair keeps what can be read";
  return placed;
}

Seq last_in(const PageView& page, LabTime time) {
  const auto records = page.records();
  const auto behind = std::upper_bound(records.begin(), records.end(), time.ns,
                                       [](std::uint64_t ns, const Record& record) { return ns < record.time_ns; });
  return Seq{page.head().first_seq + static_cast<std::uint64_t>(behind - records.begin()) - 1};
}

Seq last_checkpoint_in(const PageView& page, Seq seq) {
  const std::uint64_t first = page.head().first_seq;
  if (seq.value < first) return {};
  const auto records = page.records().first(
      static_cast<std::size_t>(std::min<std::uint64_t>(page.records().size(), seq.value - first + 1)));
  for (std::size_t i = records.size(); i-- > 0;) {
    if (records[i].kind == static_cast<std::uint8_t>(EventKind::checkpoint)) return Seq{first + i};
  }
  return {};
}

}  // namespace labreel
