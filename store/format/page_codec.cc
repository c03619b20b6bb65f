// unpack_page() of store/page_codec.h where there is no zstd: who sends pages there sends them plain.
#include "store/page_codec.h"

#include "store/page_layout.h"

namespace labreel {

Status unpack_page(Bytes, PageBuffer&) {
  return damaged_page("the page is compressed, and only plain pages are read here", kPageHeadAt + offsetof(PageHead, codec));
}

}  // namespace labreel
