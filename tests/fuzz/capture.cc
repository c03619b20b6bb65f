// Fuzz target: any bytes as a capture. What is read of it lies within it, and becomes events that fit each other.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/check.h"
#include "engine/core/topology.h"
#include "replay/import/import_capture.h"

namespace {

// Holds every event against what a reel's readers take for granted.
class StrictSink final : public labreel::EventSink {
 public:
  labreel::Seq append(labreel::LabTime at, labreel::Seq, const labreel::EventBody& body) override {
    LABREEL_CHECK(last_ <= at);
    last_ = at;
    if (labreel::kind_of(body) <= labreel::EventKind::lan_left) LABREEL_CHECK(topology_.apply(body).ok());
    if (const auto* frame = std::get_if<labreel::Frame>(&body)) check(at, *frame);
    return labreel::Seq{++count_};
  }
  labreel::Seq append_frame(labreel::LabTime, labreel::PortId, labreel::Bytes,
                            std::span<const labreel::Copy>) override {
    LABREEL_CHECK(false);
    return {};
  }
  labreel::Seq next_seq() const override { return labreel::Seq{count_ + 1}; }
  void note(std::string_view, std::string_view detail) override { LABREEL_CHECK(!detail.empty()); }

 private:
  void check(labreel::LabTime at, const labreel::Frame& frame) const {
    LABREEL_CHECK(topology_.find(frame.port) != nullptr && frame.length >= frame.bytes.size());
    for (const labreel::Copy& copy : frame.copies) {
      LABREEL_CHECK(copy.due >= at && (!copy.scheduled() || topology_.find(copy.port) != nullptr));
    }
  }
  labreel::Topology topology_;
  labreel::LabTime last_;
  std::uint64_t count_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labreel::Bytes bytes = std::as_bytes(std::span{data, size});
  const auto file = labreel::read_captured_file(bytes);
  if (!file) {
    LABREEL_CHECK(file.error().place.starts_with("byte "));
    return 0;
  }
  for (const labreel::CapturedPacket& packet : file->packets) {
    LABREEL_CHECK(packet.interface < file->interfaces.size() && packet.length >= packet.bytes.size());
  }
  if (!labreel::check_importable(*file)) return 0;
  StrictSink sink;
  labreel::import_capture(*file, {"file", "lab"}, sink, [](std::uint64_t) { return false; });
  return 0;
}
