// The table `frame`: one row a frame, with what its headers say and what became of its copies.
#include <fmt/format.h>

#include <array>

#include "engine/core/units.h"
#include "engine/text/hex.h"
#include "replay/ip_protocols.h"
#include "replay/packet_fields.h"
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"
#include "replay/summary/byte_reader.h"
#include "replay/summary/summary.h"

namespace labreel {
namespace {

// The innermost protocol that packet_fields() knows, in the words of /etc/protocols.
std::string protocol_name(const PacketFields& fields) {
  constexpr std::array<std::pair<std::uint8_t, const char*>, 9> kNames{{{kIcmp, "icmp"},
                                                                        {kIgmp, "igmp"},
                                                                        {kTcp, "tcp"},
                                                                        {kUdp, "udp"},
                                                                        {kGre, "gre"},
                                                                        {kIcmpv6, "icmp6"},
                                                                        {kOspf, "ospf"},
                                                                        {112, "vrrp"},
                                                                        {kSctp, "sctp"}}};
  if (fields.protocol) {
    for (const auto& [number, name] : kNames) {
      if (number == *fields.protocol) return name;
    }
    return fmt::format("ip-{}", *fields.protocol);
  }
  switch (fields.ethertype) {
    case 0x0800:
      return "ip";
    case 0x0806:
      return "arp";
    case 0x86dd:
      return "ip6";
    case 0x88cc:
      return "lldp";
    default:
      return fields.ethertype < 0x600 ? "llc" : fmt::format("0x{:04x}", fields.ethertype);
  }
}

// What ICMP and TCP add; each none if it is not another's, or not there.
struct Transport {
  std::optional<std::uint8_t> icmp_type;
  std::optional<std::uint16_t> echo_id;
  std::optional<std::uint16_t> echo_seq;
  std::optional<std::uint32_t> tcp_seq;
  std::optional<std::uint32_t> tcp_ack;
  std::optional<std::uint8_t> tcp_flags;
  std::optional<std::uint64_t> tcp_length;  // of its data
};

bool is_echo(const PacketFields& fields, std::uint8_t type) {
  return fields.protocol == kIcmp ? type == 0 || type == 8 : type == 128 || type == 129;
}

// Source: RFC 792, RFC 4443, RFC 9293.
Transport transport_of(const PacketFields& fields, bool cut_short) {
  Transport found;
  if (fields.fragment_offset != 0) return found;
  summary::ByteReader reader{fields.payload};
  if (fields.protocol == kIcmp || fields.protocol == kIcmpv6) {
    const std::uint8_t type = reader.u8();
    if (reader.ok()) found.icmp_type = type;
    reader.skip(3);
    const std::uint16_t id = reader.u16();
    const std::uint16_t number = reader.u16();
    if (reader.ok() && is_echo(fields, type)) {
      found.echo_id = id;
      found.echo_seq = number;
    }
  } else if (fields.protocol == kTcp) {
    reader.skip(4);
    const std::uint32_t sequence = reader.u32();
    const std::uint32_t acknowledged = reader.u32();
    const std::size_t header_bytes = std::size_t{reader.u8()} / 16 * 4;
    const std::uint8_t flags = reader.u8();
    if (!reader.ok()) return found;
    found.tcp_seq = sequence;
    found.tcp_ack = acknowledged;
    found.tcp_flags = flags;
    if (!cut_short && fields.payload.size() >= header_bytes) found.tcp_length = fields.payload.size() - header_bytes;
  }
  return found;
}

enum Column : std::size_t {
  kPort = 2,
  kNode,
  kLength,
  kCopies,
  kDelivered,
  kDropped,
  kSummary,
  kProtocol,
  kEthertype,
  kVlan,
  kSrcMac,
  kDstMac,
  kSrcIp,
  kDstIp,
  kIpProtocol,
  kTtl,
  kIpId,
  kSrcPort,
  kDstPort,
  kArpOperation,
  kIcmpType,
  kEchoId,
  kEchoSeq,
  kTcpSeq,
  kTcpAck,
  kTcpFlags,
  kTcpLength,
  kPayload,
};

class FrameTableRows final : public SqlCursor {
 public:
  static constexpr const char* kName = "frame";
  static const std::vector<SqlColumn>& columns() {
    static const std::vector<SqlColumn> kColumns{{"seq", "INTEGER", SqlUse::row},
                                                 {"time", "INTEGER", SqlUse::order},
                                                 {"port", "TEXT", SqlUse::skip},
                                                 {"node", "TEXT"},
                                                 {"length", "INTEGER"},
                                                 {"copies", "INTEGER"},
                                                 {"delivered", "INTEGER"},
                                                 {"dropped", "INTEGER"},
                                                 {"summary", "TEXT"},
                                                 {"protocol", "TEXT"},
                                                 {"ethertype", "INTEGER"},
                                                 {"vlan", "INTEGER"},
                                                 {"src_mac", "TEXT"},
                                                 {"dst_mac", "TEXT"},
                                                 {"src_ip", "TEXT"},
                                                 {"dst_ip", "TEXT"},
                                                 {"ip_protocol", "INTEGER"},
                                                 {"ttl", "INTEGER"},
                                                 {"ip_id", "INTEGER"},
                                                 {"src_port", "INTEGER"},
                                                 {"dst_port", "INTEGER"},
                                                 {"arp_operation", "INTEGER"},
                                                 {"icmp_type", "INTEGER"},
                                                 {"echo_id", "INTEGER"},
                                                 {"echo_seq", "INTEGER"},
                                                 {"tcp_seq", "INTEGER"},
                                                 {"tcp_ack", "INTEGER"},
                                                 {"tcp_flags", "INTEGER"},
                                                 {"tcp_length", "INTEGER"},
                                                 {"payload", "BLOB"}};
    return kColumns;
  }

  explicit FrameTableRows(ReelFacts& facts) : facts_(facts), rows_(facts, kPort) {}

  void start(const std::vector<SqlCondition>& conditions) override {
    rows_.start(conditions);
    next();
  }
  bool at_end() const override { return rows_.at_end(); }
  void next() override {
    fields_.reset();
    rows_.next();
  }
  std::int64_t row_number() const override { return static_cast<std::int64_t>(rows_.event().seq.value); }
  SqlValue value(std::size_t column) override {
    switch (column) {
      case kSeqColumn:
        return sql_number(rows_.event().seq.value);
      case kTimeColumn:
        return sql_number(rows_.event().time.ns);
      case kPort:
        return sql_text(facts_.name_of(frame().port));
      case kNode:
        return node();
      case kLength:
        return sql_number(std::uint64_t{frame().length});
      case kCopies:
        return sql_number(frame().copies.size());
      case kDelivered:
      case kDropped:
        return outcomes(column == kDelivered);
      case kSummary:
        return summarise_frame(frame().bytes, frame().length);
      case kPayload:
        return frame().bytes.empty() ? SqlValue{} : SqlValue{SqlBytes{std::string(as_text(frame().bytes))}};
      default:
        return field(column);
    }
  }

 private:
  const Frame& frame() const { return rows_.frame(); }
  SqlValue node() {
    const auto port = facts_.name_of(frame().port);
    return port ? SqlValue{port->substr(0, port->find(':'))} : SqlValue{};
  }
  SqlValue outcomes(bool delivered) {
    std::uint64_t count = 0;
    for (std::uint32_t i = 0; i < frame().copies.size(); ++i) {
      const Fate fate = facts_.outcomes().of(rows_.event().seq, i, frame().copies[i]);
      if (delivered ? fate.delivered() : fate.reason != Reason::none) ++count;
    }
    return sql_number(count);
  }
  SqlValue field(std::size_t column) {
    if (!fields_) {
      fields_.emplace(packet_fields(frame().bytes));
      transport_ = *fields_ ? transport_of(**fields_, frame().bytes.size() < frame().length) : Transport{};
    }
    if (!*fields_) return {};
    const PacketFields& fields = **fields_;
    const auto address = [](const IpAddress& ip) {
      return ip.family == AddressFamily::none ? SqlValue{} : SqlValue{address_text(ip)};
    };
    switch (column) {
      case kProtocol:
        return protocol_name(fields);
      case kEthertype:
        return sql_number(std::uint64_t{fields.ethertype});
      case kVlan:
        return sql_number(fields.vlan);
      case kSrcMac:
        return format_mac(fields.from);
      case kDstMac:
        return format_mac(fields.to);
      case kSrcIp:
        return address(fields.source);
      case kDstIp:
        return address(fields.destination);
      case kIpProtocol:
        return sql_number(fields.protocol);
      case kTtl:
        return sql_number(fields.ttl);
      case kIpId:
        return sql_number(fields.identification);
      case kSrcPort:
        return fields.ports ? sql_number(std::uint64_t{fields.ports->source}) : SqlValue{};
      case kDstPort:
        return fields.ports ? sql_number(std::uint64_t{fields.ports->destination}) : SqlValue{};
      case kArpOperation:
        return sql_number(fields.arp_operation);
      default:
        return transport(column);
    }
  }
  SqlValue transport(std::size_t column) const {
    switch (column) {
      case kIcmpType:
        return sql_number(transport_.icmp_type);
      case kEchoId:
        return sql_number(transport_.echo_id);
      case kEchoSeq:
        return sql_number(transport_.echo_seq);
      case kTcpSeq:
        return sql_number(transport_.tcp_seq);
      case kTcpAck:
        return sql_number(transport_.tcp_ack);
      case kTcpFlags:
        return sql_number(transport_.tcp_flags);
      case kTcpLength:
        return sql_number(transport_.tcp_length);
      default:
        return {};
    }
  }

  ReelFacts& facts_;
  FrameRows rows_;
  std::optional<std::optional<PacketFields>> fields_;
  Transport transport_;
};

}  // namespace

const std::vector<SqlColumn>& frame_columns() { return FrameTableRows::columns(); }
std::unique_ptr<SqlTable> frame_table(ReelFacts& facts) { return std::make_unique<FactsTable<FrameTableRows>>(facts); }

}  // namespace labreel
