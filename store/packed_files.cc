#include "store/packed_files.h"

#include <algorithm>
#include <utility>

#include "store/database.h"
#include "store/packed_codec.h"
#include "store/schema_guard.h"

namespace labreel {
namespace {

constexpr std::size_t kPartBytes_max = 255;  // of a file's own name, on Linux

Error unreadable(const std::string& reel, const DatabaseError& error) {
  return {ErrorKind::input, std::string{"cannot be read: "} + error.what(), reel + ": table sqlar"};
}

}  // namespace

Status check_packed_name(std::string_view name) {
  const auto refuse = [&](std::string what) -> Status {
    return Error{ErrorKind::input, std::move(what), "packed file " + shown_name(name)};
  };
  if (name.empty()) return refuse("has no name");
  if (name.size() > kPackedNameBytes_max) {
    return refuse("has a name of more than " + std::to_string(kPackedNameBytes_max) + " bytes");
  }
  const auto is_control = [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; };
  if (std::any_of(name.begin(), name.end(), is_control)) return refuse("has a control character in its name");
  if (name.front() == '/') return refuse("has an absolute name");
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part == "..") return refuse("has `..` in its name: it would lie outside");
    if (part.empty() || part == ".") return refuse("has an empty part in its name");
    if (part.size() > kPartBytes_max) return refuse("has a name that no file can have: it is too long");
    begin = end + 1;
  }
  return ok_status();
}

struct PackedFiles::State {
  std::string path;
  Database database;
};

PackedFiles::PackedFiles(std::unique_ptr<State> state) : state_(std::move(state)) {}
PackedFiles::~PackedFiles() = default;
PackedFiles::PackedFiles(PackedFiles&&) noexcept = default;

Result<PackedFiles> PackedFiles::open(const std::string& reel) {
  const Result<ReelFiles> files = ReelFiles::take(reel);
  if (!files) return files.error();
  return open(*files);
}

Result<PackedFiles> PackedFiles::open(const ReelFiles& reel) {
  try {
    Result<Database> database = open_guarded(reel);
    if (!database) return database.error();
    PackedFiles files{std::make_unique<State>(State{reel.path(), std::move(*database)})};
    Result<std::vector<PackedEntry>> entries = read_packed_entries(files.state_->database);
    if (!entries) return placed_in(reel.path(), entries.error());
    files.entries_ = std::move(*entries);
    return files;
  } catch (const DatabaseError& error) {
    return unreadable(reel.path(), error);
  }
}

const PackedEntry* PackedFiles::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

Result<std::string> PackedFiles::read(const PackedEntry& entry) const {
  try {
    Result<std::string> content = read_packed_file(state_->database, entry);
    if (!content) return placed_in(state_->path, content.error());
    return content;
  } catch (const DatabaseError& error) {
    return unreadable(state_->path, error);
  }
}

}  // namespace labreel
