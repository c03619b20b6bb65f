#include "replay/anonymise/anonymising_writer.h"

#include <algorithm>

namespace labreel {

Status AnonymisingWriter::begin(const Capture& capture) {
  Capture anonymous = capture;
  // What tells whose lab it was goes; what tells how to read the file stays.
  std::erase_if(anonymous.comments, [](const std::string& comment) { return !comment.starts_with(kTcpComment); });
  anonymous.comments.insert(anonymous.comments.begin(), "addresses are pseudonyms, payloads are cut off");
  anonymous.filter.clear();
  anonymous.addresses.clear();
  for (CaptureInterface& interface : anonymous.interfaces) {
    std::span<std::uint8_t, 6> mac{interface.mac};
    pseudonyms_.mac(std::span<std::byte, 6>{reinterpret_cast<std::byte*>(mac.data()), 6});
    interface.description.clear();
  }
  return to_.begin(anonymous);
}

Status AnonymisingWriter::packet(const Packet& packet) {
  const std::string bytes = anonymise_frame(packet.bytes, pseudonyms_);
  Packet anonymous = packet;
  anonymous.bytes = {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
  anonymous.length = std::max(packet.length, static_cast<std::uint32_t>(packet.bytes.size()));
  return to_.packet(anonymous);
}

Status AnonymisingWriter::event(std::uint64_t /*time_ns*/, Seq /*seq*/, const EventWords& /*words*/) {
  return Error{ErrorKind::usage, "events are free text: they cannot be anonymised"};
}

}  // namespace labreel
