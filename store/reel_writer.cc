#include "store/reel_writer.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <system_error>

#include "engine/core/check.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "store/codec.h"
#include "store/committer.h"
#include "store/format.h"
#include "store/reel_start.h"
#include "store/ring.h"

namespace labreel {
namespace {

constexpr std::size_t kPageBytesMin = 1 << 10;
constexpr std::size_t kPageBytesMax = 64 << 20;

[[noreturn]] void refuse(int error, const std::string& attempt) {
  throw std::system_error(error, std::generic_category(), attempt);
}

bool exists(const std::string& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0;
}

Word128 new_lab_id() {
  Word128 lab_id;
  checked("draw a random lab id", ::getrandom(&lab_id, sizeof(lab_id), 0));
  return lab_id;
}

std::unique_ptr<Ring> make_ring(const std::string& path, const ReelOptions& options, const ReelStart& start) {
  RingOwner owner;
  owner.lab_id = start.lab_id;
  owner.pid = static_cast<std::uint32_t>(::getpid());
  std::ifstream("/proc/sys/kernel/random/boot_id") >> owner.boot_id;
  owner.control_socket = options.control_socket;
  return std::make_unique<Ring>(path, std::uint64_t{options.page_bytes} * options.ring_pages, owner, start.last_seq + 1);
}

void check_options(const std::string& path, const ReelOptions& options) {
  if (options.page_bytes < kPageBytesMin || options.page_bytes > kPageBytesMax || options.ring_pages == 0) {
    refuse(EINVAL, "write " + path + " in pages of " + std::to_string(options.page_bytes) + " bytes");
  }
}

}  // namespace

struct ReelWriter::State {
  State(const std::string& path, const ReelOptions& options, ReelStart start, std::unique_ptr<Ring> made, OwnedFd held = {})
      : guard(std::move(held)),
        owned_ring(std::move(made)),
        ring(*owned_ring),
        appended(start.last_seq),
        next_seq(start.last_seq + 1),
        last_time(start.last_time),
        committer(path, options, std::move(start), ring, appended) {}

  // Gives memory for an entry; null if the event cannot be kept any more.
  std::byte* claim(std::uint64_t payload_bytes) {
    const std::uint64_t bytes = sizeof(Record) + padded(payload_bytes);
    if (payload_bytes > ring.size() / 2 - sizeof(Record)) {
      refuse(EMSGSIZE, "append an event of " + std::to_string(payload_bytes) + " bytes, of at most " +
                           std::to_string(ring.size() / 2 - sizeof(Record)));
    }
    if (refused == 0) {
      if (std::byte* const entry = ring.claim(bytes)) return entry;
      if (committer.wait_for_room(bytes)) return ring.claim(bytes);
    }
    committer.count_refused(++refused);
    return nullptr;
  }
  // Ends an append: with an entry, or without one if it was refused.
  Seq finish(std::byte* entry, Record record, LabTime at) {
    LABREEL_CHECK(at >= last_time);
    last_time = at;
    const std::uint64_t seq = next_seq++;
    if (entry != nullptr) {
      record.time_ns = at.ns;
      const std::uint64_t end = padded(record.payload_length);
      std::memcpy(entry, &record, sizeof(record));
      std::memset(entry + sizeof(Record) + record.payload_length, 0, end - record.payload_length);
      ring.publish(entry, sizeof(Record) + end, seq);
      appended.store(seq, std::memory_order_release);
      committer.appended(sizeof(Record) + end);
    }
    return Seq{seq};
  }
  Seq append_frame(LabTime at, Seq cause, const Frame& frame) {
    const bool cut_short = frame.length > frame.bytes.size();
    const std::uint64_t copies_bytes = frame.copies.size_bytes();
    const std::uint64_t payload = copies_bytes + (cut_short ? sizeof(frame.length) : 0) + frame.bytes.size();
    LABREEL_CHECK(frame.copies.size() <= 0xFFFF && cause.value < next_seq);
    std::byte* const entry = claim(payload);
    if (entry != nullptr) {
      std::byte* to = entry + sizeof(Record);
      if (copies_bytes != 0) std::memcpy(to, frame.copies.data(), copies_bytes);
      to += copies_bytes;
      if (cut_short) {
        std::memcpy(to, &frame.length, sizeof(frame.length));
        to += sizeof(frame.length);
      }
      if (!frame.bytes.empty()) std::memcpy(to, frame.bytes.data(), frame.bytes.size());
    }
    return finish(entry, Record{.cause = cause.value,
                                .kind = static_cast<std::uint8_t>(EventKind::frame),
                                .flags = static_cast<std::uint8_t>(cut_short ? kCutShort : 0),
                                .copies = static_cast<std::uint16_t>(frame.copies.size()),
                                .subject = index_of(frame.port),
                                .payload_length = static_cast<std::uint32_t>(payload)},
                  at);
  }

  OwnedFd guard;  // the reel; locked if it is gone on with. First: to close it ends what locks SQLite has
  std::unique_ptr<Ring> owned_ring;
  Ring& ring;
  std::atomic<std::uint64_t> appended;
  std::uint64_t next_seq;
  std::uint64_t refused = 0;
  LabTime last_time;
  Committer committer;  // last: its thread uses the others
};

std::unique_ptr<ReelWriter> ReelWriter::create(const std::string& path, const ReelOptions& options) {
  check_options(path, options);
  // A stranger's journal beside an empty file would be rolled back into it.
  const std::string journal = journal_path_of(path);
  const std::string ring_path = ring_path_of(path);
  for (const std::string& beside : {journal, ring_path}) {
    if (exists(beside)) refuse(EEXIST, "create " + beside);
  }
  // It holds what was typed at consoles. SQLite gives the journal the same mode.
  OwnedFd created{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!created.is_open()) refuse(errno, "create " + path);
  try {
    if (::fchmod(created.get(), 0600) != 0) refuse(errno, "keep " + path + " for its owner");
    ReelStart start{.lab_id = new_lab_id(), .file = {}};
    std::unique_ptr<Ring> ring = make_ring(ring_path, options, start);
    start.file = create_reel_file(path, start.lab_id);
    return std::unique_ptr<ReelWriter>(
        new ReelWriter(std::make_unique<State>(path, options, std::move(start), std::move(ring), std::move(created))));
  } catch (...) {
    // Only what this call made.
    ::unlink(path.c_str());
    ::unlink(journal.c_str());
    ::unlink(ring_path.c_str());
    throw;
  }
}

Result<std::unique_ptr<ReelWriter>> ReelWriter::reopen(const std::string& path, const ReelOptions& options) {
  check_options(path, options);
  Result<ReopenedReel> reopened = reopen_reel(path);
  if (!reopened) return std::move(reopened).error();
  // One rename gives the new ring its place: there is always one of the two, and either fits the reel.
  const std::string new_ring = ring_path_of(path) + "-new";
  ::unlink(new_ring.c_str());  // a killed reopen's
  std::unique_ptr<Ring> ring = make_ring(new_ring, options, reopened->start);
  try {
    ring->rename_file(ring_path_of(path));
    reopened->old_ring.reset();
    if (reopened->is_sealed) unseal(path, *reopened->start.file);
  } catch (...) {
    // A cut-off reel keeps it: it is as good as the old one.
    if (reopened->is_sealed) ring->remove_file();
    ::unlink(new_ring.c_str());
    throw;
  }
  return std::unique_ptr<ReelWriter>(new ReelWriter(std::make_unique<State>(path, options, std::move(reopened->start),
                                                                             std::move(ring), std::move(reopened->guard))));
}

ReelWriter::ReelWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReelWriter::~ReelWriter() = default;

Seq ReelWriter::append(LabTime at, Seq cause, const EventBody& body) {
  if (const auto* frame = std::get_if<Frame>(&body)) return state_->append_frame(at, cause, *frame);
  LABREEL_CHECK(cause.value < state_->next_seq);
  const std::string payload = encode(body);
  std::byte* const entry = state_->claim(payload.size());
  if (entry != nullptr) std::memcpy(entry + sizeof(Record), payload.data(), payload.size());
  return state_->finish(entry, Record{.cause = cause.value,
                                      .kind = static_cast<std::uint8_t>(kind_of(body)),
                                      .subject = subject_of(body),
                                      .payload_length = static_cast<std::uint32_t>(payload.size())},
                        at);
}

Seq ReelWriter::append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) {
  return state_->append_frame(
      at, Seq{}, Frame{.port = port, .bytes = bytes, .copies = copies, .length = static_cast<std::uint32_t>(bytes.size())});
}

Seq ReelWriter::next_seq() const { return Seq{state_->next_seq}; }

void ReelWriter::note(std::string_view kind, std::string_view detail) { state_->committer.note(kind, detail); }

std::uint64_t ReelWriter::event_bytes_max() const { return state_->ring.size() / 2 - sizeof(Record); }

unsigned ReelWriter::backlog_percent() const {
  const Ring& ring = state_->ring;
  return static_cast<unsigned>((ring.published() - ring.released()) * 100 / ring.size());
}

void ReelWriter::seal() {
  state_->committer.seal();
  struct stat about {};
  if (::fstat(state_->guard.get(), &about) == 0 && about.st_nlink == 0) {
    state_->committer.say_lost("the reel was deleted while it was recorded: nothing of it is left");
  }
  if (state().failure.empty()) state_->guard.reset();
}

std::vector<std::string> ReelWriter::pages_from(std::uint64_t first, std::size_t max_bytes) {
  return state_->committer.pages_from(first, max_bytes);
}
std::vector<HostNote> ReelWriter::notes_so_far() const { return state_->committer.notes_so_far(); }
WriterState ReelWriter::state() const { return state_->committer.state(); }

}  // namespace labreel
