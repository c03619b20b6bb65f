// A child that reads for us: its answer, its error, and what limits of time and memory make of it.
#include "recorder/lock/limited_child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include "recorder/lock/reader_lock.h"

namespace labreel {
TEST_CASE("a limited child gives back what it read, with every byte", "[lock]") {
  std::string bytes(3U << 20U, 'x');
  bytes[5] = '\0';
  const auto answer = in_limited_child([&]() -> Result<std::string> { return bytes; });
  REQUIRE(answer.ok());
  CHECK((*answer == bytes));
  CHECK_FALSE(reader_is_locked());
}

TEST_CASE("a limited child gives back its error with kind, place and hint", "[lock]") {
  const auto answer = in_limited_child([]() -> Result<std::string> {
    return Error{ErrorKind::host, "is broken", "a.reel: byte 7", "mend it"};
  });
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().kind == ErrorKind::host);
  CHECK(answer.error().what == "is broken");
  CHECK(answer.error().place == "a.reel: byte 7");
  CHECK(answer.error().hint == "mend it");
}

TEST_CASE("a limited child that never ends costs its time and no more", "[lock]") {
  ChildLimits limits;
  limits.time = std::chrono::milliseconds{1000};
  const auto answer = in_limited_child(
      []() -> Result<std::string> {
        for (volatile bool on = true; on;) {
        }
        return std::string{};
      },
      limits);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().what == "reading it takes longer than 1 s");
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // there is no child any more
}

TEST_CASE("a limited child that takes too much memory says so", "[lock]") {
#if !defined(__SANITIZE_ADDRESS__)
  ChildLimits limits;
  limits.memory_bytes = 64U << 20U;
  const auto answer = in_limited_child(
      []() -> Result<std::string> { return std::string(256U << 20U, 'x').substr(0, 1); }, limits);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().what == "reading it takes more memory than a reel needs");
#endif
}

TEST_CASE("a limited child that answers without end is ended", "[lock]") {
  ChildLimits limits;
  limits.answer_bytes = 1000;
  const auto answer = in_limited_child([]() -> Result<std::string> { return std::string(100'000, 'x'); }, limits);
  CHECK_FALSE(answer.ok());
}

TEST_CASE("a limited child that crashes or meets its lock is an error, not our end", "[lock]") {
  const bool crashes = GENERATE(true, false);
  const auto answer = in_limited_child([&]() -> Result<std::string> {
    ::close(STDERR_FILENO);
    std::signal(SIGABRT, SIG_DFL);  // Catch2 would tell a story
    if (crashes) std::abort();
    lock_reader();
    ::unlink("/tmp/labreel-nothing");
    return std::string{"done"};
  });
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().what == (crashes ? "reading it ended with signal 6" : "reading it was ended by the reader's lock"));
}

}  // namespace labreel
