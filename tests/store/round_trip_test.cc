// What goes into a reel comes out of it.
#include <algorithm>

#include "store/codec.h"
#include "test_reel.h"

namespace labreel {

TEST_CASE("one of each kind really is one of each kind") {
  std::vector<std::size_t> kinds;
  for (const EventBody& body : one_of_each()) kinds.push_back(body.index());
  CHECK(kinds.size() == std::variant_size_v<EventBody> - 1);
  CHECK(std::is_sorted(kinds.begin(), kinds.end()));
  CHECK(std::adjacent_find(kinds.begin(), kinds.end()) == kinds.end());
}

TEST_CASE("a sealed reel gives back every kind of event and every host note") {
  const TempFolder folder;
  const std::vector<OwnedEvent> written = write_sealed(folder.file("a.reel"), 500);
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  CHECK(reader->end().complete);
  CHECK(reader->end().why == "sealed");
  CHECK(reader->end().last.value == written.size());
  CHECK_FALSE(reader->end().damage);
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  CHECK(read.events == written);
  REQUIRE(reader->notes().size() == 2);
  CHECK(reader->notes()[0].kind == "begin-utc");
  CHECK(reader->notes()[1].after.value == written.size());
}

TEST_CASE("events can be read from any seq to any seq, and one by one") {
  const TempFolder folder;
  const std::vector<OwnedEvent> written = write_sealed(folder.file("a.reel"), 100);
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  for (std::uint64_t from = 1; from <= written.size(); from += 7) {
    const ReadReel read = read_all(*reader, Seq{from}, Seq{from + 9});
    REQUIRE_FALSE(read.error);
    const auto first = written.begin() + static_cast<std::ptrdiff_t>(from - 1);
    const auto last = written.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(from + 9, written.size()));
    REQUIRE(read.events == std::vector<OwnedEvent>(first, last));
    const auto one = reader->event_at(Seq{from});
    REQUIRE(one.ok());
    REQUIRE(owned(*one) == *first);
  }
  CHECK_FALSE(reader->event_at(Seq{0}).ok());
  CHECK_FALSE(reader->event_at(Seq{written.size() + 1}).ok());
}

TEST_CASE("the last event at or before a lab time is found, at every border") {
  const TempFolder folder;
  const std::vector<OwnedEvent> written = write_sealed(folder.file("a.reel"), 300);
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  CHECK(*reader->last_at_or_before(LabTime{0}) == Seq{0});
  CHECK(*reader->last_at_or_before(kNever) == Seq{written.size()});
  for (const OwnedEvent& event : written) {
    REQUIRE(*reader->last_at_or_before(LabTime{event.time_ns}) == Seq{event.seq});
    REQUIRE(*reader->last_at_or_before(LabTime{event.time_ns - 1}) == Seq{event.seq - 1});
  }
}

TEST_CASE("a reel without events can be sealed and read") {
  const TempFolder folder;
  ReelWriter::create(folder.file("a.reel"), small_options())->seal();
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  CHECK(reader->end().complete);
  CHECK(reader->end().last == Seq{0});
  CHECK(read_all(*reader).events.empty());
  CHECK(*reader->digest_at(Seq{0}) == *reader->recorded_digest());
}

TEST_CASE("a frame whose bytes were dropped keeps its length on the wire") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), small_options());
  const std::string head = "the first fourteen";
  const std::vector<Copy> copies{{PortId{2}, Reason::none, 0, 0, LabTime{5}}};
  writer->append(LabTime{1}, Seq{}, Frame{PortId{1}, bytes_of_text(head), copies, 1514});
  writer->append(LabTime{2}, Seq{}, Frame{PortId{1}, {}, copies, 60});
  writer->seal();
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  const auto events = read_all(*reader).events;
  REQUIRE(events.size() == 2);
  CHECK(std::get<Frame>(events[0].body).length == 1514);
  CHECK(events[0].frame_bytes == head);
  CHECK(events[0].frame_copies == copies);
  CHECK(std::get<Frame>(events[1].body).length == 60);
  CHECK(events[1].frame_bytes.empty());
}

TEST_CASE("an event may be much longer than a page, and one that is too long is refused") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), small_options());
  Script script{*writer};
  for (int i = 0; i < 20; ++i) {
    script.fill(3);
    script.add(LabBegun{.lab = "big", .lab_file = std::string(100'000, static_cast<char>('a' + i)), .lab_file_name = {}, .clock = {}});
  }
  const std::string too_long(writer->event_bytes_max() + 1, 'x');
  CHECK_THROWS_AS(writer->append_frame(kNever, PortId{1}, bytes_of_text(too_long), {}), std::system_error);
  script.fill(3);
  writer->seal();
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  CHECK(read.events == script.events());
}

TEST_CASE("a lab file of ten megabytes fits a reel with the default options") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"));
  Script script{*writer};
  script.add(LabBegun{.lab = "big", .lab_file = std::string(10'000'000, '#'), .lab_file_name = {}, .clock = {}});
  writer->seal();
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE(reader.ok());
  CHECK(read_all(*reader).events == script.events());
}

TEST_CASE("equal bodies give equal bytes, and every body comes back from its bytes") {
  for (const EventBody& body : one_of_each()) {
    const std::string bytes = encode(body);
    CHECK(bytes == encode(body));
    const auto kind = static_cast<std::uint8_t>(kind_of(body));
    const auto back = decode(kind, bytes_of_text(bytes));
    REQUIRE(back.ok());
    EventBody read = *back;
    if (auto* const unknown = std::get_if<UnknownNote>(&read)) unknown->subject = subject_of(body);  // its record's to say
    CHECK(owned(Event{{}, {}, {}, read}) == owned(Event{{}, {}, {}, body}));
  }
}

TEST_CASE("a reel is never written over a file, nor beside a stranger's journal or ring") {
  for (const std::string name : {"a.reel", "a.reel-journal", "a.reel-ring"}) {
    const TempFolder folder;
    write_file(folder.file(name), "precious");
    try {
      ReelWriter::create(folder.file("a.reel"), small_options());
      FAIL("it was created");
    } catch (const std::system_error& error) {
      CHECK(error.code().value() == EEXIST);
    }
    CHECK(read_file(folder.file(name)) == "precious");
    CHECK(folder.names() == std::vector<std::string>{name});
  }
}

}  // namespace labreel
