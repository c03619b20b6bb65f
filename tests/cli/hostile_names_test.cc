// One reel with hostile names and texts everywhere: whatever a verb prints of it steers no terminal.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "engine/core/fabric.h"
#include "engine/text/text.h"
#include "store/packed_files.h"
#include "store/reel_writer.h"
#include "tests/cli/program.h"

namespace labreel::test {
namespace {

// What a node's, port's or lan's name may hold: C1, letters turned round, broken lines, no UTF-8.
const std::string kName = "x\u202ey\xc2\x9b" "31m\u2028\u2066\u200f\u061c\xff z\"<img src=x>";
// What any other text may hold, too.
const std::string kText = kName + "\x1b]0;PWN\x07\r\n\x7f" + std::string(1, '\0') + "\b";

// A name that is as hostile, and can be told from others.
std::string name_of(const char* which) { return which + kName; }

// A name as SQL has it.
std::string sql_quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + '"';
}

// Says where text that goes to a terminal has what would steer it; nothing if nowhere.
std::string steering_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool is_control = byte < 0x20 && byte != '\n';
    const bool steers = length > 1 && steering_character(text.substr(at)) != 0;
    if (length == 0 || is_control || byte == 0x7f || steers) {
      const std::size_t line = text.rfind('\n', at) + 1;
      return "byte " + std::to_string(at) + ": " + printable(text.substr(line, at - line)) + " >>> " +
             printable(text.substr(at, 20));
    }
    at += length;
  }
  return {};
}

// A lab of such names, recorded by a fabric; its last frame has a decision that no fabric takes.
class HostileReel {
 public:
  explicit HostileReel(const std::string& path) : writer_(ReelWriter::create(path)), fabric_(1) {
    writer_->note("begin-utc", R"({"utc":"2026-01-02T03:04:05Z"})");
    writer_->append({}, {}, LabBegun{kText, "name: lab\n", kText, 1, "real", kFabricVersion, BranchPoint{kText, Seq{1}, kText}});
    add_lab();
    add_texts();
    const std::string frame = "\x02" + std::string(4, '\0') + "\x02\x02" + std::string(4, '\0') + "\x01\x88\xb5" + kText;
    const Copy lie{PortId{1}, Reason::none, 0, 0, LabTime{77}};
    writer_->append_frame(LabTime{5}, PortId{0}, std::as_bytes(std::span(frame)), {&lie, 1});
    writer_->append(LabTime{6}, Seq{}, LabEnded{kText});
    writer_->seal();
    int left = 1;
    const auto next = [&](PackedFile& file) -> Result<bool> {
      file = {.about = {.name = "a\u202egnp.exe", .mode = 0644, .mtime_s = 0, .bytes = 2}, .content = "hi"};
      return left-- > 0;
    };
    const auto packed = pack_files(path, next, PackedBefore::refuse);
    if (!packed) FAIL(packed.error().what);
  }

 private:
  void effect(const EventBody& body) {
    REQUIRE(fabric_.apply(body, LabTime{1}).ok());
    writer_->append(LabTime{1}, Seq{}, body);
  }
  void add_lab() {
    for (std::uint16_t i = 0; i < 3; ++i) {
      const std::string which = std::to_string(i);
      effect(NodeAdded{NodeId{i}, name_of(which.c_str()), kText, {}});
      effect(PortAdded{PortId{i}, NodeId{i}, name_of("eth"), {2, 0, 0, 0, 0, static_cast<std::uint8_t>(i)}, 9216});
      if (i < 2) effect(NodeStarted{NodeId{i}});
    }
    effect(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {}});
    effect(LanAdded{LanId{0}, name_of("lan"), false, 4096, 1'000'000'000});
    effect(LanJoined{LanId{0}, PortId{2}, {}, {}});
    effect(NodeStopped{NodeId{1}, kText});
    effect(NodeStarted{NodeId{1}});
  }
  void add_texts() {
    const auto add = [this](const EventBody& body) { writer_->append(LabTime{2}, Seq{}, body); };
    add(Command{kText, {kText, kName}, kText});
    add(CommandDone{false, kText});
    add(Exec{NodeId{0}, {kText}});
    add(ExecOutput{NodeId{0}, Stream::stderr_stream, kText});
    add(ExecDone{NodeId{0}, 1});
    add(Scenario{1, kText, kText});
    add(Marker{kText, kText});
    add(Marker{name_of("mark"), kText});
    add(Snapshot{kText, kText});
    add(Gap{kText, 1, kText, PortId{1}});
    add(Divergence{kText});
    add(Checkpoint{fabric_.save()});  // of a gap whose place nobody knows, only this says what the lab was
  }

  std::unique_ptr<ReelWriter> writer_;
  Fabric fabric_;
};

void check_harmless(const std::vector<std::string>& arguments, const ProgramResult& result) {
  std::string command;
  for (const std::string& argument : arguments) command += printable(argument) + " ";
  INFO(command << "\n" << printable(result.out.substr(0, 3000)) << "\n" << printable(result.err.substr(0, 3000)));
  CHECK(result.status < 127);  // it ran, and no signal ended it
  CHECK(!(result.out + result.err).empty());
  CHECK(steering_in(result.out) == "");
  CHECK(steering_in(result.err) == "");
  if (std::find(arguments.begin(), arguments.end(), "--json") == arguments.end()) return;
  for (const std::string& line : lines_of(result.out)) CHECK(nlohmann::json::accept(line));
}

}  // namespace

TEST_CASE("no verb prints a reel's names or texts so that they steer a terminal", "[cli]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  // The folder's newest reel is a stranger's choice of name, too.
  const std::string reel = "a\x1b]0;PWN\x07\n\u202e\xc2\x9b.reel";
  const HostileReel made{folder / reel};
  const std::string port = name_of("0") + ":" + name_of("eth");
  const std::vector<std::vector<std::string>> lines{
      {"info"}, {"info", "--json"}, {"ls"}, {"ls", "--json"}, {"events"}, {"events", "--json", "--payload"},
      {"events", "--trace", "27"}, {"events", "--trace", "27", "--json"}, {"events", "--port", "nosuch"}, {"events", "--port", port + "x"},
      {"events", "--port", port}, {"events", "--kind", kText}, {"events", "--filter", kText},
      {"events", "--from", kName}, {"query", reel, "SELECT * FROM event"},
      {"query", reel, "SELECT * FROM event", "--json"}, {"query", reel, "SELECT * FROM marker"},
      {"query", reel, "SELECT " + kName}, {"show"}, {"show", "--json"}, {"show", "--dot"}, {"show", "--mermaid"},
      {"show", "--at", "mark"}, {"verify"}, {"verify", "--json"}, {"check"}, {"diff", reel, reel},
      {"diff", reel, "twin.reel"}, {"diff", reel, "twin.reel", "--json"}, {"replay", "--speed", "max"},
      {"replay", reel, "--speed", "max", "--from", "mark"}, {"export", "-o", "x.yml"}, {"export", "-o", "x.clab.yml"},
      {"unpack", "-o", "out"}, {"unpack", "-o", "out"}, {"rerun", reel, "-o", "y.reel", "--trust"},
      {"branch", reel, "--at", "3", "-o", "y.reel"}, {"pack", reel, "nosuch" + kName}, {"run", "nosuch" + kName},
      {"check", "--repair", reel}, {"events", "nosuch" + kName}, {kName}, {"show", "--" + kName},
      {"__complete", "show", "--at", ""}, {"__complete", "events", "--port", ""}, {"__complete", "show", ""}};
  {
    TestFolder other;
    other.holds_made_up_reels();
    const HostileReel twin{other / "twin.reel"};
    folder.write("twin.reel", other.read("twin.reel"));
  }
  REQUIRE(run_program({"touch", "-d", "2001-01-01", "twin.reel"}, folder.path()).status == 0);
  for (const std::vector<std::string>& line : lines) check_harmless(line, labreel(line, folder.path()));
  for (const char* const picture : {"x.mmd", "x.dot", "x.ndjson"}) {
    const auto exported = labreel({"export", reel, "-o", picture}, folder.path());
    INFO(picture << ": " << exported.err);
    REQUIRE(exported.status == 0);
    CHECK(steering_in(folder.read(picture)) == "");
  }
  CHECK(folder.read("x.mmd").find("<img") == std::string::npos);

  ::setenv("LABREEL_REELS", folder.path().c_str(), 1);
  const std::vector<std::string> interfaces{build_dir() + "/recorder/extcap/labreel-extcap", "--extcap-interfaces"};
  check_harmless(interfaces, run_program(interfaces, folder.path()));
  ::unsetenv("LABREEL_REELS");
}

TEST_CASE("query --csv keeps the bytes for a file, and makes them harmless for a terminal", "[cli]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  const HostileReel made{folder / "a.reel"};
  const std::vector<std::string> query{"query", "a.reel", "SELECT name AS " + sql_quoted(name_of("n")) + " FROM marker", "--csv"};
  const auto piped = labreel(query, folder.path());
  INFO(piped.err);
  CHECK(piped.out.find('\x1b') != std::string::npos);

  std::vector<std::string> argv{labreel_binary()};
  argv.insert(argv.end(), query.begin(), query.end());
  TerminalProgram terminal{argv, folder.path()};
  CHECK(terminal.shows("PWN"));
  CHECK(terminal.wait() == 0);
  std::string screen = terminal.screen();
  std::erase(screen, '\r');  // the terminal's own
  CHECK(steering_in(screen) == "");
}

}  // namespace labreel::test
