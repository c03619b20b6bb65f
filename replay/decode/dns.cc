// DNS. Source: RFC 1035, RFC 2782, RFC 3596, RFC 6891.
#include <array>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kA = 1, kNs = 2, kCname = 5, kSoa = 6, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28, kSrv = 33, kOpt = 41;
constexpr std::array kTypes{Word{kA, "A"}, Word{kNs, "NS"}, Word{kCname, "CNAME"}, Word{kSoa, "SOA"}, Word{kPtr, "PTR"}, Word{kMx, "MX"},
                            Word{kTxt, "TXT"}, Word{kAaaa, "AAAA"}, Word{kSrv, "SRV"}, Word{kOpt, "OPT"}, Word{65, "HTTPS"}, Word{255, "ANY"}};
constexpr std::array kClasses{Word{1, "IN"}, Word{3, "CH"}, Word{255, "ANY"}};
constexpr std::array kCodes{Word{0, "No error"}, Word{1, "Format error"}, Word{2, "Server failure"}, Word{3, "No such name"},
                            Word{4, "Not implemented"}, Word{5, "Refused"}};

// A name, and how many bytes of the message it takes where it stands: its end may stand earlier in the message.
struct Name {
  std::string text;
  std::size_t size = 0;
  bool ok = false;
};

std::uint8_t u8_at(Bytes bytes, std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); }

// Each jump goes to an earlier place than all before, so there is an end. Source: RFC 1035 section 4.1.4.
Name name_at(Bytes message, std::size_t at) {
  constexpr std::size_t kNameBytes_max = 255;
  constexpr std::uint8_t kJump = 0xc0;
  Name name;
  const std::size_t begin = at;
  std::size_t earliest = at;
  bool has_jumped = false;
  while (at < message.size() && name.text.size() <= kNameBytes_max) {
    const std::uint8_t length = u8_at(message, at);
    if (length == 0) {
      if (!has_jumped) name.size = at + 1 - begin;
      name.ok = true;
      break;
    }
    if ((length & kJump) == kJump) {
      if (at + 1 >= message.size()) break;
      const std::size_t target = std::size_t{length & 0x3fU} << 8U | u8_at(message, at + 1);
      if (!has_jumped) name.size = at + 2 - begin;
      has_jumped = true;
      if (target >= earliest) break;
      at = earliest = target;
      continue;
    }
    if ((length & kJump) != 0 || message.size() - at - 1 < length) break;
    if (!name.text.empty()) name.text += '.';
    name.text += printable(as_text(message.subspan(at + 1, length)));
    at += 1 + std::size_t{length};
  }
  if (name.text.empty()) name.text = "<Root>";
  return name;
}

class Message {
 public:
  Message(Fields& fields, Bytes message) : fields_(fields), message_(message) {}

  bool name(std::string_view field, std::string_view label) {
    const Name name = name_at(message_, message_.size() - left());
    if (!name.ok) {
      fields_.skip(left() + 1);
      return false;
    }
    const Bytes where = fields_.skip(name.size);
    fields_.note(field, label, name.text, where);
    return true;
  }

  void question() {
    if (!name("dns.qry.name", "Name")) return;
    fields_.dec(2, "dns.qry.type", "Type", kTypes);
    fields_.hex(2, "dns.qry.class", "Class", kClasses);
  }

  void record() {
    if (!name("dns.resp.name", "Name")) return;
    const auto parts = fields_.parts();
    const std::uint64_t type = fields_.dec(2, "dns.resp.type", "Type", kTypes);
    if (type == kOpt) {
      fields_.dec(2, "dns.rr.udp_payload_size", "UDP payload size");
      fields_.hex(1, "dns.resp.ext_rcode", "Higher bits in extended RCODE");
      fields_.dec(1, "dns.resp.edns0_version", "EDNS0 version");
      fields_.hex(2, "dns.resp.z", "Z");
      fields_.flag(0x8000, "dns.resp.z.do", "DO bit");
    } else {
      fields_.hex(2, "dns.resp.class", "Class", kClasses);
      fields_.dec(4, "dns.resp.ttl", "Time to live");
    }
    const std::uint64_t length = fields_.dec(2, "dns.resp.len", "Data length");
    // What stands behind a record's data is no part of a name in it, so its names are read with the message cut there.
    const Bytes whole = message_;
    const std::size_t at = message_.size() - left();
    if (length <= left()) message_ = message_.first(at + length);
    fields_.within(length, [&] { value(type); });
    message_ = whole;
  }

 private:
  std::size_t left() const { return fields_.left(); }

  void value(std::uint64_t type) {
    switch (type) {
      case kA:
        return fields_.ipv4("dns.a", "Address");
      case kAaaa:
        return fields_.ipv6("dns.aaaa", "AAAA Address");
      case kNs:
        return static_cast<void>(name("dns.ns", "Name Server"));
      case kCname:
        return static_cast<void>(name("dns.cname", "CNAME"));
      case kPtr:
        return static_cast<void>(name("dns.ptr.domain_name", "Domain Name"));
      case kMx:
        fields_.dec(2, "dns.mx.preference", "Preference");
        return static_cast<void>(name("dns.mx.mail_exchange", "Mail Exchange"));
      case kSrv:
        fields_.dec(2, "dns.srv.priority", "Priority");
        fields_.dec(2, "dns.srv.weight", "Weight");
        fields_.dec(2, "dns.srv.port", "Port");
        return static_cast<void>(name("dns.srv.target", "Target"));
      case kTxt:
        while (left() > 0) {
          const std::uint64_t size = fields_.dec(1, "dns.txt.length", "TXT Length");
          fields_.text(size, "dns.txt", "TXT");
        }
        return;
      case kSoa:
        return start_of_authority();
      case kOpt:
        while (left() > 0) {
          fields_.dec(2, "dns.opt.code", "Option Code");
          const std::uint64_t size = fields_.dec(2, "dns.opt.len", "Option Length");
          fields_.bytes(size, "dns.opt.data", "Option Data");
        }
        return;
      default:
        return;
    }
  }

  void start_of_authority() {
    if (!name("dns.soa.mname", "Primary name server") || !name("dns.soa.rname", "Responsible authority's mailbox")) return;
    fields_.dec(4, "dns.soa.serial_number", "Serial Number");
    fields_.dec(4, "dns.soa.refresh_interval", "Refresh Interval");
    fields_.dec(4, "dns.soa.retry_interval", "Retry Interval");
    fields_.dec(4, "dns.soa.expire_limit", "Expire limit");
    fields_.dec(4, "dns.soa.minimum_ttl", "Minimum TTL");
  }

  Fields& fields_;
  Bytes message_;
};

bool flags(Fields& fields) {
  constexpr std::array kOperations{Word{0, "Standard query"}, Word{4, "Zone change notification"}, Word{5, "Dynamic update"}};
  const bool responds = (fields.hex(2, "dns.flags", "Flags") & 0x8000U) != 0;
  const auto parts = fields.parts();
  fields.flag(0x8000, "dns.flags.response", "Response");
  fields.part(0x7800, "dns.flags.opcode", "Opcode", kOperations);
  if (responds) fields.flag(0x0400, "dns.flags.authoritative", "Authoritative");
  fields.flag(0x0200, "dns.flags.truncated", "Truncated");
  fields.flag(0x0100, "dns.flags.recdesired", "Recursion desired");
  if (responds) fields.flag(0x0080, "dns.flags.recavail", "Recursion available");
  fields.flag(0x0040, "dns.flags.z", "Z");
  if (responds) fields.flag(0x0020, "dns.flags.authenticated", "Answer authenticated");
  fields.flag(0x0010, "dns.flags.checkdisable", "Non-authenticated data");
  if (responds) fields.part(0x000f, "dns.flags.rcode", "Reply code", kCodes);
  return responds;
}

void message(Fields& fields, Bytes bytes) {
  fields.hex(2, "dns.id", "Transaction ID");
  const bool responds = flags(fields);
  const std::uint64_t questions = fields.dec(2, "dns.count.queries", "Questions");
  std::uint64_t records = fields.dec(2, "dns.count.answers", "Answer RRs");
  records += fields.dec(2, "dns.count.auth_rr", "Authority RRs");
  records += fields.dec(2, "dns.count.add_rr", "Additional RRs");
  if (!fields.ok()) return;
  fields.add_to_title(responds ? " (response)" : " (query)");
  Message message{fields, bytes};
  for (std::uint64_t i = 0; i < questions && fields.ok() && fields.left() > 0; ++i) message.question();
  for (std::uint64_t i = 0; i < records && fields.ok() && fields.left() > 0; ++i) message.record();
}

}  // namespace

void dns(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "dns", "Domain Name System"};
  message(fields, bytes);
}

// Source: RFC 1035 section 4.2.2. What goes on in another segment is not put together.
void dns_over_tcp(Walk& walk, Bytes bytes) {
  Fields fields{walk, bytes, "dns", "Domain Name System"};
  const std::uint64_t length = fields.dec(2, "dns.length", "Length");
  fields.within(length, [&] { message(fields, fields.rest()); });
}

}  // namespace labreel::decode
