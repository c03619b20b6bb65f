// PagePool: memory for pages that are read one after another.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "store/loaded_page.h"

namespace labreel {

// Shape: keeps what few pages need that were let go, of moderate size: fresh memory costs as many page faults as reading
//        into it costs. Any thread may let a page go, also after the pool itself.
class PagePool : public std::enable_shared_from_this<PagePool> {
 public:
  PagePool() { free_.reserve(kPages_max); }  // to let a page go must not need memory
  std::shared_ptr<LoadedPage> take();

 private:
  static constexpr std::size_t kPages_max = 4;
  void give_back(std::unique_ptr<LoadedPage> page);

  std::mutex mutex_;
  std::vector<std::unique_ptr<LoadedPage>> free_;
};

}  // namespace labreel
