#include "recorder/control/exec_feed.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace labreel;

TEST_CASE("an exec feed joins small writes of one stream and keeps the order of the two", "[control]") {
  ExecFeed feed;
  CHECK(feed.put(Stream::stdout_stream, "ab"));
  CHECK_FALSE(feed.put(Stream::stdout_stream, "cd"));
  CHECK_FALSE(feed.put(Stream::stderr_stream, "e"));
  CHECK_FALSE(feed.finish(3, ""));
  CHECK_FALSE(feed.take_end());  // not before the output
  auto chunk = feed.take_chunk();
  REQUIRE(chunk);
  CHECK(chunk->bytes == "abcd");
  chunk = feed.take_chunk();
  REQUIRE(chunk);
  CHECK(chunk->stream == Stream::stderr_stream);
  CHECK(chunk->bytes == "e");
  CHECK_FALSE(feed.take_chunk());
  const auto end = feed.take_end();
  REQUIRE(end);
  CHECK(end->status == 3);
  CHECK(end->lost_bytes == 0);
}

TEST_CASE("an exec feed cuts a big write into chunks", "[control]") {
  ExecFeed feed;
  feed.put(Stream::stdout_stream, std::string(ExecFeed::kChunkBytesMax * 2 + 1, 'x'));
  std::size_t total = 0, chunks = 0;
  while (const auto chunk = feed.take_chunk()) {
    CHECK(chunk->bytes.size() <= ExecFeed::kChunkBytesMax);
    total += chunk->bytes.size();
    ++chunks;
  }
  CHECK(chunks == 3);
  CHECK(total == ExecFeed::kChunkBytesMax * 2 + 1);
}

TEST_CASE("a full exec feed counts what it leaves out, at its place", "[control]") {
  ExecFeed feed(10);
  feed.put(Stream::stdout_stream, "12345678");
  feed.put(Stream::stdout_stream, "abc");  // too much
  feed.put(Stream::stdout_stream, "d9");   // fits again
  feed.put(Stream::stderr_stream, "late");
  feed.finish(0, "");
  auto chunk = feed.take_chunk();
  REQUIRE(chunk);
  CHECK(chunk->bytes == "12345678");
  CHECK(chunk->lost_bytes == 0);
  chunk = feed.take_chunk();
  REQUIRE(chunk);
  CHECK(chunk->bytes == "d9");
  CHECK(chunk->lost_bytes == 3);
  const auto end = feed.take_end();
  REQUIRE(end);
  CHECK(end->lost_bytes == 4);
}

TEST_CASE("a closed exec feed takes nothing", "[control]") {
  ExecFeed feed;
  feed.put(Stream::stdout_stream, "x");
  feed.close();
  CHECK_FALSE(feed.put(Stream::stdout_stream, "y"));
  CHECK_FALSE(feed.finish(0, ""));
  CHECK_FALSE(feed.take_chunk());
  CHECK_FALSE(feed.take_end());
}
