#include "recorder/pack/demo_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "engine/lab/lab_file.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "engine/text/host_notes.h"
#include "recorder/session/recorded_lab.h"
#include "replay/import/imported.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

// The name of a file within a folder; nothing if it lies elsewhere.
std::optional<std::string> name_within(const fs::path& folder, const fs::path& file) {
  const fs::path relative = file.lexically_relative(folder);
  if (relative.empty() || *relative.begin() == ".." || relative == ".") return std::nullopt;
  return relative.string();
}

class Collector {
 public:
  Collector(const PackedFiles& packed, PackedLab lab) : packed_(packed), lab_(std::move(lab)) {}

  Result<std::vector<DemoFile>> run(const DemoWishes& wishes) {
    if (!wishes.folder.empty()) lab_.folder = wishes.folder;
    std::error_code ignored;
    folder_ = fs::weakly_canonical(fs::absolute(lab_.folder), ignored);
    auto parsed = parse_lab_file(lab_.text, lab_.name);
    if (!parsed) return std::move(parsed).error();
    if (Status added = add({lab_.name, {}, lab_.text}); !added) return added.error();
    for (const NodeDef& node : parsed->nodes) {
      for (const FileDef& file : node.files) {
        if (Status added = add_needed("node " + node.name + "'s file", file.host_path, file.line); !added)
          return added.error();
      }
    }
    if (!parsed->image.empty()) {
      if (Status added = add_needed("the image", parsed->image, parsed->image_line); !added) return added.error();
    }
    for (const std::string& path : wishes.files) {
      if (Status added = add_wished(path); !added) return added.error();
    }
    return std::move(files_);
  }

 private:
  // Two nodes may have one file; two files may not have one name.
  Status add(DemoFile file) {
    const auto [known, is_new] = paths_.emplace(file.name, file.path);
    if (!is_new && known->second == file.path) return ok_status();
    if (!is_new) {
      return Error{ErrorKind::usage,
                   fmt::format("would be {} in the reel, where another file has that name", file.name),
                   file.path.empty() ? file.name : file.path, "give it another name"};
    }
    if (Status named = check_packed_name(file.name); !named) return named;
    files_.push_back(std::move(file));
    return ok_status();
  }

  Status add_needed(const std::string& what, const std::string& path, int line) {
    const std::string place = fmt::format("{}:{}", lab_.name, line);
    const std::string name = fs::path{path}.lexically_normal().string();
    if (!check_packed_name(name)) {
      return Error{ErrorKind::input,
                   fmt::format("{} {} lies outside the lab file's folder: a packed lab could not find it", what, path),
                   place, "copy it beside the lab file, name it there, and record the lab again"};
    }
    std::error_code failed;
    const fs::path real = fs::canonical(folder_ / name, failed);
    if (failed) {
      if (packed_.find(name) != nullptr) return ok_status();  // an earlier pack has brought it
      return Error{ErrorKind::input,
                   fmt::format("{} {} is not in {}: {}", what, path, folder_.string(), failed.message()), place,
                   "--from FOLDER says where the lab lies now"};
    }
    if (!name_within(folder_, real)) {
      return Error{
          ErrorKind::input,
          fmt::format("{} {} is a symbolic link that leads out of the lab's folder, to {}", what, path, real.string()),
          place, "put the file itself there"};
    }
    return add({name, real.string(), {}});
  }

  Status add_wished(const std::string& path) {
    const fs::path absolute = fs::absolute(path).lexically_normal();
    struct stat facts {};
    if (::lstat(absolute.c_str(), &facts) != 0)
      return Error{ErrorKind::input, std::string{"cannot be packed: "} + std::strerror(errno), path};
    if (S_ISLNK(facts.st_mode))
      return Error{ErrorKind::input, "is a symbolic link; links are not packed", path,
                   "name the file that it leads to"};
    if (S_ISDIR(facts.st_mode)) return Error{ErrorKind::usage, "is a folder", path, "name the files in it"};
    std::error_code failed;
    const fs::path real = fs::canonical(absolute, failed);
    if (failed) return Error{ErrorKind::input, "cannot be packed: " + failed.message(), path};
    return add({name_within(folder_, real).value_or(real.filename().string()), real.string(), {}});
  }

  const PackedFiles& packed_;
  PackedLab lab_;
  fs::path folder_;
  std::map<std::string, std::string> paths_;
  std::vector<DemoFile> files_;
};

}  // namespace

Result<PackedLab> packed_lab_of(const EventLog& log, Seq to) {
  std::optional<LabBegun> last;
  const auto source = log.events(kFirstSeq, to);
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) return more.error();
    if (!*more) break;
    if (const auto* begun = std::get_if<LabBegun>(&event.body)) last = *begun;
  }
  if (!last || is_imported(*last) || last->lab_file.empty()) {
    return Error{ErrorKind::usage, "has no lab file: it was imported from a capture", {}, {}};
  }
  // A hostile reel may name anything.
  const std::string name = fs::path{last->lab_file_name}.filename().string();
  if (Status named = check_packed_name(name); !named) return named.error();
  const auto recorded = first_note<LabFileNote>(log.notes());
  const fs::path folder = recorded ? fs::path{recorded->path}.parent_path() : fs::path{};
  return PackedLab{name, last->lab_file, folder.empty() ? "." : folder.string()};
}

Result<std::vector<DemoFile>> demo_files(const EventLog& log, const PackedFiles& packed, const DemoWishes& wishes) {
  Result<PackedLab> lab = packed_lab_of(log);
  if (!lab) return lab.error();
  return Collector{packed, std::move(*lab)}.run(wishes);
}

Result<PackedFile> read_demo_file(const DemoFile& file) {
  PackedFile packed;
  packed.about.name = file.name;
  if (file.path.empty()) {
    packed.content = file.content;
    return packed;
  }
  const auto refuse = [&](const std::string& why) {
    return Error{ErrorKind::input, "cannot be packed: " + why, file.path};
  };
  const OwnedFd fd{
      retried([&] { return ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY); })};
  struct stat facts {};
  if (!fd.is_open() || ::fstat(fd.get(), &facts) != 0) return refuse(std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) return refuse("it is not a plain file");
  const std::string too_long = fmt::format("it is longer than {} bytes", kPackedFileBytes_max);
  if (static_cast<std::uint64_t>(facts.st_size) > kPackedFileBytes_max) return refuse(too_long);
  packed.about.mode = facts.st_mode & 0777U;
  packed.about.mtime_s = static_cast<std::uint64_t>(std::max<std::int64_t>(facts.st_mtime, 0));
  std::string part(1 << 20, '\0');
  for (;;) {
    const ssize_t got = retried([&] { return ::read(fd.get(), part.data(), part.size()); });
    if (got < 0) return refuse(std::strerror(errno));
    if (got == 0) return packed;
    packed.content.append(part, 0, static_cast<std::size_t>(got));
    if (packed.content.size() > kPackedFileBytes_max) return refuse(too_long);  // it grows while it is read
  }
}

}  // namespace labreel
