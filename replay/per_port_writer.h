// PerPortWriter: a capture as one file a port.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "replay/byte_sink.h"
#include "replay/pcapng_writer.h"

namespace labreel {

// Shape:  every file is opened in begin(), before the first packet: an interface's name as a file name, "r1_eth1.pcapng".
// Errors: events, which belong to no port.
class PerPortWriter final : public PacketWriter {
 public:
  using MakeSink = std::function<std::unique_ptr<ByteSink>(const std::string& file)>;
  explicit PerPortWriter(MakeSink make_sink) : make_sink_(std::move(make_sink)) {}

  Status begin(const Capture& capture) override;
  Status packet(const Packet& packet) override;
  Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) override;
  void end() override;
  bool closed() const override { return false; }

 private:
  struct File {
    std::unique_ptr<ByteSink> sink;
    std::unique_ptr<PcapngWriter> writer;
  };
  MakeSink make_sink_;
  std::vector<File> files_;  // by interface
};

// A file name for a port: letters, digits, dots, dashes and underscores, never hidden, and none twice.
std::string file_name_of_port(std::string_view port, std::set<std::string>& taken);

}  // namespace labreel
