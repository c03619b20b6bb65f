#include "store/page_memory.h"

#include <sqlite3.h>
#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

#include "engine/core/check.h"

namespace labreel {
namespace {

constexpr std::size_t kHugePage_bytes = 2 << 20;
constexpr std::size_t kExtra_bytes = 256;  // what SQLite notes of a page: it says, fewer than 250

sqlite3_pcache_methods2 g_sqlites;  // SQLite's own cache
thread_local std::shared_ptr<PageMemory> t_for_next_cache;

// What SQLite gets as its sqlite3_pcache: its own cache, and before it a recorder's memory. All other connections have only
// its own, and pages that find no place go there too.
struct Cache {
  sqlite3_pcache* own;
  std::shared_ptr<PageMemory> memory;
};
Cache* mine(sqlite3_pcache* cache) { return reinterpret_cast<Cache*>(cache); }
sqlite3_pcache* own(sqlite3_pcache* cache) { return mine(cache)->own; }
PageMemory* memory(sqlite3_pcache* cache) { return mine(cache)->memory.get(); }

int begin(void*) { return g_sqlites.xInit(g_sqlites.pArg); }
void end(void*) { g_sqlites.xShutdown(g_sqlites.pArg); }

sqlite3_pcache* create(int page_bytes, int extra_bytes, int is_of_file) {
  sqlite3_pcache* const made = g_sqlites.xCreate(page_bytes, extra_bytes, is_of_file);
  if (made == nullptr) return nullptr;
  auto* const cache = new (std::nothrow) Cache{made, nullptr};
  if (cache == nullptr) {
    g_sqlites.xDestroy(made);
    return nullptr;
  }
  if (is_of_file != 0 && page_bytes == kDatabasePage_bytes && extra_bytes <= static_cast<int>(kExtra_bytes)) {
    cache->memory = std::move(t_for_next_cache);
  }
  return reinterpret_cast<sqlite3_pcache*>(cache);
}
void destroy(sqlite3_pcache* cache) {
  g_sqlites.xDestroy(own(cache));
  delete mine(cache);
}
sqlite3_pcache_page* fetch(sqlite3_pcache* cache, unsigned number, int create) {
  if (memory(cache) == nullptr) return g_sqlites.xFetch(own(cache), number, create);
  if (sqlite3_pcache_page* const page = memory(cache)->find(number)) return page;
  if (sqlite3_pcache_page* const page = g_sqlites.xFetch(own(cache), number, 0)) return page;
  if (create == 0) return nullptr;
  const bool must = create == 2;
  if (sqlite3_pcache_page* const page = memory(cache)->add(number, must)) return page;
  return must ? g_sqlites.xFetch(own(cache), number, create) : nullptr;
}
void unpin(sqlite3_pcache* cache, sqlite3_pcache_page* page, int discard) {
  const bool is_done = memory(cache) != nullptr && memory(cache)->unpin(page, discard != 0);
  if (!is_done) g_sqlites.xUnpin(own(cache), page, discard);
}
// Another page of the new number goes, wherever it is: SQLite says that it is not pinned.
void rekey(sqlite3_pcache* cache, sqlite3_pcache_page* page, unsigned before, unsigned after) {
  if (memory(cache) != nullptr) {
    memory(cache)->drop(after);
    if (memory(cache)->renumber(page, after)) {
      sqlite3_pcache_page* const other = g_sqlites.xFetch(own(cache), after, 0);
      if (other != nullptr) g_sqlites.xUnpin(own(cache), other, 1);
      return;
    }
  }
  g_sqlites.xRekey(own(cache), page, before, after);
}
void truncate(sqlite3_pcache* cache, unsigned first) {
  if (memory(cache) != nullptr) memory(cache)->drop_from(first);
  g_sqlites.xTruncate(own(cache), first);
}
int count(sqlite3_pcache* cache) {
  const int places = memory(cache) == nullptr ? 0 : static_cast<int>(memory(cache)->pages());
  return g_sqlites.xPagecount(own(cache)) + places;
}
void resize(sqlite3_pcache* cache, int pages) { g_sqlites.xCachesize(own(cache), pages); }
void shrink(sqlite3_pcache* cache) { g_sqlites.xShrink(own(cache)); }

// Before main: SQLite takes a page cache only until it is used for the first time.
const bool kIsConfigured = [] {
  if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &g_sqlites) != SQLITE_OK) return false;
  sqlite3_pcache_methods2 methods{1,     nullptr, begin, end,      create,  resize, count,
                                  fetch, unpin,   rekey, truncate, destroy, shrink};
  return sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods) == SQLITE_OK;
}();

}  // namespace

std::shared_ptr<PageMemory> PageMemory::make() {
  if (!kIsConfigured) return nullptr;
  constexpr std::size_t kExtras_bytes = (kPlaces * kExtra_bytes + kPage_bytes - 1) / kPage_bytes * kPage_bytes;
  constexpr std::size_t kAll_bytes =
      (kExtras_bytes + kPlaces * kPage_bytes + kHugePage_bytes - 1) / kHugePage_bytes * kHugePage_bytes;
  std::shared_ptr<PageMemory> memory{new PageMemory};
  memory->bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(kHugePage_bytes, kAll_bytes)));
  if (!memory->bytes_) return nullptr;
  // To fill and to write memory in pages of 4 KiB costs a fifth more. Only an optimisation: it may be refused.
  ::madvise(memory->bytes_.get(), kAll_bytes, MADV_HUGEPAGE);
  memory->first_ = memory->bytes_.get() + kExtras_bytes;
  memory->pages_ = std::make_unique<sqlite3_pcache_page[]>(kPlaces);
  for (std::size_t at = 0; at < kPlaces; ++at) {
    memory->pages_[at] = {memory->first_ + at * kPage_bytes, memory->bytes_.get() + at * kExtra_bytes};
  }
  memory->chains_.fill(kNone);
  return memory;
}

PageMemory::ForNextCache::ForNextCache(std::shared_ptr<PageMemory> memory) { t_for_next_cache = std::move(memory); }
PageMemory::ForNextCache::~ForNextCache() { t_for_next_cache.reset(); }

void PageMemory::hold(const std::byte* from, std::size_t pages) {
  held_from_ = static_cast<std::size_t>(from - first_) / kPage_bytes;
  held_until_ = held_from_ + pages;
}

sqlite3_pcache_page* PageMemory::find(unsigned number) {
  const std::size_t at = lookup(number);
  if (at == kNone) return nullptr;
  pin(at);
  return &pages_[at];
}

sqlite3_pcache_page* PageMemory::add(unsigned number, bool must) {
  // Without this page, SQLite writes another and then must have it.
  if (!must && pinned_ >= kChanged_pages) return nullptr;
  const std::size_t at = free_place();
  if (at == kNone) return nullptr;
  link(at, number);
  pin(at);
  std::memset(pages_[at].pExtra, 0, kExtra_bytes);  // so SQLite knows that the page is new
  return &pages_[at];
}

bool PageMemory::unpin(const sqlite3_pcache_page* page, bool discard) {
  const std::size_t at = place_of(page);
  if (at == kNone) return false;
  if (std::exchange(places_[at].is_pinned, false)) --pinned_;
  if (discard) unlink(at);
  return true;
}

bool PageMemory::renumber(const sqlite3_pcache_page* page, unsigned number) {
  const std::size_t at = place_of(page);
  if (at == kNone) return false;
  unlink(at);
  link(at, number);
  return true;
}

void PageMemory::drop(unsigned number) {
  const std::size_t at = lookup(number);
  if (at != kNone) unpin(&pages_[at], true);
}

void PageMemory::drop_from(unsigned first) {
  for (const Place& place : places_) {
    if (place.number != 0 && place.number >= first) drop(place.number);
  }
}

std::size_t PageMemory::place_of(const sqlite3_pcache_page* page) const {
  return contains(page->pBuf) ? static_cast<std::size_t>(page - pages_.get()) : kNone;
}

std::size_t PageMemory::lookup(unsigned number) const {
  std::size_t at = chains_[number % kChains];
  while (at != kNone && places_[at].number != number) at = places_[at].next;
  return at;
}

// The next place whose page may go; even a page that is often used, since a place that is passed over ends a run.
std::size_t PageMemory::free_place() {
  for (std::size_t tried = 0; tried < kPlaces; ++tried) {
    const std::size_t at = hand_;
    hand_ = (hand_ + 1) % kPlaces;
    if (places_[at].is_pinned || is_held(at)) continue;
    if (places_[at].number != 0) unlink(at);
    return at;
  }
  return kNone;
}

void PageMemory::pin(std::size_t at) {
  if (!std::exchange(places_[at].is_pinned, true)) ++pinned_;
}

void PageMemory::link(std::size_t at, unsigned number) {
  places_[at].number = number;
  places_[at].next = std::exchange(chains_[number % kChains], at);
  ++used_;
}

void PageMemory::unlink(std::size_t at) {
  std::size_t* link = &chains_[places_[at].number % kChains];
  while (*link != at) link = &places_[*link].next;
  *link = places_[at].next;
  places_[at].number = 0;
  --used_;
}

}  // namespace labreel
