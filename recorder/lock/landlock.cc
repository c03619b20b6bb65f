#include "recorder/lock/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/os/owned_fd.h"

namespace labreel {
namespace {

// Debian 12's header is of version 2; later kernels have more, with these values.
constexpr std::uint64_t kTruncate = 1U << 14U;     // version 3
constexpr std::uint64_t kIoctlDevice = 1U << 15U;  // version 5
constexpr std::uint64_t kBindTcp = 1U << 0U;       // version 4
constexpr std::uint64_t kConnectTcp = 1U << 1U;
constexpr std::uint64_t kScopeAbstractSocket = 1U << 0U;  // version 6
constexpr std::uint64_t kScopeSignal = 1U << 1U;

struct RulesetAttributes {
  std::uint64_t fs = 0;
  std::uint64_t net = 0;    // from version 4 on
  std::uint64_t scope = 0;  // from version 6 on
};

// Everything but reading files and folders.
constexpr std::uint64_t kNamesOfVersion1 =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

RulesetAttributes all_of(int abi) {
  RulesetAttributes attributes;
  attributes.fs = kNamesOfVersion1;
  if (abi >= 2) attributes.fs |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) attributes.fs |= kTruncate;
  if (abi >= 4) attributes.net = kBindTcp | kConnectTcp;
  if (abi >= 5) attributes.fs |= kIoctlDevice;
  if (abi >= 6) attributes.scope = kScopeAbstractSocket | kScopeSignal;
  return attributes;
}

// A kernel refuses a structure with more in it than it knows.
std::size_t bytes_for(int abi) {
  if (abi >= 6) return sizeof(RulesetAttributes);
  return abi >= 4 ? offsetof(RulesetAttributes, scope) : offsetof(RulesetAttributes, net);
}

std::string why_missing(int error) {
  if (error == ENOSYS) return "the kernel has no Landlock";
  if (error == EOPNOTSUPP) return "Landlock is switched off (the kernel's lsm= does not name it)";
  return std::string("Landlock was refused: ") + std::strerror(error);
}

// What is still allowed beneath a folder; false if the kernel refuses it.
bool allow_writing_beneath(int ruleset, const std::string& folder, std::uint64_t handled) {
  constexpr std::uint64_t kWriting = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | kTruncate;
  const OwnedFd beneath{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!beneath.is_open()) return false;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = kWriting & handled;
  rule.parent_fd = beneath.get();
  return ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

}  // namespace

LandlockResult restrict_names(const std::string& writable_folder) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return {0, why_missing(abi < 0 ? errno : EOPNOTSUPP)};
  const RulesetAttributes attributes = all_of(static_cast<int>(abi));
  const OwnedFd ruleset{static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, bytes_for(static_cast<int>(abi)), 0))};
  // Without a rule nothing of what the ruleset handles is allowed anywhere.
  if (!ruleset.is_open()) return {0, why_missing(errno)};
  if (!writable_folder.empty() && !allow_writing_beneath(ruleset.get(), writable_folder, attributes.fs))
    return {0, why_missing(errno)};
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return {0, why_missing(errno)};
  return {static_cast<int>(abi), {}};
}

}  // namespace labreel
