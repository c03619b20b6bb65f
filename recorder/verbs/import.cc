// labreel import: a reel from a pcap or pcapng file.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "engine/text/text.h"
#include "recorder/control/interrupt_watch.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/import/import_capture.h"
#include "store/format.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

struct ImportWords {
  std::string capture;
  std::string output;
};

// A file's bytes, read as they are asked for: a capture may be longer than memory.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const OwnedFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd.is_open()) refuse(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    struct stat facts {};
    checked("look at " + path, ::fstat(fd.get(), &facts));
    if (!S_ISREG(facts.st_mode))
      refuse(path, "is not a file: a capture is read twice, so it cannot come through a pipe");
    size_ = static_cast<std::size_t>(facts.st_size);
    if (size_ == 0) return;
    start_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (start_ == MAP_FAILED) checked("map " + path, -1);
  }
  ~MappedFile() {
    if (size_ != 0) ::munmap(start_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  Bytes bytes() const { return {static_cast<const std::byte*>(start_), size_}; }

 private:
  [[noreturn]] static void refuse(const std::string& path, std::string what) {
    throw VerbError(Error{ErrorKind::input, std::move(what), path, {}});
  }
  void* start_ = nullptr;
  std::size_t size_ = 0;
};

// The reel that is written, and the files beside it; unless it is kept, nothing of it stays behind.
class NewReel {
 public:
  explicit NewReel(const std::string& path) : path_(path), writer_(ReelWriter::create(path)) {}
  ~NewReel() {
    writer_.reset();
    if (is_kept_) return;
    std::error_code ignored;
    for (const std::string& file : {ring_path_of(path_), journal_path_of(path_), path_}) {
      std::filesystem::remove(file, ignored);
    }
  }
  NewReel(const NewReel&) = delete;
  NewReel& operator=(const NewReel&) = delete;

  ReelWriter& writer() { return *writer_; }
  // Errors: throws VerbError if the disk did not take it all.
  void keep() {
    seal_reel(*writer_, path_);
    if (const std::string failure = writer_->state().failure; !failure.empty()) {
      throw VerbError(Error{ErrorKind::host, "the reel could not be finished: " + failure, path_, {}});
    }
    is_kept_ = true;
  }

 private:
  std::string path_;
  std::unique_ptr<ReelWriter> writer_;
  bool is_kept_ = false;
};

int import_file(const ImportWords& words) {
  refuse_existing(words.output);
  InterruptWatch interrupt;
  const MappedFile mapped{words.capture};
  const std::string folder = std::filesystem::absolute(words.output).parent_path().string();
  ::setenv("SQLITE_TMPDIR", folder.c_str(), 1);  // the nameless files that SQLite writes with: nothing else is in reach then
  lock_before_reading(folder);
  const CapturedFile file = value_or_throw(read_captured_file(mapped.bytes()), words.capture);
  value_or_throw(check_importable(file), words.capture);
  const std::filesystem::path path{words.capture};
  NewReel reel{words.output};
  Progress progress{"import", file.packets.size(), Progress::terminal(), "packets"};
  const ImportReport report = import_capture(file, {path.filename().string(), path.stem().string()}, reel.writer(),
                                             [&](std::uint64_t packets) {
                                               progress.at(packets);
                                               return interrupt.take().has_value();
                                             });
  progress.hide();
  if (report.interrupted) {
    say("interrupted; nothing is kept");
    return kExitInterrupted;
  }
  reel.keep();
  for (const std::string& sentence : report.words) say(fmt::format("labreel: {}: {}", words.capture, sentence));
  say(fmt::format("{}: {} frames of {} packets, at the view level: nothing in it can be re-executed", printable(words.output),
                  report.frames, report.packets));
  return kExitDone;
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<ImportWords>();
  CLI::App* const verb = app.add_subcommand("import", "Make a reel from a pcap or pcapng file");
  verb->add_option("FILE", words->capture, "The capture: labreel's own export, or any other of Ethernet frames")
      ->required();
  verb->add_option("-o,--output", words->output, "The reel to write, never over a file")->required();
  verb->callback([words, &exit_code] { exit_code = import_file(*words); });
}

}  // namespace labreel
