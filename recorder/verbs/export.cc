// labreel export: a reel as a capture file that Wireshark and every libpcap tool can read, as lines of JSON, the lab at a
// position as a lab file or a picture, or a page that plays the recording.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>

#include "recorder/pack/unpack_files.h"
#include "recorder/verbs/capture_options.h"
#include "recorder/verbs/event_choice.h"
#include "recorder/verbs/export_html.h"
#include "recorder/verbs/export_lab.h"
#include "recorder/verbs/output_file.h"
#include "recorder/verbs/output_folder.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/anonymise/anonymising_writer.h"
#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/export_packets.h"
#include "replay/pcap_writer.h"
#include "replay/pcapng_writer.h"
#include "replay/per_port_writer.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct ExportWords {
  EventChoice choice;
  std::string output;
  std::string at;
  std::string key;
  bool anonymise = false;
  bool once = false;
  bool all_ports = false;
  bool with_events = false;
  bool per_port = false;
  bool force = false;
};

enum class Format { pcapng, pcap, ndjson, lab, html };

Format format_of(const std::string& output) {
  const std::string ending = std::filesystem::path{output}.extension().string();
  if (output == "-" || ending == ".pcapng") return Format::pcapng;
  if (ending == ".pcap") return Format::pcap;
  if (ending == ".ndjson") return Format::ndjson;
  if (ending == ".html") return Format::html;
  if (lab_format_of(output)) return Format::lab;
  if (is_pipe_or_device(output)) return Format::pcapng;
  throw VerbError(Error{ErrorKind::usage, fmt::format("no export for the ending `{}`", ending), output,
                        "it is one of .pcapng .pcap .ndjson .html .yml .clab.yml .dot .mmd, or - for pcapng on stdout"});
}

ExportOptions options_of(const ExportWords& words, const EventLog& log) {
  ExportOptions options = capture_options(words.choice, log);
  options.once = words.once;
  options.all_ports = words.all_ports;
  if (words.with_events) {
    options.event_json = events_for_captures();
  }
  return options;
}

// The lines of `events --json --payload`.
void export_lines(EventFilter& filter, const EventLog& log, const std::string& path, ByteSink& sink) {
  OutputBuffer out{sink};
  EventJson json{true};
  Progress progress{"export", log.last().value};
  ProgressSource source{log.events(), progress};
  Event event;
  while (value_or_throw(source.next(event), path) && !filter.is_past(event) && !out.closed()) {
    if (!filter.passes(event)) {
      json.observe(event);
      continue;
    }
    out.put(std::string_view{json.line(event) + '\n'});
  }
  out.flush();
}

// The key that was given, in words or in a file, or one that nobody knows.
PseudonymKey key_of(const std::string& words) {
  if (words.empty()) return random_pseudonym_key();
  if (auto key = parse_pseudonym_key(words)) return *key;
  std::ifstream file{words};
  std::string text;
  if (!(file >> text)) {
    throw VerbError(Error{ErrorKind::usage, "a key is 32 hex digits, or a file that holds them", "--key",
                          "openssl rand -hex 16 > KEYFILE makes one"});
  }
  return value_or_throw(parse_pseudonym_key(text), words);
}

// With pseudonyms if there is a key; says on a terminal how far it is.
ExportCounts write_packets(const EventLog& log, const ExportOptions& options, const std::optional<PseudonymKey>& key,
                           PacketWriter& writer) {
  std::optional<AnonymisingWriter> anonymous;
  if (key) anonymous.emplace(writer, *key);
  Progress progress{"export", log.last().value};
  ExportCounts counts;
  throw_unless_ok(export_packets(ProgressLog{log, progress}, options, anonymous ? static_cast<PacketWriter&>(*anonymous) : writer, &counts));
  progress.hide();
  return counts;
}

void export_capture(const ExportOptions& options, const EventLog& log, Format format,
                    const std::optional<PseudonymKey>& key, ByteSink& sink) {
  std::unique_ptr<PacketWriter> file;
  if (format == Format::pcap) {
    file = std::make_unique<PcapWriter>(sink);
  } else {
    file = std::make_unique<PcapngWriter>(sink);
  }
  const ExportCounts counts = write_packets(log, options, key, *file);
  say(fmt::format("{} packets", counts.packets));
  if (counts.left_out == 0) return;
  say(fmt::format("each TCP packet stands once, at the port where its conversation was first seen: {} more at other ports "
                  "left out (--all-ports has them)",
                  counts.left_out));
}

// Only frames can be anonymised: all else in a reel is text that somebody wrote.
void refuse_unfitting_pseudonyms(const ExportWords& words, Format format) {
  if (!words.anonymise && !words.key.empty()) {
    throw VerbError(Error{ErrorKind::usage, "--key is for --anonymise", {}, "add --anonymise"});
  }
  if (!words.anonymise) return;
  if (format != Format::pcap && format != Format::pcapng) {
    throw VerbError(Error{ErrorKind::usage,
                          "--anonymise is for captures: commands and what they print cannot be anonymised",
                          words.output, "export to .pcapng or .pcap"});
  }
  if (words.with_events) {
    throw VerbError(Error{ErrorKind::usage, "--with-events would show commands as they are: they cannot be anonymised",
                          words.output, "leave --with-events out"});
  }
}

// A lab file and a picture are of one moment, an HTML file is of the whole recording, everything else of all that passes.
void refuse_unfitting_position(const ExportWords& words, Format format) {
  const EventChoice& choice = words.choice;
  if (format != Format::lab && format != Format::html && !words.at.empty()) {
    throw VerbError(Error{ErrorKind::usage, "--at is for lab files, pictures and HTML files", words.output,
                          "--from and --to choose events"});
  }
  const bool chooses = !choice.filter.empty() || !choice.port.empty() || !choice.from.empty() || !choice.to.empty();
  if (format == Format::lab && (chooses || words.once || words.with_events)) {
    throw VerbError(Error{ErrorKind::usage,
                          "--filter, --port, --from, --to, --once and --with-events are for frames and events",
                          words.output, "a lab file or a picture is of one position: --at"});
  }
  if (format == Format::html && (chooses || words.once || words.with_events || words.all_ports)) {
    throw VerbError(Error{ErrorKind::usage, "an HTML file has the whole recording: it proves itself from its first event on",
                          words.output, "leave out what chooses packets and events; --at says where the page opens"});
  }
}

void refuse_unfitting(const ExportWords& words, Format format) {
  refuse_unfitting_position(words, format);
  refuse_unfitting_pseudonyms(words, format);
  if (format != Format::ndjson || !(words.once || words.with_events)) return;
  throw VerbError(Error{ErrorKind::usage, fmt::format("{} is for captures", words.once ? "--once" : "--with-events"),
                        words.output, "a file of JSON lines has every event anyway, each once"});
}

// The folder that the output will lie in.
std::string folder_of(const std::string& output) {
  const std::string folder = std::filesystem::path{output}.parent_path().string();
  return folder.empty() ? "." : folder;
}

// A reel that is still recorded has no packed files yet.
std::optional<PackedFiles> packed_files_of(const std::string& path) {
  if (ReelReader::live_recorder_of(path)) return std::nullopt;
  return value_or_throw(PackedFiles::open(path));
}

LabExport lab_export_of(const ExportWords& words, const EventLog& log, const std::string& path) {
  const std::optional<PackedFiles> packed = packed_files_of(path);
  return lab_export(log, path, *lab_format_of(words.output),
                    {words.at, folder_of(words.output), packed ? &*packed : nullptr});
}

// Node files first: a lab file that is there is one that runs.
void write_lab(const LabExport& lab, const ExportWords& words, const std::string& path, ByteSink& sink) {
  if (!lab.files.empty()) {
    const std::optional<PackedFiles> packed = packed_files_of(path);
    throw_unless_ok(unpack_some_files(*packed, lab.files, folder_of(words.output),
                                      words.force ? ExistingFiles::replace : ExistingFiles::refuse));
    say(fmt::format("{} node file{} of the reel beside it", lab.files.size(), lab.files.size() == 1 ? "" : "s"));
  }
  OutputBuffer out{sink};
  out.put(std::string_view{lab.text});
  out.flush();
}

// What was asked for, ready to be written; it returns the exit code. What is wrong with the words is thrown here, before a file is touched.
std::function<int(ByteSink&)> writer_of(const ExportWords& words, Format format, const ReelReader& reel, const EventLog& log,
                                         const std::string& path) {
  if (format == Format::ndjson) {
    auto filter = std::make_shared<EventFilter>(words.choice.event_filter(log));
    return [filter, &log, &path](ByteSink& sink) { return export_lines(*filter, log, path, sink), kExitDone; };
  }
  if (format == Format::html) {
    return [&words, &reel, &path](ByteSink& sink) { return export_html(reel, path, words.at, words.output, sink); };
  }
  if (format == Format::lab) {
    auto lab = std::make_shared<LabExport>(lab_export_of(words, log, path));
    return [lab, &words, &path](ByteSink& sink) { return write_lab(*lab, words, path, sink), kExitDone; };
  }
  std::optional<PseudonymKey> key;
  if (words.anonymise) key = key_of(words.key);
  return [options = options_of(words, log), format, key, &log](ByteSink& sink) {
    export_capture(options, log, format, key, sink);
    return kExitDone;
  };
}

// One file a port, each as tcpdump at that port would have written it.
int export_ports(const ExportWords& words) {
  if (!words.choice.port.empty() || !words.at.empty() || words.with_events) {
    throw VerbError(Error{ErrorKind::usage, "--per-port has every port in a file of its own, and frames only", words.output,
                          "leave out --port, --at and --with-events"});
  }
  std::optional<PseudonymKey> key;
  if (words.anonymise) key = key_of(words.key);
  const std::string path = choose_reel(words.choice.reel);
  OutputFolder folder{words.output, words.force};
  const ReelReader reel = open_reel(path, words.output);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  ExportOptions options = options_of(words, log);
  options.all_ports = true;
  PerPortWriter files{[&](const std::string& name) {
    return std::make_unique<FileSink>(folder.create(name), words.output + "/" + name);
  }};
  const ExportCounts counts = write_packets(log, options, key, files);
  folder.keep();
  say(fmt::format("{}: {} packets in {} files, one a port", words.output, counts.packets, folder.count()));
  return kExitDone;
}

int export_reel(const ExportWords& words) {
  if (words.per_port) return export_ports(words);
  const Format format = format_of(words.output);
  refuse_unfitting(words, format);
  const std::string path = choose_reel(words.choice.reel);
  if (words.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    throw VerbError(Error{ErrorKind::usage,
                          "a capture is binary: it is not written to a terminal",
                          {},
                          "labreel export -o - | wireshark -k -i -"});
  }
  OutputFile file{words.output, words.force};
  // A lab file's node files are made beside it, once it is known which.
  const auto lab_format = lab_format_of(words.output);
  const bool has_files = lab_format == LabFormat::lab_file || lab_format == LabFormat::containerlab;
  const ReelReader reel = open_reel(path, has_files ? folder_of(words.output) : std::string{});
  warn_of_end(path, reel);
  const ReelLog log{reel};
  const auto write_to = writer_of(words, format, reel, log, path);
  file.begin();
  FileSink sink{file.fd(), words.output};
  const int exit_code = write_to(sink);
  file.keep();
  if (words.anonymise)
    say("addresses are pseudonyms and payloads are cut off; the names of nodes and ports are as they are");
  return exit_code;
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<ExportWords>();
  CLI::App* const verb =
      app.add_subcommand("export", "Write a capture file, every port of the lab at once; the lab at a position; or a page that plays it");
  words->choice.declare(*verb);
  verb->add_option("-o,--output", words->output,
                   "FILE.pcapng, .pcap, .ndjson, .html (a page that plays it), .yml (lab file), .clab.yml (containerlab), .dot, "
                   ".mmd, or - for stdout (pcapng)")
      ->required();
  verb->add_option("--at", words->at, "Of a lab file or picture: a seq, a marker, +12.5s, or end (the default); of an HTML file: where it opens");
  auto* const all = verb->add_flag("--all-ports", words->all_ports,
                                   "TCP, too, at every port that it crosses; without, each TCP packet stands once");
  auto* const once = verb->add_flag("--once", words->once, "One packet a frame, at its sender")->excludes(all);
  verb->add_flag("--per-port", words->per_port, "One file a port, in the folder that -o names: DIR/r1_eth1.pcapng")
      ->excludes(once);
  verb->add_flag(
      "--anonymise", words->anonymise,
      "Pseudonyms for MAC and IP addresses, with the same prefixes in common; payloads are cut off; names stay");
  verb->add_option("--key", words->key,
                   "The same key gives the same pseudonyms: 32 hex digits, or a file of them; it is secret");
  verb->add_flag("--force", words->force, "Replace files that are there");
  verb->add_flag("--with-events", words->with_events, "Commands and other events as packets of a second interface");
  verb->callback([words, &exit_code] { exit_code = export_reel(*words); });
}

}  // namespace labreel
