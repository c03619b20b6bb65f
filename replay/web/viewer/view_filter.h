// ViewFilter: which events a page shows. It knows no BPF, which needs libpcap: `labreel events --filter` has that.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/port_interest.h"
#include "replay/web/viewer/request.h"
#include "replay/web/viewer/survey.h"

namespace labreel {

// Shape: all that is asked for must hold. `kinds` are names of kinds or of classes, `ports` those that it may concern, one of
//        each is enough; `protocol` is a class, or the start of a frame's summary; `address` an IP or MAC address of a frame;
//        `text` stands somewhere in the event's line, in letters of either case.
class ViewFilter {
 public:
  // Shape:  `topology` has all ports that the recording ever had.
  // Errors: Error{usage}: a member of another kind; a kind or port that is not there, with the nearest.
  static Result<ViewFilter> make(const JsonValue& filter, const Topology& topology);

  // Is asked of every event in order.
  bool passes(const Event& event, const Names& names, const Survey& survey);
  // Two filters that ask for the same have the same key.
  const std::string& key() const { return key_; }
  bool shows_bookkeeping() const { return bookkeeping_; }
  // Says whether everything else passes.
  bool asks_for_nothing() const;

 private:
  Status take_kinds(const std::vector<std::string>& names);
  Status take_ports(const std::vector<std::string>& names, const Topology& topology);
  bool concerns_port(const Event& event);
  bool frame_passes(const Event& event, const Survey& survey) const;

  std::string key_;
  bool bookkeeping_ = false;
  std::bitset<256> kinds_;
  std::uint32_t classes_ = 0;  // a bit each
  std::vector<PortInterest> ports_;
  std::string protocol_;
  std::string address_;
  std::string text_;
};

}  // namespace labreel
