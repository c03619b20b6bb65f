// PageMemory: SQLite's page cache for the recorder, in which new pages lie one behind the other, as in the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "store/format.h"

struct sqlite3_pcache_page;

namespace labreel {

// Memory for one connection's database pages.
//
// Shape:  new pages get places one behind the other. SQLite writes a commit's pages in the order of their numbers, so they
//         are long runs of memory, and the gathering VFS writes each from where it lies. Until then it holds the run: its
//         places get no other pages. Used by one thread at a time, as its connection is.
// Source: sqlite.org/c3ref/pcache_methods2.html.
class PageMemory {
 public:
  // So many pages may be new or changed before SQLite writes some to make room: more than one group commit has, or it would
  // sync in the middle of it; and not much more, since the same memory is soon written again and may still be near.
  static constexpr std::size_t kChanged_pages = 272;
  // The longest run that is held. There are so many places more: a page that SQLite must have finds one.
  static constexpr std::size_t kHeld_pages = 32;

  // Null: no memory for it, or SQLite was in use before and keeps to its own cache.
  static std::shared_ptr<PageMemory> make();

  // While this lives, the next cache that SQLite makes in this thread, for a file of our page size, has its pages there.
  class ForNextCache {
   public:
    explicit ForNextCache(std::shared_ptr<PageMemory> memory);
    ~ForNextCache();
    ForNextCache(const ForNextCache&) = delete;
    ForNextCache& operator=(const ForNextCache&) = delete;
  };

  bool contains(const void* from) const {
    const auto* const byte = static_cast<const std::byte*>(from);
    return byte >= first_ && byte < first_ + kPlaces * kPage_bytes;
  }
  // The VFS's: pages from there on wait to be written. One run at a time; of no pages: none waits.
  void hold(const std::byte* from, std::size_t pages);

  // What a page cache does, in sqlite3_pcache_methods2's words: fetch, unpin, rekey and truncate. A page is null where there
  // is none, or no place for it; false says that the page is not of this memory.
  sqlite3_pcache_page* find(unsigned number);
  sqlite3_pcache_page* add(unsigned number, bool must);
  bool unpin(const sqlite3_pcache_page* page, bool discard);
  bool renumber(const sqlite3_pcache_page* page, unsigned number);
  void drop(unsigned number);
  void drop_from(unsigned first);
  std::size_t pages() const { return used_; }

 private:
  static constexpr std::size_t kPage_bytes = kDatabasePage_bytes;
  static constexpr std::size_t kPlaces = kChanged_pages + kHeld_pages;
  static constexpr std::size_t kNone = kPlaces;
  static constexpr std::size_t kChains = 512;
  struct Place {
    unsigned number = 0;      // of its page; 0: free
    bool is_pinned = false;   // SQLite uses it, or has changed it
    std::size_t next = kNone;  // of the same chain
  };
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  PageMemory() = default;
  std::size_t place_of(const sqlite3_pcache_page* page) const;
  std::size_t lookup(unsigned number) const;
  std::size_t free_place();
  bool is_held(std::size_t at) const { return at >= held_from_ && at < held_until_; }
  void pin(std::size_t at);
  void link(std::size_t at, unsigned number);
  void unlink(std::size_t at);

  std::unique_ptr<std::byte, Free> bytes_;  // what SQLite notes of each page, then the pages
  std::byte* first_ = nullptr;
  std::array<Place, kPlaces> places_;
  std::unique_ptr<sqlite3_pcache_page[]> pages_;  // each place's
  std::array<std::size_t, kChains> chains_{};     // of places, by their pages' numbers
  std::size_t hand_ = 0;  // where the next page goes, if it can
  std::size_t used_ = 0;
  std::size_t pinned_ = 0;
  std::size_t held_from_ = 0;
  std::size_t held_until_ = 0;
};

}  // namespace labreel
