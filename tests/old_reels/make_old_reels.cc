// Makes the reels that tests/old_reels/add keeps of this version, in the folder LABREEL_OLD_REELS.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include <sqlite3.h>

#include "store/blobs.h"
#include "store/format.h"
#include "store/packed_files.h"
#include "store/reel_check.h"
#include "store/reel_rewrite.h"
#include "store/reel_writer.h"
#include "tests/replay/recorded_lab.h"

namespace labreel {
namespace {

std::string file(const std::string& name) {
  const char* const folder = std::getenv("LABREEL_OLD_REELS");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/" + name + ".reel";
}

ReelOptions small_pages() {
  ReelOptions options;
  options.page_bytes = 2048;
  options.ring_pages = 64;
  options.commit_bytes = 8 << 10;
  return options;
}

CableSettings settings(std::uint64_t first) {
  return {.delay_ns = first,
          .jitter_ns = first + 1,
          .rate_bps = 1'000'000 + first,
          .queue_bytes = 65'536 + first,
          .loss_ppb = 5,
          .duplicate_ppb = 6,
          .corrupt_ppb = 7,
          .reorder_ppb = 8};
}

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

void settle(const std::string& reel, Pages pages) {
  const Status settled = settle_reel(reel, pages);
  INFO((settled.ok() ? "" : settled.error().what));
  REQUIRE(settled.ok());
}

// A lab of three nodes in which everything happens once.
class Story {
 public:
  explicit Story(EventSink& sink) : sink_(sink) {}

  void tell() {
    assemble();
    for (std::size_t reason = 0; reason < kReasonCount; ++reason) frame_with(static_cast<Reason>(reason));
    frames_of_all_shapes();
    command();
    words();
    take_apart();
  }

 private:
  Seq add(const EventBody& body, Seq cause = {}) { return sink_.append(LabTime{now_ns_ += 1'000'007}, cause, body); }

  void assemble() {
    add(LabBegun{"old", "name: old\n# bytes \xff\n", "old.yml", 42, "virtual", 1,
                 BranchPoint{"older", Seq{3}, "0123abcd"}});
    sink_.note("begin-utc", R"({"utc":"2026-01-02T03:04:05.000000006Z"})");
    sink_.note("host", R"({"name":"classroom"})");
    add(NodeAdded{NodeId{0}, "r1", "namespace", std::array<std::int32_t, 2>{-120, 80}});
    add(NodeAdded{NodeId{1}, "r2", "uml", {}});
    add(NodeAdded{NodeId{2}, "h1", "namespace", {}, {{"memory", "512MiB"}, {"image", "odd\xff"}}});
    for (std::uint32_t port = 0; port < 6; ++port) {
      const NodeId node{port / 2};
      add(PortAdded{PortId{port}, node, "eth" + std::to_string(port % 2), {2, 0, 0, 0, 0, std::uint8_t(port)}, 9000});
    }
    add(LinkAdded{LinkId{0}, {PortId{0}, PortId{2}}, {settings(10), settings(20)}});
    add(LanAdded{LanId{0}, "office", false, 17, 99'000});
    add(LanAdded{LanId{1}, "hub", true, 4096, 300'000'000'000});
    add(LanJoined{LanId{0}, PortId{1}, settings(30), settings(40)});
    add(LanJoined{LanId{0}, PortId{4}, {}, {}});
    add(NodeStarting{NodeId{0}});
    add(NodeStarted{NodeId{0}});
    add(NodePaused{NodeId{0}});
    add(NodeResumed{NodeId{0}});
  }

  void frame(const std::string& bytes, const std::vector<Copy>& copies) {
    sink_.append_frame(LabTime{now_ns_ += 10}, PortId{1}, bytes_of(bytes), copies);
  }
  std::string ethernet(std::size_t bytes) const {
    std::string frame{"\x02\0\0\0\0\x04\x02\0\0\0\0\x01\x08\x06", 14};
    for (std::size_t i = frame.size(); i < bytes; ++i) frame += static_cast<char>(i * 7);
    return frame;
  }
  // Decided so at once, and by a later outcome.
  void frame_with(Reason reason) {
    frame(ethernet(60), {{PortId{4}, reason, 0, 0, LabTime{now_ns_ + 10}}});
    if (reason == Reason::none) return;
    frame(ethernet(61), {{PortId{4}, Reason::none, 0, 0, LabTime{now_ns_ + 1'000}}});
    add(Outcome{Seq{sink_.next_seq().value - 1}, 0, PortId{4}, reason}, Seq{sink_.next_seq().value - 1});
  }
  void frames_of_all_shapes() {
    const LabTime due{now_ns_ + 100};
    frame("", {{kNoPort, Reason::malformed, 0, 0, due}});
    frame(ethernet(64), {});
    frame(ethernet(1'514), {{PortId{4}, Reason::none, kDuplicated, 0, due},
                            {PortId{4}, Reason::none, kDuplicated | kReordered, 0, due},
                            {PortId{4}, Reason::none, kCorrupted | 5U << 5U, 77, due}});
    frame(ethernet(5'000), {{PortId{4}, Reason::none, 0, 0, due}});  // longer than a page
    // What --lossy leaves of a frame.
    const std::string head = ethernet(20);
    const Copy copy{PortId{4}, Reason::none, 0, 0, due};
    add(Frame{PortId{1}, bytes_of(head), {&copy, 1}, 1'514});
  }

  void command() {
    const std::string odd("odd\0bytes\xff\n", 11);
    const Seq command = add(Command{"link.down", {"r1:eth0", odd, ""}, "cli"});
    add(LinkDown{PortId{0}}, command);
    add(CommandDone{true, ""}, command);
    const Seq refused = add(Command{"link.up", {"r9:eth0"}, "page"});
    add(CommandDone{false, "no port r9:eth0"}, refused);
    add(LinkUp{PortId{0}});
    add(LinkChanged{PortId{0}, Direction::out, settings(50), 0xA5});
    add(LinkChanged{PortId{1}, Direction::in, settings(60), 0x01});
    const Seq exec = add(Exec{NodeId{0}, {"ping", "-c", "1", odd}});
    add(ExecOutput{NodeId{0}, Stream::stdout_stream, "1 packet\n"}, exec);
    add(ExecOutput{NodeId{0}, Stream::stderr_stream, odd}, exec);
    add(ExecDone{NodeId{0}, -1}, exec);
    add(Console{NodeId{0}, true, "ls\r"});
    add(Console{NodeId{0}, false, odd});
  }

  void words() {
    add(Scenario{1, "begun", "wait"});
    add(Scenario{1, "flipped", "Full"});
    add(Scenario{2, "failed", "timed out"});
    add(Marker{"adjacency", "All three see each other. \xe2\x9c\x93"});
    add(Marker{"adjacency", ""});
    add(Marker{"question", "Look at r2.", "Which way does it go?"});
    add(Snapshot{"before-the-cut", "detail"});
    add(Snapshot{"after-the-cut", "detail", R"({"nodes":[]})"});
    add(NodeState{NodeId{0}, "route", "10.0.0.0/8", "", "via 10.0.1.2 \xff"});
    add(Assertion{"reaches", true, "3 of 3"});
    add(ExecInput{NodeId{0}, "ls\n"});
    add(ExecInput{NodeId{0}, ""});
    add(Checkpoint{std::string(300, '\x7f')});
    add(Gap{"before-fabric", 30, "tx_dropped", PortId{1}});
    add(Gap{"reel", 0, "damaged", kNoPort});
    add(Divergence{"event 7"});
    sink_.note("stall", R"({"from":1,"to":2,"backlog":3})");
    sink_.note("layout", R"({"node":"r1","x":-120,"y":80})");
  }

  void take_apart() {
    add(PortDown{PortId{4}});
    add(PortUp{PortId{4}});
    add(LanLeft{LanId{0}, PortId{4}});
    add(PortRemoved{PortId{4}});
    add(LanRemoved{LanId{1}});
    add(LinkRemoved{LinkId{0}});
    add(NodeStopped{NodeId{1}, "died: killed by signal 9"});
    add(NodeRemoved{NodeId{1}});
    add(LabEnded{"scenario done"});
  }

  EventSink& sink_;
  std::uint64_t now_ns_ = 0;
};

void seal(ReelWriter& writer) {
  writer.seal();
  REQUIRE(writer.state().failure.empty());
}

}  // namespace

TEST_CASE("every-kind: every kind of event, every reason, shape and flag of a frame, host notes") {
  const auto writer = ReelWriter::create(file("every-kind"), small_pages());
  Story{*writer}.tell();
  seal(*writer);
}

TEST_CASE("fabric: what a real fabric decides, for verify") {
  const auto writer = ReelWriter::create(file("fabric"), small_pages());
  test::record_random_lab(*writer, 7, 600);
  seal(*writer);
}

TEST_CASE("blocks: more events than one block of the digest") {
  const auto writer = ReelWriter::create(file("blocks"));
  writer->append(LabTime{1}, Seq{}, LabBegun{"blocks", "name: blocks\n", "blocks.yml", 1, "real", 1});
  for (std::uint64_t i = 2; i <= 2 * kEventsPerBlock + 10; ++i) {
    writer->append(LabTime{i * 1'000}, Seq{i - 1}, Marker{"m" + std::to_string(i), ""});
  }
  seal(*writer);
}

TEST_CASE("cut-off: pages that were committed, and a ring with events and notes behind them") {
  const auto writer = ReelWriter::create(file("cut-off"), small_pages());
  test::record_random_lab(*writer, 8, 200);
  while (writer->state().durable != writer->state().appended) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) writer->append(LabTime{1'000'000'000'000}, Seq{}, Marker{"last", std::to_string(i)});
  writer->note("stall", R"({"from":1,"to":2,"backlog":3})");
}

TEST_CASE("compressed: pages of zstd, in a reel with small pages, as pack --compress leaves it") {
  {
    const auto writer = ReelWriter::create(file("compressed"), small_pages());
    test::record_random_lab(*writer, 9, 600);
    seal(*writer);
  }
  settle(file("compressed"), Pages::compressed);
}

TEST_CASE("beside: packed files and blobs beside the events") {
  const std::string reel = file("beside");
  {
    const auto writer = ReelWriter::create(reel, small_pages());
    Story{*writer}.tell();
    seal(*writer);
  }
  bool is_given = false;
  const auto next = [&](PackedFile& packed) -> Result<bool> {
    packed = {{"notes.md", 0644, 1'700'000'000, 3}, "abc"};
    return !std::exchange(is_given, true);
  };
  REQUIRE(pack_files(reel, next, PackedBefore::refuse).ok());
  {
    const auto blobs = BlobWriter::open(reel);
    REQUIRE(blobs.ok());
    REQUIRE((*blobs)->put("image sha256:1", "layer 1", 0, std::string(5'000, 'l')).ok());
    REQUIRE((*blobs)->put("snapshot before-the-cut", "memory of r1", 4'096, "m").ok());
    REQUIRE((*blobs)->commit().ok());
  }
  settle(reel, Pages::as_they_are);
}

TEST_CASE("repaired: events that were lost, and the gaps that say so") {
  const std::string damaged = file("to-repair");
  {
    const auto writer = ReelWriter::create(damaged, small_pages());
    Story{*writer}.tell();
    seal(*writer);
  }
  {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(damaged.c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, "UPDATE page SET image = zeroblob(8) WHERE number = 2", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
    sqlite3_close(database);
  }
  REQUIRE(repair_reel(damaged, file("repaired")).ok());
  std::filesystem::remove(damaged);
}

}  // namespace labreel
