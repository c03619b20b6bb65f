// IGMP. Source: RFC 2236, RFC 3376.
#include <array>

#include "replay/decode/protocols.h"

namespace labreel::decode {

void igmp(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kQuery = 0x11, kReport_v3 = 0x22;
  constexpr std::array kTypes{Word{kQuery, "Membership Query"}, Word{0x12, "Membership Report"}, Word{0x16, "Membership Report"},
                              Word{0x17, "Leave Group"}, Word{kReport_v3, "Membership Report"}};
  constexpr std::array kRecords{Word{1, "Mode Is Include"}, Word{2, "Mode Is Exclude"}, Word{3, "Change To Include Mode"},
                                Word{4, "Change To Exclude Mode"}, Word{5, "Allow New Sources"}, Word{6, "Block Old Sources"}};
  Fields fields{walk, bytes, "igmp", "Internet Group Management Protocol"};
  const std::uint64_t type = fields.hex(1, "igmp.type", "Type", kTypes);
  if (type == kReport_v3) {
    fields.skip(1);
  } else {
    fields.dec(1, "igmp.max_resp", "Max Resp Time");
  }
  fields.hex(2, "igmp.checksum", "Checksum");
  if (type != kReport_v3) return fields.ipv4("igmp.maddr", "Multicast Address");
  fields.skip(2);
  const std::uint64_t records = fields.dec(2, "igmp.num_grp_recs", "Num Group Records");
  for (std::uint64_t i = 0; i < records && fields.left() > 0; ++i) {
    fields.dec(1, "igmp.record_type", "Record Type", kRecords);
    const auto parts = fields.parts();
    const std::uint64_t extra = fields.dec(1, "igmp.aux_data_len", "Aux Data Len");
    const std::uint64_t sources = fields.dec(2, "igmp.num_src", "Num Src");
    fields.ipv4("igmp.maddr", "Multicast Address");
    for (std::uint64_t s = 0; s < sources && fields.ok(); ++s) fields.ipv4("igmp.saddr", "Source Address");
    fields.skip(4 * extra);
  }
}

}  // namespace labreel::decode
