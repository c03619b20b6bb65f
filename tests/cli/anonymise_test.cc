// labreel export --anonymise, as tshark sees it.
#include <arpa/inet.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/cli/check_says.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

std::vector<std::string> fields(const std::string& file, const std::string& filter, const std::string& field,
                                const TestFolder& folder) {
  const auto seen = run_program({"tshark", "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
                                 "-o", "udp.check_checksum:TRUE", "-Y", filter, "-T", "fields", "-e", field},
                                folder.path());
  INFO(seen.err);
  REQUIRE(seen.status == 0);
  // An error quotes a packet: then a field has two values.
  std::string text = seen.out;
  std::replace(text.begin(), text.end(), ',', '\n');
  return lines_of(text);
}

std::string raw(int family, const std::string& text) {
  std::string bytes(family == AF_INET ? 4 : 16, '\0');
  REQUIRE(::inet_pton(family, text.c_str(), bytes.data()) == 1);
  return bytes;
}

std::size_t common_bits(const std::string& a, const std::string& b) {
  std::size_t bits = 0;
  while (bits < 8 * a.size() && ((a[bits / 8] ^ b[bits / 8]) >> (7 - bits % 8) & 1) == 0) ++bits;
  return bits;
}

// Compares every two addresses of a field, before and after.
void check_prefixes(const std::string& field, int family, const TestFolder& folder) {
  const auto before = fields("plain.pcapng", field, field, folder);
  const auto after = fields("anonymous.pcapng", field, field, folder);
  REQUIRE(before.size() == after.size());
  REQUIRE_FALSE(before.empty());
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const std::string one = raw(family, before[i]);
      const std::string other = raw(family, before[k]);
      const bool is_link_local = family == AF_INET6 && (before[i].starts_with("fe80") || before[k].starts_with("fe80"));
      const std::size_t now = common_bits(raw(family, after[i]), raw(family, after[k]));
      if (!is_link_local) CHECK(now == common_bits(one, other));
      CHECK((one == other) == (now == 8 * one.size()));
    }
  }
}

}  // namespace

TEST_CASE("an anonymised capture has right checksums, the same prefixes and no original address", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", R"(name: private
topology:
  nodes:
    h1: {ports: {eth0: {address: [172.21.9.1/24, "2001:db8:77::1/64"], mac: "02:11:22:33:44:01"}}}
    h2: {ports: {eth0: {address: [172.21.9.2/24, "2001:db8:77::2/64"], mac: "02:11:22:33:44:02"}}}
  links:
    - {endpoints: ["h1:eth0", "h2:eth0"]}
scenario:
  - exec: {node: h1, run: "ping -c 2 -i 0.2 -p 5ec2e7 172.21.9.2"}
  - wait: {node: h1, run: "ping -c 1 -W 1 2001:db8:77::2", timeout: 20s}
  - exec: {node: h1, run: "python3 -c 'import socket; s = socket.socket(); s.settimeout(1); s.connect_ex((\"172.21.9.2\", 99))'"}
  - exec: {node: h1, run: "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b\"hush\", (\"172.21.9.2\", 99))'"}
  - sleep: 300ms
)");
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path()).status == 0);
  REQUIRE(labreel({"export", "a.reel", "-o", "plain.pcapng"}, folder.path()).status == 0);
  const std::string key = "00112233445566778899aabbccddeeff";
  const auto exported =
      labreel({"export", "a.reel", "-o", "anonymous.pcapng", "--anonymise", "--key", key}, folder.path());
  check_says(exported, 0, "the names of nodes and ports are as they are");

  for (const char* sum : {"ip.checksum", "tcp.checksum", "udp.checksum", "icmp.checksum", "icmpv6.checksum"}) {
    CAPTURE(sum);
    CHECK(fields("anonymous.pcapng", std::string{sum} + ".status == 0", "frame.number", folder).empty());
  }
  for (const char* sum : {"ip.checksum", "tcp.checksum", "icmpv6.checksum"}) {
    CAPTURE(sum);
    CHECK_FALSE(fields("anonymous.pcapng", std::string{sum} + ".status == 1", "frame.number", folder).empty());
  }
  check_prefixes("ip.src", AF_INET, folder);
  check_prefixes("ipv6.dst", AF_INET6, folder);
  CHECK(fields("anonymous.pcapng", "arp", "frame.number", folder) ==
        fields("plain.pcapng", "arp", "frame.number", folder));

  const std::string file = folder.read("anonymous.pcapng");
  const std::string plain = folder.read("plain.pcapng");
  for (const std::string& original :
       {raw(AF_INET, "172.21.9.1"), raw(AF_INET, "172.21.9.2"), raw(AF_INET6, "2001:db8:77::1"),
        raw(AF_INET6, "2001:db8:77::2"), std::string{"\x02\x11\x22\x33\x44\x01"},
        std::string{"\x02\x11\x22\x33\x44\x02"}, std::string{"\x5e\xc2\xe7\x5e\xc2\xe7"}, std::string{"hush"}}) {
    CHECK(plain.find(original) != std::string::npos);
    CHECK(file.find(original) == std::string::npos);
  }
  CHECK(file.find("172.21.9") == std::string::npos);
  CHECK(file.find(info_of(folder / "a.reel")["digest"].get<std::string>()) == std::string::npos);

  folder.write("key", key + "\n");
  REQUIRE(labreel({"export", "a.reel", "-o", "again.pcapng", "--anonymise", "--key", "key"}, folder.path()).status ==
          0);
  CHECK(folder.read("again.pcapng") == file);
  const auto random = labreel({"export", "a.reel", "-o", "random.pcapng", "--anonymise"}, folder.path());
  CHECK(random.status == 0);
  CHECK(folder.read("random.pcapng") != file);
}

TEST_CASE("what cannot be anonymised is refused", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("plain"));
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel", "--for", "300ms"}, folder.path()).status == 0);
  const auto refused = [&](std::vector<std::string> words, const std::string& says) {
    words.insert(words.begin(), {"export", "a.reel"});
    check_says(labreel(words, folder.path()), 2, says);
  };
  refused({"-o", "x.ndjson", "--anonymise"}, "is for captures");
  refused({"-o", "x.yml", "--anonymise"}, "is for captures");
  refused({"-o", "x.pcapng", "--anonymise", "--with-events"}, "--with-events");
  refused({"-o", "x.pcapng", "--key", "00112233445566778899aabbccddeeff"}, "--key is for --anonymise");
  refused({"-o", "x.pcapng", "--anonymise", "--key", "absent"}, "32 hex digits");
}

}  // namespace labreel::test
