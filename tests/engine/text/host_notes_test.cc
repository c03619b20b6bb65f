// Host notes: the bytes that each kind has in every reel so far, and how they are read back.
#include "engine/text/host_notes.h"

#include <catch2/catch.hpp>

namespace labreel {
namespace {

// Checks that a note is written as that detail, and that reading the detail and writing it again gives the same.
template <HostNoteKind Note>
void check_note(const Note& note, const std::string& kind, const std::string& detail) {
  CHECK(Note::kKind == kind);
  CHECK(detail_of(note) == detail);
  const auto read = note_in<Note>(HostNote{Seq{1}, kind, detail});
  REQUIRE(read);
  CHECK(detail_of(*read) == detail);
  CHECK_FALSE(note_in<Note>(HostNote{Seq{1}, "another", detail}));
}

}  // namespace

TEST_CASE("each host note is written as in every reel before, and read back whole", "[notes]") {
  check_note(BeginUtcNote{"2026-01-02T03:04:05.678901234Z"}, "begin-utc", R"({"utc":"2026-01-02T03:04:05.678901234Z"})");
  check_note(HostFactsNote{"box", "Linux 6.1.0", "x86_64"}, "host", R"({"host":"box","kernel":"Linux 6.1.0","machine":"x86_64"})");
  check_note(LabFileNote{"/labs/a/lab.yml"}, "lab-file", R"({"path":"/labs/a/lab.yml"})");
  check_note(InputsNote{3, "ab", "", "cd", 64, 10'000, 1'700'000'000, false, false}, "inputs",
             R"({"calendar_policy":3,"kernel":"ab","guest_program":"cd","memory_mib":64,"clock_cost_ns":10000,)"
             R"("epoch_s":1700000000,"strict":false})");
  check_note(InputsNote{3, "ab", "ef", "cd", 64, 10'000, 1'700'000'000, true, true}, "inputs",
             R"({"calendar_policy":3,"kernel":"ab","image":"ef","guest_program":"cd","memory_mib":64,"clock_cost_ns":10000,)"
             R"("epoch_s":1700000000,"strict":true,"cpuid_hidden":true})");
  check_note(HostFilesNote{{{"/bin/a b", "00"}, {"/etc/\"\\\xff%", "11"}}}, "host-files",
             R"({"/bin/a b":"00","/etc/%22%5C%FF%25":"11"})");
  check_note(LatenessNote{4, 41'097'844, LabTime{15}, 2'500'000, Seq{8}, 0}, "lateness",
             R"({"copies":4,"max_ns":41097844,"until":15,"median_ns":2500000,"frame":8,"copy":0})");
  check_note(LatenessNote{.copies = 4, .until = LabTime{15}}, "lateness", R"({"copies":4,"until":15})");
  check_note(StallNote{LabTime{1}, LabTime{3}, 2}, "stall", R"({"from":1,"to":3,"backlog":2})");
  check_note(LossyNote{FramesKept::nothing, LabTime{7}}, "lossy", R"({"keeps":"nothing","at":7})");
  check_note(CheckpointLeftOutNote{20, 16}, "checkpoint-left-out", R"({"bytes":20,"max":16})");
  check_note(NoteLeftOutNote{"host", 17}, "note-left-out", R"({"kind":"host","bytes":17})");
  check_note(NotesLeftOutNote{5}, "notes-left-out", R"({"from":5})");
  check_note(ParentNote{"/a.reel"}, "parent", R"({"path":"/a.reel"})");
  check_note(RerunOfNote{"/a.reel"}, "rerun-of", R"({"path":"/a.reel"})");
  check_note(ImportedNote{"a.pcap", "pcap", "tcpdump"}, "imported", R"({"file":"a.pcap","format":"pcap","program":"tcpdump"})");
  check_note(RepairedNote{2}, "repaired", R"({"format":2})");
  check_note(LayoutNote{"r1", -120, 80}, "layout", R"({"node":"r1","x":-120,"y":80})");
}

TEST_CASE("a note keeps every name whole, whatever signs are in it", "[notes]") {
  for (const char* const name : {"a\"b", "a\\b", "a\nb", "\"}", "\x1b[31m", "é→😀"}) {
    CHECK(note_of<LabFileNote>(detail_of(LabFileNote{name}))->path == name);
    CHECK(note_of<HostFactsNote>(detail_of(HostFactsNote{name, "Linux", "x"}))->host == name);
    CHECK(note_of<NoteLeftOutNote>(detail_of(NoteLeftOutNote{name, 1}))->kind == name);
    CHECK(note_of<HostFilesNote>(detail_of(HostFilesNote{{{name, "0"}}}))->hashes[0].first == name);
  }
}

TEST_CASE("a note is read with keys of later versions, and not without its own", "[notes]") {
  CHECK(note_of<LossyNote>(R"({"later":[1],"keeps":"headers","at":7})")->keeps == FramesKept::headers);
  CHECK_FALSE(note_of<LossyNote>(R"({"keeps":"half","at":7})"));
  CHECK_FALSE(note_of<LabFileNote>(R"({"path":7})"));
  for (const char* const detail : {"", "{}", "[]", "7", "{\"path\":\"a", "{\"utc\":\"a\"b\"}"}) {
    CHECK_FALSE(note_of<BeginUtcNote>(detail));
    CHECK_FALSE(note_of<LabFileNote>(detail));
    CHECK_FALSE(note_of<LatenessNote>(detail));
    CHECK_FALSE(note_of<StallNote>(detail));
  }
  CHECK(note_of<StallNote>(R"({"from":9,"to":3})")->to == LabTime{9});
}

TEST_CASE("the first note of a kind that can be read is the one that counts", "[notes]") {
  const std::vector<HostNote> notes{{Seq{1}, "host", "{}"}, {Seq{1}, "parent", "{"}, {Seq{2}, "parent", R"({"path":"a"})"},
                                    {Seq{3}, "parent", R"({"path":"b"})"}};
  CHECK(first_note<ParentNote>(notes)->path == "a");
  CHECK_FALSE(first_note<RerunOfNote>(notes));
}

}  // namespace labreel
