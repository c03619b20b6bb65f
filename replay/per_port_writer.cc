#include "replay/per_port_writer.h"

#include <algorithm>

namespace labreel {

std::string file_name_of_port(std::string_view port, std::set<std::string>& taken) {
  constexpr std::size_t kNameBytes_max = 100;
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  std::string name{port.substr(0, kNameBytes_max)};
  for (char& c : name) {
    if (kPlain.find(c) == std::string_view::npos) c = '_';
  }
  if (name.empty() || name[0] == '.' || name[0] == '-') name.insert(0, "_");
  std::string free = name;
  for (int number = 2; !taken.insert(free).second; ++number) free = name + "-" + std::to_string(number);
  return free + ".pcapng";
}

Status PerPortWriter::begin(const Capture& capture) {
  std::set<std::string> taken;
  for (const CaptureInterface& interface : capture.interfaces) {
    Capture alone = capture;
    alone.interfaces = {interface};
    File& file = files_.emplace_back();
    file.sink = make_sink_(file_name_of_port(interface.name, taken));
    file.writer = std::make_unique<PcapngWriter>(*file.sink);
    if (Status begun = file.writer->begin(alone); !begun) return begun;
  }
  return ok_status();
}

Status PerPortWriter::packet(const Packet& packet) {
  Packet alone = packet;
  alone.interface = 0;
  return files_[packet.interface].writer->packet(alone);
}

Status PerPortWriter::event(std::uint64_t /*time_ns*/, Seq /*seq*/, const EventWords& /*words*/) {
  return Error{ErrorKind::usage, "an event belongs to no port"};
}

void PerPortWriter::end() {
  for (const File& file : files_) file.writer->end();
}

}  // namespace labreel
