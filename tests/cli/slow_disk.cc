// A disk that takes its time, for LD_PRELOAD: every fsync and fdatasync takes a quarter of a second longer.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace {

// The programs of the lab's nodes have disks of their own.
__attribute__((constructor)) void stay_here() { ::unsetenv("LD_PRELOAD"); }

int sync_slowly(const char* name, int fd) {
  ::usleep(250'000);
  return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" int fsync(int fd) { return sync_slowly("fsync", fd); }
extern "C" int fdatasync(int fd) { return sync_slowly("fdatasync", fd); }
