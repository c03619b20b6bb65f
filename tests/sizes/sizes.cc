// A large reel over a year of lab time, or one of many nodes, and what each verb that reads it needs: time, and memory at its
// peak.
//
// Fails if a verb fails, prints another number of events, or needs more memory than it may: the bound is the same for any size.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/core/fabric.h"
#include "engine/os/system_call.h"
#include "store/reel_writer.h"
#include "tests/bench/made_reel.h"
#include "tests/places.h"

namespace labreel {
namespace {

using bench::must;
using bench::Stopwatch;

constexpr std::uint64_t kYear_ns = 365ULL * 24 * 3'600 * 1'000'000'000;
constexpr std::uint64_t kFewest = 100'000;  // frames: `events` prints 20,000 of them

struct Options {
  std::string folder;
  std::string mix = "IMIX";
  std::uint64_t frames = 10'000'000;
  std::uint64_t memory_max_mib = 256;
  std::uint32_t nodes = 0;  // more: a reel of so many nodes that come and go, instead of one of frames
};

struct Verb {
  std::string name;
  std::vector<std::string> arguments;  // behind the verb and the reel
  std::string says = {};               // must be in what it prints
  int status = 0;
};

struct Measured {
  int status = 0;
  double time_s = 0;
  std::uint64_t peak_mib = 0;
};

// Runs a program to its end, with what it prints in a file. Its peak is its own only because this process stays small.
Measured measure(const std::vector<std::string>& argv, const std::string& out) {
  const Stopwatch watch = Stopwatch::begin();
  const pid_t child = checked("fork", ::fork());
  if (child == 0) {
    const int to = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(to, 1);
    std::vector<char*> arguments;
    for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  checked("wait4", ::wait4(child, &status, 0, &usage));
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .time_s = watch.elapsed().wall_s,
          .peak_mib = static_cast<std::uint64_t>(usage.ru_maxrss) / 1024};
}

// Each node comes with a port; then all go.
void make_reel_of_nodes(const std::string& path, std::uint32_t nodes) {
  const auto writer = ReelWriter::create(path);
  std::uint64_t time_ns = 0;
  const auto add = [&](const EventBody& body) { writer->append(LabTime{++time_ns}, Seq{}, body); };
  add(LabBegun{"many", "name: many\n", "many.yml", 1, "real", kFabricVersion});
  for (std::uint32_t i = 0; i < nodes; ++i) {
    add(NodeAdded{NodeId{i}, fmt::format("n{}", i), "namespace", {}});
    add(PortAdded{PortId{i}, NodeId{i}, "eth0", {}});
  }
  for (std::uint32_t i = 0; i < nodes; ++i) {
    add(PortRemoved{PortId{i}});
    add(NodeRemoved{NodeId{i}});
  }
  add(LabEnded{"stopped"});
  writer->seal();
  must(writer->state().failure.empty(), "the reel could not be written");
}

// In a process of its own, whose memory is not ours.
void make_in_child(const std::string& path, const Options& options) {
  const pid_t child = checked("fork", ::fork());
  if (child == 0) {
    if (options.nodes > 0) {
      make_reel_of_nodes(path, options.nodes);
    } else {
      bench::make_reel(path, bench::mix_named(options.mix), options.frames,
                       kYear_ns / (options.frames / bench::kBatchFrames));
    }
    ::_exit(0);
  }
  int status = 0;
  checked("waitpid", ::waitpid(child, &status, 0));
  must(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the reel could not be made");
}

std::vector<Verb> verbs(const Options& options, const std::string& reel, const std::string& capture) {
  const std::uint64_t middle = options.frames / 2;
  const std::string events = std::to_string(options.frames);
  return {
      {"info", {"--json"}, fmt::format(R"("frames":{},)", events)},
      {"events", {"--filter", "ether src 02:00:00:00:00:07", "--from", std::to_string(middle), "--to",
                  std::to_string(middle + 20'000)}, "h7:eth0"},
      {"show", {"--at", std::to_string(middle), "--json"}, fmt::format(R"("at":{},)", middle)},
      {"show", {"--at", "+8000h", "--json"}, R"("nodes")"},
      {"show", {"--at", "end", "--json"}, R"("nodes")"},
      {"verify", {"--json"}, R"("identical":true)"},
      {"export", {"--once", "-o", capture}},
      {"check", {}, "whole"},
      {"query", {"SELECT count(*) AS n FROM frame", "--json"}, fmt::format(R"("n":{}}})", events)},
      {"query", {"SELECT from_port, reason, count(*) AS n FROM copy GROUP BY 1, 2 ORDER BY 3", "--csv"}, "h7:eth0"},
      {"query", {"SELECT seq FROM frame ORDER BY length, seq LIMIT 3", "--csv"}, "seq"},
      {"diff", {reel, "--json"}, R"("identical":true)"},
      {"diff", {reel, "--json", "--ignore", "time,order"}, R"("identical":true)"},
  };
}

std::vector<Verb> verbs_of_nodes(const Options& options, const std::string& reel, const std::string& picture) {
  const std::string all_there = std::to_string(2 * options.nodes + 1);
  return {
      {"info", {"--json"}, fmt::format(R"("events":{})", 4 * options.nodes + 2)},
      {"verify", {"--json"}, R"("identical":true)"},
      {"show", {"--at", all_there}, fmt::format("n{}:eth0", options.nodes - 1)},
      {"show", {"--at", "end", "--json"}, R"("nodes")"},
      {"export", {"--at", all_there, "-o", picture}},
      {"events", {}, "node.removed"},
      {"check", {}, "whole"},
      {"query", {"SELECT count(*) AS n FROM event", "--json"}, fmt::format(R"("n":{}}})", 4 * options.nodes + 2)},
      {"diff", {reel, "--json", "--ignore", "time,order"}, R"("identical":true)"},
  };
}

// Of the reel without its last tenth: what is before the cut, and exit code 3.
std::vector<Verb> verbs_of_cut() {
  return {{"query", {"SELECT count(*) AS n, max(seq) > 0 AS some FROM frame", "--json"}, R"("some":1)", 3}};
}

int run(const Options& options) {
  const bool has_frames = options.nodes == 0;
  must(options.frames >= kFewest, "a large reel has 100000 frames or more");
  const std::filesystem::path folder = options.folder;
  const std::string reel = folder / "large.reel";
  const std::string capture = folder / (has_frames ? "large.pcapng" : "large.mmd");
  const std::string out = folder / "out.txt";
  const Stopwatch watch = Stopwatch::begin();
  make_in_child(reel, options);
  fmt::print("made {} {}, {} MB, in {:.1f} s\n", has_frames ? options.frames : options.nodes,
             has_frames ? "frames" : "nodes", std::filesystem::file_size(reel) / 1'000'000, watch.elapsed().wall_s);
  bool good = true;
  const auto try_verb = [&](const Verb& verb) {
    std::vector<std::string> argv{test::labreel_binary(), verb.name, reel};
    argv.insert(argv.end(), verb.arguments.begin(), verb.arguments.end());
    const Measured measured = measure(argv, out);
    std::ifstream printed(out);
    const std::string text{std::istreambuf_iterator<char>{printed}, {}};
    std::string fault;
    if (measured.status != verb.status) fault = fmt::format("FAILED: exit {}", measured.status);
    if (text.find(verb.says) == text.npos) fault += fmt::format("FAILED: does not say {}", verb.says);
    if (measured.peak_mib > options.memory_max_mib) fault += fmt::format("FAILED: over {} MiB", options.memory_max_mib);
    good = good && fault.empty();
    fmt::print("{:7.2f} s {:5} MiB  {} {} {}\n", measured.time_s, measured.peak_mib, verb.name,
               fmt::join(verb.arguments, " "), fault);
    std::fflush(stdout);
    std::filesystem::remove(capture);
  };
  for (const Verb& verb : has_frames ? verbs(options, reel, capture) : verbs_of_nodes(options, reel, capture)) try_verb(verb);
  if (!has_frames) return good ? 0 : 1;
  std::filesystem::resize_file(reel, std::filesystem::file_size(reel) / 10 * 9);
  for (const Verb& verb : verbs_of_cut()) try_verb(verb);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace labreel

int main(int argc, char** argv) {
  labreel::Options options;
  CLI::App app{"Makes a large reel and measures the verbs that read it"};
  app.add_option("--frames", options.frames, "So many frames (10 million of IMIX are 4 GB)");
  app.add_option("--nodes", options.nodes, "A reel of so many nodes that come and go, instead");
  app.add_option("--mix", options.mix, "Lengths of frames: 64, IMIX or 1500");
  app.add_option("--memory-max", options.memory_max_mib, "A verb may have so many MiB");
  app.add_option("--folder", options.folder, "Where the reel is made; default: a folder that is removed");
  CLI11_PARSE(app, argc, argv);
  std::string made;
  if (options.folder.empty()) {
    made = (std::filesystem::temp_directory_path() / "labreel-sizes-XXXXXX").string();
    labreel::checked("make the folder " + made, ::mkdtemp(made.data()) == nullptr ? -1 : 0);
    options.folder = made;
  }
  const int status = labreel::run(options);
  if (!made.empty()) std::filesystem::remove_all(made);
  return status;
}
