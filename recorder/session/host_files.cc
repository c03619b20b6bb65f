#include "recorder/session/host_files.h"

#include <fmt/format.h>

#include "engine/nodes/uml/file_hash.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::size_t kNamed = 5;

}  // namespace

HostFilesNote hashes_of_host_files(const std::set<std::string>& paths) {
  HostFilesNote files;
  for (const std::string& path : paths) {
    if (auto hash = sha256_of_file(path)) files.hashes.emplace_back(path, *std::move(hash));
  }
  return files;
}

std::string changed_host_files(const EventLog& log) {
  std::string changed;
  std::size_t count = 0;
  for (const auto& [path, hash] : first_note<HostFilesNote>(log.notes()).value_or(HostFilesNote{}).hashes) {
    if (sha256_of_file(path) == hash) continue;
    if (++count <= kNamed) changed += (changed.empty() ? "" : ", ") + printable(path);
  }
  return count > kNamed ? fmt::format("{} and {} more", changed, count - kNamed) : changed;
}

}  // namespace labreel
