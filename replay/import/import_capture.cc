#include "replay/import/import_capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/text/host_notes.h"
#include "replay/copy_comments.h"
#include "replay/import/import_ports.h"
#include "replay/import/imported.h"
#include "replay/utc.h"

namespace labreel {
namespace {

constexpr std::size_t kCopies_max = 60'000;  // of one frame: a reel counts them in 16 bits

bool is_ethernet(const CapturedFile& file, const CapturedPacket& packet) {
  return file.interfaces[packet.interface].link_type == kLinkTypeEthernet;
}

// How many packets of each other link type there are, by what is said of them.
std::map<std::string, std::uint64_t> passed_over(const CapturedFile& file) {
  std::map<std::string, std::uint64_t> counts;
  for (const CapturedPacket& packet : file.packets) {
    const CapturedInterface& interface = file.interfaces[packet.interface];
    if (interface.link_type == kLinkTypeEthernet) continue;
    const std::string which = interface.name.empty() ? "" : " on " + interface.name;
    ++counts[interface.link_type == kLinkTypeUpperPdu && packet.id != 0
                 ? "events of export --with-events" + which
                 : "packets of link type " + link_type_name(interface.link_type) + which];
  }
  return counts;
}

class Import {
 public:
  Import(const CapturedFile& file, EventSink& sink)
      : file_(file), sink_(sink), order_(ethernet_in_order()), joined_(file.packets.size()) {
    find_arrivals();
  }

  ImportReport run(const ImportSource& source, const std::function<bool(std::uint64_t packets)>& interrupted) {
    begin(source);
    for (std::size_t i = 0; i < order_.size() && !report_.interrupted; ++i) {
      if (!joined_[order_[i]]) add_frame(order_[i]);
      report_.interrupted = i % 1024 == 0 && interrupted(i);
    }
    end();
    return std::move(report_);
  }

 private:
  // The numbers of the packets that are imported, by time; at one time, as the file has them.
  std::vector<std::uint32_t> ethernet_in_order() const {
    std::vector<std::uint32_t> order;
    for (std::uint32_t number = 0; number < file_.packets.size(); ++number) {
      if (is_ethernet(file_, file_.packets[number])) order.push_back(number);
    }
    const auto earlier = [&](std::uint32_t a, std::uint32_t b) {
      return file_.packets[a].time_ns < file_.packets[b].time_ns;
    };
    if (!std::is_sorted(order.begin(), order.end(), earlier)) std::stable_sort(order.begin(), order.end(), earlier);
    return order;
  }

  static std::tuple<std::uint32_t, std::uint64_t> frame_of(const CapturedPacket& packet) {
    return {packet.section, packet.id};
  }
  // Of our own exports: the receivers' packets, those of one frame together.
  void find_arrivals() {
    for (const std::uint32_t number : order_) {
      const CapturedPacket& packet = file_.packets[number];
      if (packet.id != 0 && packet.direction == PacketDirection::in) arrivals_.push_back(number);
    }
    std::stable_sort(arrivals_.begin(), arrivals_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return frame_of(file_.packets[a]) < frame_of(file_.packets[b]);
    });
  }

  void begin(const ImportSource& source) {
    report_.packets = file_.packets.size();
    first_ns_ = order_.empty() ? 0 : file_.packets[order_.front()].time_ns;
    last_ = LabTime{order_.empty() ? 0 : file_.packets[order_.back()].time_ns - first_ns_};
    std::string lab = source.lab;
    constexpr std::string_view kLab = "lab: ";
    for (const std::string& comment : file_.comments) {
      if (comment.starts_with(kLab)) lab = comment.substr(kLab.size());
    }
    sink_.append(LabTime{}, Seq{},
                 LabBegun{.lab = lab,
                          .lab_file = {},
                          .lab_file_name = source.file_name,
                          .clock = ClockKind::capture,
                          .fabric_version = kNoFabric});
    keep_note(sink_, BeginUtcNote{utc_text(first_ns_)});
    keep_note(sink_, ImportedNote{source.file_name, std::string(file_.format), file_.program});
    ports_.emplace(file_.interfaces, sink_);
    report_.words = ports_->words();
  }

  void add_frame(std::uint32_t number) {
    const CapturedPacket& packet = file_.packets[number];
    copies_.clear();
    PortId sender = *ports_->port_of(packet.interface);
    if (packet.direction == PacketDirection::in) {
      Copy copy{sender, Reason::none, 0, 0, time_of(packet)};
      if (packet.id != 0) read_changes(packet, copy);
      copy.flags &= kDuplicated | kReordered;  // the bytes are the receiver's already
      copies_.push_back(copy);
      sender = ports_->elsewhere(time_of(packet));
      if (packet.id != 0) ++without_sender_;
    } else if (packet.id != 0) {
      join_arrivals(packet);
      add_lost_copies(packet);
    }
    if (!packet.has_time) ++without_time_;
    sink_.append(time_of(packet), Seq{}, Frame{sender, packet.bytes, copies_, packet.length});
    ++report_.frames;
  }

  void join_arrivals(const CapturedPacket& sent) {
    const auto less = [&](std::uint32_t number, const auto& frame) { return frame_of(file_.packets[number]) < frame; };
    for (auto each = std::lower_bound(arrivals_.begin(), arrivals_.end(), frame_of(sent), less);
         each != arrivals_.end() && frame_of(file_.packets[*each]) == frame_of(sent) && copies_.size() < kCopies_max;
         ++each) {
      const CapturedPacket& arrived = file_.packets[*each];
      Copy copy{*ports_->port_of(arrived.interface), Reason::none, 0, 0, time_of(arrived)};
      read_changes(arrived, copy);
      if (joined_[*each] || arrived.time_ns < sent.time_ns || !is_copy_of(arrived, sent, copy)) continue;
      joined_[*each] = true;
      copies_.push_back(copy);
    }
  }
  static void read_changes(const CapturedPacket& packet, Copy& copy) {
    for (const std::string& comment : comments_of(packet)) static_cast<void>(read_change(comment, copy));
  }
  // Whoever edited the file may have left the number: only the same bytes are the same frame.
  static bool is_copy_of(const CapturedPacket& arrived, const CapturedPacket& sent, const Copy& copy) {
    if (arrived.bytes.size() != sent.bytes.size() || arrived.length != sent.length) return false;
    for (std::size_t i = 0; i < sent.bytes.size(); ++i) {
      const bool is_flipped = (copy.flags & kCorrupted) != 0 && i == copy.corrupt_byte;
      const std::byte flip = is_flipped ? std::byte{1} << copy.corrupt_bit() : std::byte{0};
      if ((sent.bytes[i] ^ flip) != arrived.bytes[i]) return false;
    }
    return true;
  }

  void add_lost_copies(const CapturedPacket& sent) {
    for (const std::string& comment : comments_of(sent)) {
      const auto lost = read_lost_copy(comment);
      const bool flies = lost && lost->reason == Reason::none;
      const PortId receiver = lost ? ports_->named(lost->port) : kNoPort;
      if (!lost || copies_.size() >= kCopies_max || (flies && receiver == kNoPort)) {
        ++comments_passed_over_;
        continue;
      }
      const LabTime due = flies ? LabTime{last_.ns + 1} : time_of(sent);
      const auto flags = static_cast<std::uint8_t>(lost->is_duplicate ? kDuplicated : 0);
      copies_.push_back(Copy{receiver, lost->reason, flags, 0, due});
      some_fly_on_ = some_fly_on_ || flies;
    }
  }

  // What the file lacks is an event, never a silence; a recording that was cut off stays one.
  void end() {
    for (const auto& [what, count] : passed_over(file_)) {
      say_gap(GapPlace::before_fabric, count,
              fmt::format("{} {} were passed over: only Ethernet frames are imported", count, what));
    }
    if (file_.end) {
      say_gap(GapPlace::cut_off, 0,
              fmt::format("{}: {}; the {} packets before it were imported", file_.end->place, file_.end->what,
                          file_.packets.size()));
    }
    const auto say_count = [&](std::uint64_t count, const char* what) {
      if (count > 0) report_.words.push_back(fmt::format("{} {}", count, what));
    };
    say_count(without_time_, "packets have no time of their own: they have that of the packet before");
    say_count(without_sender_, "packets came in from a sender that the export left out: they are from elsewhere:any");
    say_count(comments_passed_over_, "comments on packets tell of no lost copy, and were passed over");
    if (!some_fly_on_) sink_.append(last_, Seq{}, LabEnded{EndCause::capture_ended});
  }
  void say_gap(GapPlace where, std::uint64_t frames, std::string words) {
    sink_.append(last_, Seq{}, Gap{.where = where, .frames = frames, .reason = words});
    report_.words.push_back(std::move(words));
  }

  LabTime time_of(const CapturedPacket& packet) const { return LabTime{packet.time_ns - first_ns_}; }

  const CapturedFile& file_;
  EventSink& sink_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> arrivals_;
  std::vector<bool> joined_;  // is a copy of a frame already
  std::optional<ImportPorts> ports_;
  std::uint64_t first_ns_ = 0;
  LabTime last_;
  std::vector<Copy> copies_;  // of the frame at hand
  bool some_fly_on_ = false;
  std::uint64_t without_time_ = 0;
  std::uint64_t without_sender_ = 0;
  std::uint64_t comments_passed_over_ = 0;
  ImportReport report_;
};

}  // namespace

Status check_importable(const CapturedFile& file) {
  const auto ethernet = [&](const CapturedPacket& packet) { return is_ethernet(file, packet); };
  if (file.packets.empty() || std::any_of(file.packets.begin(), file.packets.end(), ethernet)) return ok_status();
  std::string which;
  for (const auto& [what, count] : passed_over(file))
    which += fmt::format("{}{} {}", which.empty() ? "" : ", ", count, what);
  return Error{ErrorKind::input,
               "it has no Ethernet frame, only " + which,
               {},
               "labreel's frames are Ethernet: capture on one Ethernet interface (tcpdump -i eth0, not -i any)"};
}

ImportReport import_capture(const CapturedFile& file, const ImportSource& source, EventSink& sink,
                            const std::function<bool(std::uint64_t packets)>& interrupted) {
  return Import{file, sink}.run(source, interrupted);
}

}  // namespace labreel
