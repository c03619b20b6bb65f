#include "prefix.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "store/format.h"
#include "store/reel_check.h"

namespace labreel {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(content).str();
}

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "crash-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!kept_) std::filesystem::remove_all(path_, ignored);
}

Prefix read_prefix(const std::string& path, const Load& load) {
  Prefix prefix;
  const Result<ReelReader> reader = ReelReader::open(path);
  if (!reader) {
    prefix.complaint = "the reel cannot be opened: " + reader.error().place + ": " + reader.error().what;
    return prefix;
  }
  prefix.end = reader->end();
  ReelReader::Cursor cursor = reader->events();
  Event event{};
  for (;;) {
    const Result<bool> more = cursor.next(event);
    if (!more) {
      if (!prefix.end.damage) prefix.complaint = "an error that the end did not announce: " + more.error().what;
      break;
    }
    if (!*more) break;
    if (event.seq.value != prefix.events + 1) {
      prefix.complaint = "event " + number(event.seq.value) + " follows event " + number(prefix.events);
      return prefix;
    }
    prefix.events = event.seq.value;
    if (!load.is(event)) {
      prefix.complaint = "event " + number(prefix.events) + " is not what was appended";
      return prefix;
    }
  }
  if (prefix.events != prefix.end.last.value) {
    prefix.complaint = "the reader promised " + number(prefix.end.last.value) + " events and gave " + number(prefix.events);
  }
  if (prefix.events == 0 || !prefix.complaint.empty()) return prefix;
  const std::string expected = load.digest_at(prefix.events);
  const Result<Digest> digest = reader->digest_at(Seq{prefix.events});
  if (!digest) prefix.complaint = "the digest cannot be computed: " + digest.error().what;
  else if (*digest != expected) prefix.complaint = "the digest is wrong";
  const std::optional<Digest> recorded = reader->recorded_digest();
  if (prefix.end.complete && recorded != expected) prefix.complaint = "the digest in the sealed reel is wrong";
  return prefix;
}

Complaint check_complaint(const std::string& path, const Prefix& prefix, const Load& load) {
  const Result<ReelReport> report = check_reel(path);
  if (!report) return "check gives up: " + report.error().what;
  if (!report->findings.empty()) return "check finds: " + report->findings[0].place + ": " + report->findings[0].what;
  if (report->events != prefix.events) return "check counts " + number(report->events) + " events";
  if (prefix.events > 0 && report->digest != load.digest_at(prefix.events)) return "check computes a wrong digest";
  if (report->complete != prefix.end.complete) return "check and the reader do not agree on the end";
  return {};
}

Complaint repair_complaint(const std::string& path, const std::string& output, const Prefix& prefix, const Load& load) {
  const std::string before = content_of(path) + content_of(journal_path_of(path)) + content_of(ring_path_of(path));
  const Result<ReelReport> report = repair_reel(path, output);
  if (!report) return "repair gives up: " + report.error().what;
  if (!report->findings.empty()) return "repair finds: " + report->findings[0].place + ": " + report->findings[0].what;
  if (content_of(path) + content_of(journal_path_of(path)) + content_of(ring_path_of(path)) != before) {
    return "repair changed the original";
  }
  const Prefix repaired = read_prefix(output, load);
  if (!repaired.complaint.empty()) return "the repaired reel: " + repaired.complaint;
  if (!repaired.end.complete) return "the repaired reel is not sealed: " + repaired.end.why;
  if (repaired.events != prefix.events) return "the repaired reel has " + number(repaired.events) + " events";
  return check_complaint(output, repaired, load);
}

}  // namespace labreel
