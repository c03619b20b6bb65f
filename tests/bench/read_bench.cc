// What reading a reel costs, beside libpcap on the capture of the same frames. Makes both files itself.
// Usage: read_bench FOLDER FRAMES ROUNDS [MIX [WORK]]; leaves read-MIX.reel and read-MIX.pcapng for the peers that `run` starts.
// With a work (export, scan, libpcap, verify, jump, show, digest) it does that alone, on the files that an earlier run left: for
// a profile.
#include <fcntl.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/core/random.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "replay/byte_sink.h"
#include "replay/export_packets.h"
#include "replay/projection/lab_at.h"
#include "replay/reel_log.h"
#include "replay/verify.h"
#include "store/reel_reader.h"
#include "tests/bench/made_reel.h"

namespace labreel::bench {
namespace {

constexpr std::uint64_t kBatch_ns = kBatchFrames * 500;

void export_reel(const ReelReader& reel, const Mix& mix, const std::string& path, std::uint64_t count) {
  const ReelLog log(reel);
  const OwnedFd file{checked("create " + path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600))};
  FileSink sink(file.get(), path);
  ExportOptions options;
  options.once = true;
  const Stopwatch watch = Stopwatch::begin();
  must(export_pcapng(log, options, sink).ok(), "the export failed");
  report("read.export_ns", mix.name, watch.elapsed().process_s * 1e9 / static_cast<double>(count));
}

// Reads one byte of each frame, as a reader that looks at frames would; so does scan_capture().
void scan_reel(const ReelReader& reel, const Mix& mix, std::uint64_t count) {
  const Stopwatch watch = Stopwatch::begin();
  auto cursor = reel.events();
  Event event;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  for (;;) {
    const auto more = cursor.next(event);
    must(more.ok(), "the reel is damaged");
    if (!*more) break;
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      ++frames;
      bytes += static_cast<std::uint64_t>(frame->bytes[5]);
    }
  }
  must(frames == count && bytes > 0, "the scan missed frames");
  report("read.scan_per_s", mix.name, static_cast<double>(frames) / watch.elapsed().thread_s);
}

void scan_capture(const std::string& path, const Mix& mix, std::uint64_t count) {
  const Stopwatch watch = Stopwatch::begin();
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* const capture = pcap_open_offline(path.c_str(), error);
  must(capture != nullptr, "libpcap does not open the export");
  pcap_pkthdr* head = nullptr;
  const u_char* data = nullptr;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  while (pcap_next_ex(capture, &head, &data) == 1) {
    ++frames;
    bytes += data[5];
  }
  pcap_close(capture);
  must(frames == count && bytes > 0, "libpcap found other frames than the reel has");
  report("read.libpcap_per_s", mix.name, static_cast<double>(frames) / watch.elapsed().thread_s);
}

void verify(const ReelReader& reel, const Mix& mix) {
  const ReelLog log(reel);
  const Stopwatch watch = Stopwatch::begin();
  const auto result = verify_fabric(*log.events(), true);
  must(result.ok() && result->identical(), "verify finds a difference");
  report("read.verify_per_s", mix.name, static_cast<double>(result->frames) / watch.elapsed().thread_s);
}

template <class Work>
double median_us(int times, Work&& work) {
  std::vector<double> took_us;
  for (int i = 0; i < times; ++i) {
    const double begin_s = read_clock_s(CLOCK_MONOTONIC);
    work(static_cast<std::uint64_t>(i));
    took_us.push_back((read_clock_s(CLOCK_MONOTONIC) - begin_s) * 1e6);
  }
  std::sort(took_us.begin(), took_us.end());
  return took_us[took_us.size() / 2];
}

Seq somewhere(const ReelReader& reel, int round, std::uint64_t i) {
  const auto salt = static_cast<std::uint64_t>(round) * 1'000'003;
  return Seq{1 + below(labreel::mix(salt + i), reel.end().last.value)};
}

void jump(const ReelReader& reel, const Mix& mix, int round) {
  report("read.event_at_p50_us", mix.name, median_us(401, [&](std::uint64_t i) {
           must(reel.event_at(somewhere(reel, round, i)).ok(), "an event is missing");
         }));
}

void show(const ReelReader& reel, const Mix& mix, int round) {
  const ReelLog log(reel);
  report("read.show_at_p50_ms", mix.name, median_us(15, [&](std::uint64_t i) {
                                            must(lab_at(log, somewhere(reel, round, i + 7'777)).ok(), "the lab cannot be folded");
                                          }) / 1e3);
}

// Opens the reel anew: a reader remembers the digest that it was asked for.
void digest(const std::string& path, const Mix& mix, double bytes) {
  const auto reel = ReelReader::open(path);
  must(reel.ok(), "the reel does not open");
  const Stopwatch watch = Stopwatch::begin();
  const auto value = reel->digest_at(reel->end().last);
  must(value.ok() && *value == reel->recorded_digest(), "the digest differs");
  report("read.digest_mb_per_s", mix.name, bytes / watch.elapsed().thread_s / 1e6);
}

void run(const std::filesystem::path& folder, std::uint64_t count, int rounds, const Mix& mix, std::string_view only) {
  const std::string path = folder / ("read-" + mix.name + ".reel");
  const std::string capture = folder / ("read-" + mix.name + ".pcapng");
  if (only.empty()) make_reel(path, mix, count, kBatch_ns);
  const auto reel = ReelReader::open(path);
  must(reel.ok() && reel->end().complete, "the reel does not open");
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  const auto wanted = [&](std::string_view work) { return only.empty() || only == work; };
  for (int round = 0; round < rounds; ++round) {
    if (wanted("export")) export_reel(*reel, mix, capture, count);
    if (wanted("scan")) scan_reel(*reel, mix, count);
    if (wanted("libpcap")) scan_capture(capture, mix, count);
    if (wanted("verify")) verify(*reel, mix);
    if (wanted("jump")) jump(*reel, mix, round);
    if (wanted("show")) show(*reel, mix, round);
    if (wanted("digest")) digest(path, mix, bytes);
  }
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  using namespace labreel::bench;
  must(argc >= 4 && argc <= 6, "usage: read_bench FOLDER FRAMES ROUNDS [MIX [WORK]]");
  for (const Mix& mix : mixes()) {
    if (argc > 4 && mix.name != argv[4]) continue;
    run(argv[1], std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]), mix, argc == 6 ? argv[5] : "");
  }
}
