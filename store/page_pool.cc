#include "store/page_pool.h"

#include <utility>

namespace labreel {
namespace {

constexpr std::size_t kPageBytes_max = 2 << 20;

}  // namespace

std::shared_ptr<LoadedPage> PagePool::take() {
  std::unique_ptr<LoadedPage> page;
  {
    const std::lock_guard lock{mutex_};
    if (!free_.empty()) {
      page = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!page) page = std::make_unique<LoadedPage>();
  return {page.release(), [pool = shared_from_this()](LoadedPage* done) {
            pool->give_back(std::unique_ptr<LoadedPage>{done});
          }};
}

void PagePool::give_back(std::unique_ptr<LoadedPage> page) {
  if (page->buffer.capacity_bytes() > kPageBytes_max) return;
  page->view.reset();
  const std::lock_guard lock{mutex_};
  if (free_.size() < kPages_max) free_.push_back(std::move(page));
}

}  // namespace labreel
