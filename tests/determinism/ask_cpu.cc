// Runs in a guest: prints what the CPU itself says of time, randomness and which CPU it is: a planted source of
// nondeterminism, that only `strict` takes away. `ask_cpu all`, or `ask_cpu time` for the time only.
#include <cpuid.h>
#include <x86intrin.h>

#include <cstdio>
#include <cstring>
#include <random>

int main(int argc, char** argv) {
  std::printf("time %llu\n", static_cast<unsigned long long>(__rdtsc()));
  if (argc < 2 || std::strcmp(argv[1], "all") != 0) return 0;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  __get_cpuid(1, &eax, &ebx, &ecx, &edx);
  std::random_device random;  // rdrand or rdseed where cpuid says that they are there
  std::printf("cpu %u random %u\n", ebx >> 24U, random());
}
