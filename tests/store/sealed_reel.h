// A sealed reel to be damaged: by SQL, or page by page so that what is wrong has a right hash.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/page.h"
#include "test_reel.h"

namespace labreel {

struct RingHead;

class OpenReel;

// Opens a reel that can be opened.
std::shared_ptr<OpenReel> opened(const std::string& path);
bool has(const std::string& text, std::string_view part);
// Blanks the page of SQLite's in which byte `at` of a file lies.
void lose_database_page(const std::string& path, std::size_t at);

// Runs statements on a database, without any of the store's checks.
void sql(const std::string& path, const std::string& statements);

// A page taken apart.
struct PageParts {
  PageHead head;
  std::vector<Record> records;
  std::vector<std::string> payloads;  // padded to 8 bytes
};

struct Sealed {
  TempFolder folder;
  std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events;
  std::string bytes;
  std::string digest;

  explicit Sealed(std::size_t frames, const ReelOptions& options = small_options());

  std::string image(std::uint64_t number) const;
  std::string last_image() const;
  // Changes a page; its hash, its times and the columns of its row follow.
  void forge(std::uint64_t number, const std::function<void(PageParts&)>& change) const;
};

// A page's image with its parts changed.
std::string forged(const std::string& image, const std::function<void(PageParts&)>& change);

// Changes a dead recorder's ring: its head (whose hash follows), or its first entry's record (whose check follows).
void forge_ring_head(const std::string& ring_path, const std::function<void(RingHead&)>& change);
void forge_first_entry(const std::string& ring_path, const std::function<void(Record&)>& change);

}  // namespace labreel
