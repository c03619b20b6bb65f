#include "recorder/doctor/firmware.h"

#include <cstddef>

// It lies at 0xf0000. Page tables are put at 0x1000, for the first 2 MiB; the stack is not used.
asm(R"(
  .section .rodata
  .balign 16
  .global labreel_firmware_begin
labreel_firmware_begin:
  .code16
  cli
  xorw %ax, %ax
  movw %ax, %ds
  movl $0x2003, 0x1000
  movl $0, 0x1004
  movl $0x3003, 0x2000
  movl $0, 0x2004
  movl $0x83, 0x3000
  movl $0, 0x3004
  movl $0x1000, %eax
  movl %eax, %cr3
  movl $0x20, %eax               # 64-bit page table entries
  movl %eax, %cr4
  movl $0xc0000080, %ecx
  rdmsr
  orl $0x100, %eax               # long mode
  wrmsr
  lgdtl %cs:(labreel_firmware_gdt_place - labreel_firmware_begin)
  movl $0x80000001, %eax         # paging and protection at once
  movl %eax, %cr0
  ljmpl $8, $(labreel_firmware_long - labreel_firmware_begin + 0xf0000)
  .code64
labreel_firmware_long:
  movl $(labreel_firmware_greeting - labreel_firmware_begin + 0xf0000), %esi
  movw $0x402, %dx
1:
  movb (%rsi), %al
  incq %rsi
  testb %al, %al
  jz 2f
  outb %al, %dx
  jmp 1b
2:
  hlt
  jmp 2b
labreel_firmware_greeting:
  .asciz "labreel: 64-bit code runs\n"
  .balign 8
labreel_firmware_gdt:
  .quad 0, 0x00af9b000000ffff
labreel_firmware_gdt_place:
  .word 15
  .long labreel_firmware_gdt - labreel_firmware_begin + 0xf0000
  .global labreel_firmware_end
labreel_firmware_end:
  .previous
)");
extern "C" const char labreel_firmware_begin[];
extern "C" const char labreel_firmware_end[];

namespace labreel {

std::string firmware_image() {
  constexpr std::size_t kImage_bytes = 64 << 10;
  constexpr std::size_t kFirstInstruction = 0xfff0;
  constexpr std::string_view kJump("\xea\x00\x00\x00\xf0", 5);  // to f000:0000
  std::string image(kImage_bytes, '\xff');
  const std::string_view code(labreel_firmware_begin,
                              static_cast<std::size_t>(labreel_firmware_end - labreel_firmware_begin));
  image.replace(0, code.size(), code);
  image.replace(kFirstInstruction, kJump.size(), kJump);
  return image;
}

}  // namespace labreel
