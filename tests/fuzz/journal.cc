// Fuzz target: a hot journal and a list of tables that are anything, beside a good reel. No fault, no file touched but by us,
// and what is rolled back is what SQLite rolls back.
//
// The input is a list of changes of 6 bytes each: where (4, little endian; the highest bit says whether in the journal or in
// the reel's first page), how (0xFF: the journal is cut there; 0xFE: the journal's checks are made right; else xor), what.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "../store/hostile_journal.h"
#include "patched_file.h"
#include "store/database.h"
#include "store/packed_files.h"
#include "store/reel_bytes.h"
#include "store/reel_check.h"
#include "store/reel_reader.h"

namespace labreel {
namespace {

constexpr std::size_t kPage = kDatabasePage_bytes;
constexpr std::size_t kRecord = 4 + kPage + 4;
constexpr std::size_t kHead = 512;
constexpr std::uint32_t kCheck = 7;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_content(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
OwnedFd for_reading(const std::string& path) { return OwnedFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}; }

void make_checks_right(std::string& journal) {
  if (journal.size() < 16) return;
  journal.replace(12, 4, big_endian_of(kCheck));
  for (std::size_t at = kHead; at + kRecord <= journal.size(); at += kRecord) {
    std::uint32_t check = kCheck;
    for (int i = static_cast<int>(kPage) - 200; i > 0; i -= 200) {
      check += static_cast<unsigned char>(journal[at + 4 + static_cast<std::size_t>(i)]);
    }
    journal.replace(at + 4 + kPage, 4, big_endian_of(check));
  }
}

// A reel of which some pages are blank, and the journal that has them.
struct Halves {
  Recording recording{true};
  std::string reel = content_of(recording.reel());
  std::string journal;
  std::string canary = recording.reel() + ".canary";

  Halves() {
    const auto pages = static_cast<std::uint32_t>(reel.size() / kPage);
    journal = journal_head(3, kCheck, pages);
    for (const std::uint32_t page : {1U, 3U, 2U}) {
      journal += big_endian_of(page) + reel.substr((page - 1) * kPage, kPage) + std::string(4, '\0');
      if (page != 1) reel.replace((page - 1) * kPage, kPage, kPage, '\0');
    }
    make_checks_right(journal);
    write_content(canary, "precious");
  }
};

void compare_with_sqlite(const Halves& halves, const std::string& path, const ReelBytes& ours) {
  if (ours.size() > 2 * halves.reel.size()) return;  // SQLite makes its copy as long as the journal says, with a hole
  const std::string copy = path + ".copy";
  write_content(copy, content_of(path));
  write_content(copy + "-journal", content_of(path + "-journal"));
  {
    Database database = Database::open_copy(copy);
    try {
      database.run("PRAGMA synchronous = OFF");
      database.number("SELECT count(*) FROM sqlite_schema");
    } catch (const DatabaseError&) {
      // The journal is played before the tables are looked at.
    }
  }
  if (has_hot_journal(copy)) return;  // SQLite did not come so far
  const std::string theirs = content_of(copy);
  std::string mine(std::max<std::uint64_t>(theirs.size(), ours.size()), '\0');
  LABREEL_CHECK(ours.read(0, mine.data(), mine.size()) >= 0);
  LABREEL_CHECK(mine.compare(0, theirs.size(), theirs) == 0);
  LABREEL_CHECK(mine.find_first_not_of('\0', theirs.size()) == std::string::npos);
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  static const Halves halves;
  std::string reel = halves.reel;
  std::string journal = halves.journal;
  for (; size >= 6 && !journal.empty(); data += 6, size -= 6) {
    std::uint32_t at = 0;
    std::memcpy(&at, data, sizeof(at));
    const bool in_journal = (at & 0x80000000U) != 0;
    at &= 0x7FFFFFFFU;
    if (data[4] == 0xFE) make_checks_right(journal);
    else if (in_journal && data[4] == 0xFF) journal.resize(at % journal.size());
    else if (in_journal) journal[at % journal.size()] = static_cast<char>(journal[at % journal.size()] ^ data[5]);
    else reel[at % kPage] = static_cast<char>(reel[at % kPage] ^ data[5]);
  }
  const std::string path = halves.recording.reel();
  write_content(path, reel);
  write_content(path + "-journal", journal);
  if (const auto reader = ReelReader::open(path)) {
    auto cursor = reader->events();
    Event event{};
    std::uint64_t seq = 0;
    for (auto more = cursor.next(event); more && *more; more = cursor.next(event)) LABREEL_CHECK(event.seq.value == ++seq);
  }
  (void)PackedFiles::open(path);
  (void)check_reel(path);
  if (has_hot_journal(path)) {
    const auto bytes = ReelBytes::of(for_reading(path), for_reading(path + "-journal"), path);
    if (bytes) compare_with_sqlite(halves, path, **bytes);
  }
  LABREEL_CHECK(content_of(path) == reel && content_of(path + "-journal") == journal);
  LABREEL_CHECK(content_of(halves.canary) == "precious");
  return 0;
}
