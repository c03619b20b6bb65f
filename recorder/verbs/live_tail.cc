#include "recorder/verbs/live_tail.h"

#include <poll.h>

#include <algorithm>

namespace labreel {
namespace {

constexpr std::uint64_t kPagesAtOnce_bytes = 4U << 20U;

}  // namespace

Result<bool> LiveTail::read_new(const std::function<bool(const Event&)>& take) {
  for (;;) {
    const Seq before = next_;
    const auto images = recorder_.pages(page_, kPagesAtOnce_bytes);
    if (!images) return images.error();
    for (const std::string& image : *images) {
      auto wanted = read_page(image, take);
      if (!wanted || !*wanted) return wanted;
    }
    if (next_ == before) return true;
  }
}

Result<bool> LiveTail::wait_for_more(std::chrono::milliseconds patience) {
  if (!tells_) {
    const auto tells = recorder_.follow();
    if (!tells) return tells.error();
    tells_ = *tells;
  }
  if (!*tells_) {
    ::poll(nullptr, 0, static_cast<int>(patience.count()));
    return true;
  }
  const auto news = recorder_.wait_for_news(patience);
  if (!news) return news.error();
  if (*news && (*news)->state == kEndedState) return Error{ErrorKind::lab, "the lab ended"};
  return news->has_value();
}

Result<bool> LiveTail::read_page(const std::string& image, const std::function<bool(const Event&)>& take) {
  std::copy_n(reinterpret_cast<const std::byte*>(image.data()), image.size(), buffer_.resize(image.size()));
  const auto page = PageView::check(buffer_);
  if (!page) return page.error();
  const PageHead& head = page->head();
  if (head.first_seq > next_.value) {
    return Error{ErrorKind::lab, "the lab's recorder left out events " + std::to_string(next_.value) + " to " +
                                     std::to_string(head.first_seq - 1)};
  }
  Event event;
  while (next_.value <= head.last_seq()) {
    const Status read = read_event(*page, next_.value, event);
    if (!read) return read.error();
    next_ = next_.next();
    if (!take(event)) return false;
  }
  if ((head.flags & kPageOpen) == 0) page_ = head.number + 1;
  return true;
}

}  // namespace labreel
