#include "engine/lab/lab_names.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/lab/name_fits.h"
#include "engine/lab/refusal.h"

namespace labreel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Returns how many times larger glibc's regcomp may make a pattern: it writes a{n} and a+ out as copies, and copies of
// copies multiply. Escaped and bracketed characters count too, so this is never too low.
std::uint64_t expansion_of(const std::string& pattern, std::uint64_t limit) {
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i < pattern.size() && factor <= limit; ++i) {
    if (pattern[i] == '+') factor *= 2;
    if (pattern[i] != '{') continue;
    std::uint64_t most = 0;
    for (std::size_t j = i + 1; j < pattern.size() && (is_digit(pattern[j]) || pattern[j] == ',');) {
      std::uint64_t number = 0;
      const char* const end = pattern.data() + pattern.size();
      const auto [next, error] = std::from_chars(pattern.data() + j, end, number);
      if (error == std::errc::result_out_of_range) return limit + 1;
      if (error == std::errc()) {
        j = static_cast<std::size_t>(next - pattern.data());
        most = std::max(most, number);
      } else {
        ++j;
      }
    }
    if (most >= limit) return limit + 1;
    factor *= most + 1;
  }
  return factor;
}

}  // namespace

void check_name(const std::string& name, std::string_view noun, int line) {
  constexpr std::size_t length_max = 63;  // a label of a host name
  bool good = name.size() <= length_max && (is_letter(name.front()) || is_digit(name.front())) && name.back() != '-';
  for (const char c : name) good = good && (is_letter(c) || is_digit(c) || c == '-' || c == '_');
  if (good) return;
  refuse(line, quote(name) + " cannot be the name of a " + std::string(noun),
         "a name has up to 63 letters, digits, - and _, and starts with a letter or digit");
}

void check_port_name(const std::string& name, int line) {
  bool good = name.size() < IFNAMSIZ && name != "." && name != "..";
  for (const char c : name) good = good && c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%';
  if (!good) {
    refuse(line, quote(name) + " cannot be the name of a port",
           "Linux takes up to 15 characters, without spaces, slashes, colons and %, such as eth1");
  }
  if (name == "lo" || name == "all" || name == "default") {
    refuse(line, quote(name) + " cannot be the name of a port: Linux uses it itself", "name it eth1, for example");
  }
}

Status node_name_fits(const std::string& name) {
  try {
    check_name(name, "node or lan", 0);
  } catch (const Refusal& refusal) {
    return Error{ErrorKind::input, refusal.what, {}, refusal.hint};
  }
  return ok_status();
}

Status port_name_fits(const std::string& name) {
  try {
    check_port_name(name, 0);
  } catch (const Refusal& refusal) {
    return Error{ErrorKind::input, refusal.what, {}, refusal.hint};
  }
  return ok_status();
}

void check_address(const std::string& address, int line) {
  constexpr std::string_view hint = "write address/prefix length, such as 10.0.1.1/24 or 2001:db8::1/64";
  const std::size_t slash = address.find('/');
  if (slash == std::string::npos) refuse(line, quote(address) + " has no prefix length", std::string(hint));
  const std::string host = address.substr(0, slash);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const bool is_v4 = ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1;
  const bool is_v6 = !is_v4 && ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
  if (!is_v4 && !is_v6) refuse(line, quote(address) + " is not an IPv4 or IPv6 address", std::string(hint));
  const unsigned length_max = is_v4 ? 32 : 128;
  unsigned length = 0;
  const char* const end = address.data() + address.size();
  const auto [next, error] = std::from_chars(address.data() + slash + 1, end, length);
  if (error != std::errc() || next != end || length > length_max) {
    refuse(line, quote(address) + " has a prefix length that is not from 0 to " + std::to_string(length_max),
           std::string(hint));
  }
}

void check_node_path(const std::string& path, int line) {
  const std::string with_end = path + "/";
  bool plain = path.size() > 1;
  for (const std::string_view part : {"//", "/./", "/../"}) plain = plain && with_end.find(part) == std::string::npos;
  if (path.front() != '/') {
    refuse(line, quote(path) + " must be an absolute path: it is a file's place in the node",
           "write files: {/path/in/node: path/beside/the/lab/file}");
  }
  if (!plain) refuse(line, quote(path) + " must be the plain path of a file, without //, . and ..");
}

void check_command(const std::string& command, std::string_view name, int line) {
  constexpr std::size_t length_max = 131'071;  // of one argument: MAX_ARG_STRLEN of linux/binfmts.h, with its NUL
  if (command.find_first_not_of(" \t\r\n") == std::string::npos)
    refuse(line, std::string(name) + ": the command is empty");
  if (command.size() > length_max) {
    refuse(line, std::string(name) + ": the command is longer than " + std::to_string(length_max) + " bytes",
           "put it into a script and name that in files:");
  }
}

void check_marker_name(const std::string& name, int line) {
  bool good = is_letter(name.front()) && name != "end";
  for (const char c : name) good = good && static_cast<unsigned char>(c) > ' ' && c != '#' && c != 0x7f;
  if (good) return;
  refuse(line, quote(name) + " cannot be the name of a marker",
         "it starts with a letter, has no spaces and no #, and is not \"end\"");
}

void check_pattern(const std::string& pattern, int line) {
  // regcomp's time and memory grow with the square of what it compiles; within these it takes a fraction of a second.
  constexpr std::size_t length_max = 1'000;
  constexpr std::uint64_t size_max = 20'000;
  if (pattern.size() > length_max) {
    refuse(line, "until: the pattern is longer than " + std::to_string(length_max) + " characters");
  }
  if (pattern.size() * expansion_of(pattern, size_max) > size_max) {
    refuse(line,
           "until: " + quote(pattern) + " repeats too much: written out it may be longer than " +
               std::to_string(size_max) + " characters",
           "use fewer + and {n}; a* costs nothing");
  }
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    if (is_digit(pattern[++i])) {
      refuse(line, "until: " + quote(pattern) + " refers back to a group, which extended expressions do not have");
    }
  }
  regex_t compiled{};
  const int status = ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (status == 0) {
    ::regfree(&compiled);
    return;
  }
  std::array<char, 128> why{};
  ::regerror(status, &compiled, why.data(), why.size());
  refuse(line, "until: " + quote(pattern) + " is not an extended regular expression: " + why.data(),
         "see regex(7); a backslash before a special character takes it literally");
}

}  // namespace labreel
