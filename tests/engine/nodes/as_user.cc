// Makes every test of this program run as an ordinary user, also when root starts it. Linked into rootless_tests.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

namespace {

void become_test_user() {
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("labreel-test");
    if (user == nullptr) {
      std::fputs("no user labreel-test: run tests/engine/nodes/test_user.sh add first\n", stderr);
      std::exit(1);
    }
    const bool done = ::setgroups(0, nullptr) == 0 && ::setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
                      ::setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
    // A process that changed its user counts as guarding a secret until it starts another program.
    if (!done || ::prctl(PR_SET_DUMPABLE, 1) != 0) std::exit(1);
  }
  if (::geteuid() == 0 || ::getuid() == 0) std::abort();
}

struct AsUser final : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo& run) override {
    TestEventListenerBase::testRunStarting(run);
    become_test_user();
  }
};
CATCH_REGISTER_LISTENER(AsUser)

}  // namespace
