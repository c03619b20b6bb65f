#include "recorder/pack/unpack_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// The folder that a name's last part lies in, and that part.
struct Place {
  OwnedFd folder;
  std::string last;
};

bool has_content(const std::string& path, std::string_view content) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure) || std::filesystem::file_size(path, failure) != content.size())
    return false;
  std::ifstream file{path, std::ios::binary};
  return std::equal(std::istreambuf_iterator<char>{file}, {}, content.begin(), content.end());
}

class Unpacker {
 public:
  Unpacker(const PackedFiles& files, const std::vector<PackedEntry>& chosen, const std::string& folder)
      : files_(files), chosen_(chosen), folder_(folder) {}

  Status run(ExistingFiles existing) {
    for (const PackedEntry& entry : chosen_) {
      if (const auto content = files_.read(entry); !content) return content.error();
    }
    make_root();
    for (const PackedEntry& entry : chosen_) {
      if (Status fits = check_room_for(entry, existing); !fits) return fits;
    }
    for (const PackedEntry& entry : chosen_) {
      if (Status written = write(entry); !written) return written;
    }
    return ok_status();
  }

 private:
  void make_root() {
    if (::mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST) checked("make the folder " + folder_, -1);
    root_ = OwnedFd{checked("open the folder " + folder_, ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
  }

  Error in_the_way(const std::string& name, std::string what) const {
    return {ErrorKind::usage, std::move(what), folder_ + "/" + name, "unpack into another folder with -o"};
  }

  // Walks to the folder of a file; with `make`, missing folders are made. Without, a missing one gives a closed folder.
  Result<Place> walk(const std::string& name, bool make) const {
    Place place{OwnedFd{checked("open the folder " + folder_, ::openat(root_.get(), ".", kOpenFolder))}, {}};
    std::size_t begin = 0;
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', begin)) {
      const std::string part = name.substr(begin, slash - begin);
      if (make && ::mkdirat(place.folder.get(), part.c_str(), 0777) != 0 && errno != EEXIST) {
        checked("make the folder " + folder_ + "/" + name.substr(0, slash), -1);
      }
      OwnedFd next{::openat(place.folder.get(), part.c_str(), kOpenFolder)};
      if (!next.is_open() && (errno == ELOOP || errno == ENOTDIR)) {
        return in_the_way(name.substr(0, slash), "is a link or a file, but packed files need a folder there");
      }
      if (!next.is_open() && errno == ENOENT && !make) return Place{};
      checked("open the folder " + folder_ + "/" + name.substr(0, slash), next.get());
      place.folder = std::move(next);
      begin = slash + 1;
    }
    place.last = name.substr(begin);
    return place;
  }

  Status check_room_for(const PackedEntry& entry, ExistingFiles existing) const {
    const Result<Place> place = walk(entry.name, false);
    if (!place) return place.error();
    struct stat facts {};
    if (!place->folder.is_open() ||
        ::fstatat(place->folder.get(), place->last.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      return ok_status();
    }
    if (S_ISDIR(facts.st_mode)) return in_the_way(entry.name, "is a folder, but the reel has a file of that name");
    if (existing == ExistingFiles::replace) return ok_status();
    Error error = in_the_way(entry.name, "is there already; nothing was unpacked");
    error.hint = "--force replaces files; -o names another place";
    return error;
  }

  // What is there is taken away, not written into: it may be a link.
  Status write(const PackedEntry& entry) const {
    const Result<std::string> content = files_.read(entry);
    if (!content) return content.error();
    const Result<Place> place = walk(entry.name, true);
    if (!place) return place.error();
    const int folder = place->folder.get();
    const std::string path = folder_ + "/" + entry.name;
    if (::unlinkat(folder, place->last.c_str(), 0) != 0 && errno != ENOENT) checked("replace " + path, -1);
    constexpr int kCreate = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const OwnedFd file{checked("write " + path, ::openat(folder, place->last.c_str(), kCreate, entry.mode))};
    std::string_view rest = *content;
    while (!rest.empty()) {
      const ssize_t written =
          checked("write " + path, retried([&] { return ::write(file.get(), rest.data(), rest.size()); }));
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const timespec time{static_cast<time_t>(entry.mtime_s), 0};
    const timespec times[2] = {time, time};
    ::futimens(file.get(), times);  // a time that the file system does not have is no reason to fail
    return ok_status();
  }

  const PackedFiles& files_;
  const std::vector<PackedEntry>& chosen_;
  const std::string& folder_;
  OwnedFd root_;
};

}  // namespace

Status unpack_files(const PackedFiles& files, const std::string& folder, ExistingFiles existing) {
  return Unpacker{files, files.entries(), folder}.run(existing);
}

Status unpack_some_files(const PackedFiles& files, const std::vector<PackedEntry>& chosen, const std::string& folder,
                         ExistingFiles existing) {
  std::vector<PackedEntry> missing;
  for (const PackedEntry& entry : chosen) {
    const Result<std::string> content = files.read(entry);
    if (!content) return content.error();
    if (!has_content(folder + "/" + entry.name, *content)) missing.push_back(entry);
  }
  return missing.empty() ? ok_status() : Unpacker{files, missing, folder}.run(existing);
}

}  // namespace labreel
