// What appending to a reel costs, beside a copy of the same bytes into memory of the ring's size and beside the disk's
// own sequential write. Usage: append_bench FOLDER FRAMES ROUNDS [64|IMIX|1500]
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "store/reel_writer.h"
#include "tests/bench/bench_lab.h"

namespace labreel::bench {
namespace {

constexpr std::uint64_t kRecord_bytes = 48;  // a record and one copy: what stands before the frame in the ring
constexpr std::uint64_t kRing_bytes = 64U << 20U;
constexpr std::uint64_t kBlock_bytes = 1U << 20U;
constexpr std::uint64_t kPlain_bytes_max = 2U << 30U;  // more says nothing more of a disk

std::uint64_t entry_bytes(std::size_t frame_bytes) { return kRecord_bytes + ((frame_bytes + 7) & ~std::uint64_t{7}); }

std::uint64_t reel_bytes(const Mix& mix, std::uint64_t frames) {
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < frames; ++i) bytes += entry_bytes(mix.lengths[i % mix.lengths.size()]);
  return bytes;
}

// The same bytes to the same places, into anonymous memory that is there already.
void copy_only(const Mix& mix, std::uint64_t frames, std::byte* ring) {
  const std::vector<std::byte> frame(2'000, std::byte{0x5a});
  const std::vector<std::byte> head(kRecord_bytes, std::byte{1});
  std::uint64_t at = 0;
  const Stopwatch watch = Stopwatch::begin();
  for (std::uint64_t i = 0; i < frames; ++i) {
    const std::size_t length = mix.lengths[i % mix.lengths.size()];
    if (at + entry_bytes(length) > kRing_bytes) at = 0;
    std::memcpy(ring + at, head.data(), kRecord_bytes);
    std::memcpy(ring + at + kRecord_bytes, frame.data(), length);
    at += entry_bytes(length);
  }
  asm volatile("" : : "r"(ring) : "memory");
  report("append.memcpy_ns", mix.name, watch.elapsed().thread_s * 1e9 / static_cast<double>(frames));
}

void append(const Mix& mix, std::uint64_t frames, const std::string& path) {
  const std::vector<std::byte> frame(2'000, std::byte{0x5a});
  const auto writer = ReelWriter::create(path);
  const Copy copy{.port = PortId{1}, .due = LabTime{0}};
  const Stopwatch watch = Stopwatch::begin();
  for (std::uint64_t i = 0; i < frames; ++i) {
    const std::size_t length = mix.lengths[i % mix.lengths.size()];
    writer->append_frame(LabTime{i}, PortId{0}, Bytes{frame.data(), length}, {&copy, 1});
  }
  const Stopwatch appended = watch.elapsed();
  while (writer->state().durable.value < frames) {
    must(writer->state().failure.empty(), "the reel could not be written");
    ::usleep(1'000);
  }
  const Stopwatch durable = watch.elapsed();
  writer->seal();
  must(writer->state().failure.empty(), "the reel could not be sealed");
  const Stopwatch sealed = watch.elapsed();
  const auto per_frame_ns = [&](double seconds) { return seconds * 1e9 / static_cast<double>(frames); };
  const auto bytes = static_cast<double>(reel_bytes(mix, frames));
  report("append.encode_ns", mix.name, per_frame_ns(appended.thread_s));
  report("append.writer_ns", mix.name, per_frame_ns(durable.process_s - durable.thread_s));
  report("append.seal_ns", mix.name, per_frame_ns(sealed.process_s - durable.process_s));
  report("append.mb_per_s", mix.name, bytes / durable.wall_s / 1e6);
  report("append.waits", mix.name, static_cast<double>(writer->state().waits));
}

// As many bytes (2 GiB at most), a megabyte at a time, synced at the end: through the page cache, and past it.
void write_plain(const Mix& mix, std::uint64_t frames, const std::string& path, int flags, const char* what) {
  auto* const block = static_cast<std::byte*>(std::aligned_alloc(4'096, kBlock_bytes));
  std::memset(block, 0x5a, kBlock_bytes);
  const std::uint64_t blocks = std::clamp(reel_bytes(mix, frames), kBlock_bytes, kPlain_bytes_max) / kBlock_bytes;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | flags, 0600);
  if (fd < 0 && errno == EINVAL) {  // no O_DIRECT here, as on tmpfs
    std::free(block);
    return;
  }
  const OwnedFd file{checked("create " + path, fd)};
  const Stopwatch watch = Stopwatch::begin();
  for (std::uint64_t i = 0; i < blocks; ++i) {
    must(::write(file.get(), block, kBlock_bytes) == static_cast<ssize_t>(kBlock_bytes), "a short write");
  }
  checked("sync " + path, ::fdatasync(file.get()));
  report(what, mix.name, static_cast<double>(blocks * kBlock_bytes) / watch.elapsed().wall_s / 1e6);
  std::free(block);
}

void run(const std::filesystem::path& folder, std::uint64_t frames, int rounds, const std::string& only) {
  void* const ring = ::mmap(nullptr, kRing_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  must(ring != MAP_FAILED, "no memory");
  for (int round = 0; round < rounds; ++round) {
    for (const Mix& mix : mixes()) {
      if (!only.empty() && mix.name != only) continue;
      const std::uint64_t count = mix.name == "1500" ? frames / 4 : frames;  // some hundred megabytes each
      copy_only(mix, count, static_cast<std::byte*>(ring));
      const std::string reel = folder / "append.reel";
      append(mix, count, reel);
      std::filesystem::remove(reel);
      const std::string plain = folder / "plain";
      write_plain(mix, count, plain, 0, "append.disk_cached_mb_per_s");
      std::filesystem::remove(plain);
      write_plain(mix, count, plain, O_DIRECT, "append.disk_direct_mb_per_s");
      std::filesystem::remove(plain);
    }
  }
  ::munmap(ring, kRing_bytes);
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  labreel::bench::must(argc == 4 || argc == 5, "usage: append_bench FOLDER FRAMES ROUNDS [64|IMIX|1500]");
  labreel::bench::run(argv[1], std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]), argc == 5 ? argv[4] : "");
}
