// labreel export: a reel as a capture file that Wireshark and every libpcap tool can read.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/lab/lab_file.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/verbs/event_choice.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "recorder/version.h"
#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/export_packets.h"
#include "replay/info.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct ExportWords {
  EventChoice choice;
  std::string output;
  bool once = false;
  bool with_events = false;
};

enum class Format { pcapng, pcap };

Format format_of(const std::string& output) {
  const std::string ending = std::filesystem::path{output}.extension().string();
  if (output == "-" || ending == ".pcapng") return Format::pcapng;
  if (ending == ".pcap") return Format::pcap;
  throw VerbError(Error{ErrorKind::usage, fmt::format("no export for the ending `{}`", ending), output,
                        "it is one of .pcapng .pcap, or - for pcapng on stdout"});
}

// The file that is written; half of one does not stay behind.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path) : path_(path) {
    if (path == "-") return;
    fd_ = OwnedFd{checked("write " + path, ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666))};
  }
  ~OutputFile() {
    if (!fd_.is_open() || kept_) return;
    struct stat facts {};
    if (::fstat(fd_.get(), &facts) == 0 && S_ISREG(facts.st_mode)) ::unlink(path_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  int fd() const { return fd_.is_open() ? fd_.get() : STDOUT_FILENO; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  OwnedFd fd_;
  bool kept_ = false;
};

// "2026-11-24T02:00:00.123456789Z" as nanoseconds since 1970; nothing if it is not of that form.
std::optional<std::uint64_t> ns_of_utc(const std::string& utc) {
  tm date{};
  const char* const rest = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &date);
  if (rest == nullptr) return std::nullopt;
  std::uint64_t ns = static_cast<std::uint64_t>(::timegm(&date)) * 1'000'000'000U;
  std::uint64_t unit = 100'000'000;
  for (const char* digit = rest + 1; *rest == '.' && *digit >= '0' && *digit <= '9' && unit > 0; ++digit, unit /= 10) {
    ns += static_cast<std::uint64_t>(*digit - '0') * unit;
  }
  return ns;
}

// The addresses of the lab file, so that a capture shows r1 rather than 10.0.12.1.
std::vector<std::pair<std::string, std::string>> addresses_of(const std::string& lab_text,
                                                              const std::string& lab_name) {
  std::vector<std::pair<std::string, std::string>> addresses;
  const auto lab = parse_lab_file(lab_text, lab_name);
  if (!lab) return addresses;  // an older or newer lab file: names are a courtesy
  for (const NodeDef& node : lab->nodes) {
    for (const PortDef& port : node.ports) {
      for (const std::string& address : port.addresses) addresses.emplace_back(address, node.name);
    }
  }
  return addresses;
}

ExportOptions options_of(const ExportWords& words, const EventLog& log) {
  ExportOptions options;
  options.once = words.once;
  if (!words.choice.port.empty()) options.port = words.choice.port;
  options.from = words.choice.first(log);
  options.to = words.choice.last(log);
  if (!words.choice.filter.empty()) {
    const FrameFilter filter = value_or_throw(FrameFilter::compile(words.choice.filter));
    options.frame_passes = [filter](const Frame& frame) { return filter.passes(frame); };
    options.filter = words.choice.filter;
  }
  if (words.with_events) {
    auto json = std::make_shared<EventJson>();
    options.event_json = [json](const Event& event) { return json->line(event); };
  }
  const ReelInfo info = value_or_throw(summarise(log));
  if (info.begin_utc) options.begin_utc_ns = ns_of_utc(*info.begin_utc);
  options.program = std::string{"labreel "} + kProgramVersion;
  options.lab = info.lab;
  options.digest = info.digest;
  options.seed = info.seed;
  auto first = log.event_at(kFirstSeq);
  if (first) {
    if (const auto* begun = std::get_if<LabBegun>(&first->body)) {
      options.addresses = addresses_of(begun->lab_file, begun->lab_file_name);
    }
  }
  return options;
}

int export_reel(const ExportWords& words) {
  const Format format = format_of(words.output);
  const std::string path = choose_reel(words.choice.reel);
  const ReelReader reel = open_reel(path);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  const ExportOptions options = options_of(words, log);
  if (words.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    throw VerbError(Error{ErrorKind::usage,
                          "a capture is binary: it is not written to a terminal",
                          {},
                          "labreel export -o - | wireshark -k -i -"});
  }
  OutputFile file{words.output};
  FileSink sink{file.fd(), words.output};
  const auto first = log.events();
  const auto second = log.events();
  throw_unless_ok(format == Format::pcap ? export_pcap(*first, *second, options, sink)
                                         : export_pcapng(*first, *second, options, sink));
  file.keep();
  return kExitDone;
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<ExportWords>();
  CLI::App* const verb = app.add_subcommand("export", "Write a capture file: every port of the lab at once");
  words->choice.declare(*verb);
  verb->add_option("-o,--output", words->output, "FILE.pcapng, FILE.pcap, or - for stdout (pcapng)")->required();
  verb->add_flag("--once", words->once, "One packet a frame, at its sender");
  verb->add_flag("--with-events", words->with_events, "Commands and other events as packets of a second interface");
  verb->callback([words, &exit_code] { exit_code = export_reel(*words); });
}

}  // namespace labreel
