// A small real recording, and what a fuzzer does to it: the input is a list of changes, not the file.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/core/check.h"
#include "store/reel_reader.h"
#include "store/reel_writer.h"

namespace labreel {

class Recording {
 public:
  explicit Recording(bool sealed) {
    std::string name = (std::filesystem::temp_directory_path() / "fuzz-XXXXXX").string();
    LABREEL_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    ReelOptions options;
    options.page_bytes = 4096;
    options.ring_pages = 8;
    options.commit_interval_ms = sealed ? 10 : 3'600'000;
    const auto writer = ReelWriter::create(reel(), options);
    writer->append(LabTime{1}, Seq{}, LabBegun{"lab", "name: lab\n", "lab.yml", 1, "real", 1});
    writer->append(LabTime{2}, Seq{}, NodeAdded{NodeId{0}, "h1", "namespace", {}});
    writer->append(LabTime{3}, Seq{}, PortAdded{PortId{0}, NodeId{0}, "eth0", {2, 0, 0, 0, 0, 1}, 9216});
    const Copy copy{PortId{0}, Reason::loss, 0, 0, LabTime{4}};
    const std::string frame(100, 'f');
    for (std::uint64_t i = 0; i < 60; ++i) {
      writer->append_frame(LabTime{4 + i}, PortId{0}, std::as_bytes(std::span(frame)), {&copy, 1});
    }
    writer->note("host", "{}");
    if (sealed) writer->seal();
  }
  ~Recording() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string reel() const { return (folder_ / "a.reel").string(); }
  std::string ring() const { return reel() + "-ring"; }

 private:
  std::filesystem::path folder_;
};

// Reads every event, whose numbers follow each other up to no more than the reel's last.
inline void read_all_events(const ReelReader& reader) {
  auto cursor = reader.events();
  Event event{};
  std::uint64_t seq = 0;
  for (auto more = cursor.next(event); more && *more; more = cursor.next(event)) LABREEL_CHECK(event.seq.value == ++seq);
  LABREEL_CHECK(seq <= reader.end().last.value);
}

// Applies changes of 6 bytes each: where (4, little endian; modulo the size), how (xor, or cut there), what.
class PatchedFile {
 public:
  explicit PatchedFile(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_, std::ios::binary);
    original_.assign(std::istreambuf_iterator<char>(file), {});
  }
  void patch(const std::uint8_t* data, std::size_t size) {
    std::string bytes = original_;
    for (; size >= 6 && !bytes.empty(); data += 6, size -= 6) {
      std::uint32_t at = 0;
      std::memcpy(&at, data, sizeof(at));
      at %= static_cast<std::uint32_t>(bytes.size());
      if (data[4] == 0xFF) bytes.resize(at);
      else bytes[at] = static_cast<char>(bytes[at] ^ data[5]);
    }
    std::ofstream(path_, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::string path_;
  std::string original_;
};

}  // namespace labreel
