#include "recorder/verbs/lab_home.h"

#include <fmt/format.h>

#include "recorder/pack/demo_files.h"
#include "recorder/pack/packed_paths.h"
#include "recorder/pack/unpack_files.h"
#include "recorder/session/recorded_lab.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"
#include "store/packed_files.h"

namespace labreel {
namespace {

Result<std::size_t> copy_packed_files(const ReelFiles& from, const std::string& to) {
  const Result<PackedFiles> files = PackedFiles::open(from);
  if (!files) return files.error();
  auto entry = files->entries().begin();
  return pack_files(
      to,
      [&](PackedFile& file) -> Result<bool> {
        if (entry == files->entries().end()) return false;
        Result<std::string> content = files->read(*entry);
        if (!content) return content.error();
        file = {*entry++, *std::move(content)};
        return true;
      },
      PackedBefore::refuse);
}

}  // namespace

LabHome::LabHome(const ReelFiles& reel, const EventLog& log) : lab_file_path_(labreel::lab_file_path(log)) {
  const PackedFiles files = value_or_throw(PackedFiles::open(reel));
  if (files.entries().empty()) return;
  const auto lab = packed_lab_of(log);
  if (!lab || files.find(lab->name) == nullptr) return;
  throw_unless_ok(check_packed_paths(value_or_throw(parse_lab_file(lab->text, lab->name))));
  folder_ = std::make_unique<TemporaryFolder>();
  throw_unless_ok(unpack_files(files, folder_->path(), ExistingFiles::refuse));
  lab_file_path_ = folder_->path() + "/" + lab->name;
}

void carry_packed_files(const ReelFiles& from, const std::string& to) {
  const Result<std::size_t> packed = copy_packed_files(from, to);
  if (packed) return;
  say(fmt::format("the files packed in {} could not be packed into {}: {}: {}", from.path(), to, packed.error().place,
                  packed.error().what));
}

}  // namespace labreel
