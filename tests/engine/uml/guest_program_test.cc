// What the program is like that every guest begins with.
#include "engine/nodes/uml/guest_program.h"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string_view>

namespace labreel {

TEST_CASE("the guest's init needs no library of the host's, and stays small", "[uml]") {
  const std::string_view program = guest_init_program();
  Elf64_Ehdr head{};
  REQUIRE(program.size() > sizeof head);
  std::memcpy(&head, program.data(), sizeof head);
  REQUIRE(std::memcmp(head.e_ident, ELFMAG, SELFMAG) == 0);
  CHECK(head.e_type == ET_EXEC);  // at the same addresses on every run
  for (std::size_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr part{};
    std::memcpy(&part, program.data() + head.e_phoff + i * head.e_phentsize, sizeof part);
    CHECK(part.p_type != PT_INTERP);
    CHECK(part.p_type != PT_DYNAMIC);
  }
#ifndef __clang__
  CHECK(program.size() <= kGuestInit_bytes);
#endif
}

TEST_CASE("the guest's init has nothing in it that knows a host's kernel or mounts", "[uml]") {
  for (const std::string_view sign : {"pivot_root", "mountinfo", "nr_inodes=", "/proc/sys/net", "newuidmap"}) {
    INFO(sign);
    CHECK(guest_init_program().find(sign) == std::string_view::npos);
  }
}

}  // namespace labreel
