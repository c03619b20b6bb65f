// LoadedPage: a page in memory, checked; and what is asked of one page after another, wherever they come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/result.h"
#include "store/page.h"

namespace labreel {

struct LoadedPage {
  PageBuffer buffer;
  std::optional<PageView> view;
  const PageHead& head() const { return view->head(); }
};
using PagePtr = std::shared_ptr<const LoadedPage>;

// Checks the bytes in its buffer. Errors: those of PageView::check().
Result<PagePtr> checked_page(const std::shared_ptr<LoadedPage>& page);
// The same of bytes that are elsewhere: they are copied.
Result<PagePtr> page_of(Bytes image);

// What a page says of the one before it.
struct PageBefore {
  Word128 hash;
  std::uint64_t number = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t last_time_ns = 0;
};
PageBefore page_before(const PageHead& head);
bool follows(const PageHead& head, const PageBefore& before);
// Says whether the page is a reel's first.
bool is_first(const PageHead& head);

// Says that a page does not follow the one before it.
Error not_following(const std::string& path, std::uint64_t number);
// Reads an error's page into its place: "FILE: page 3, byte 40".
Error in_page(const std::string& path, std::uint64_t number, const Error& error);

// The last event of a page at or before a time; the page begins at or before it.
Seq last_in(const PageView& page, LabTime time);
// The last checkpoint of a page at or before an event; none if there is none.
Seq last_checkpoint_in(const PageView& page, Seq seq);

}  // namespace labreel
