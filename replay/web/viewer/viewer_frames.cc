// frame, flights, strip: what was sent, and what became of it.
#include <algorithm>
#include <array>

#include "engine/text/hex.h"
#include "replay/decode/decode.h"
#include "replay/projection/search.h"
#include "replay/summary/summary.h"
#include "replay/web/viewer/viewer_state.h"

namespace labreel {
namespace {

constexpr std::uint64_t kFlights_max = 10'000;
constexpr std::uint64_t kBuckets_max = 2048;
constexpr std::size_t kFrameBytesShown_max = 64U << 10U;

// Whether a copy of a frame is on its way at a time or later. One that was dropped at once is seen where that happened.
bool flies(const Copy& copy, const Event& event, LabTime from) { return std::max(copy.due, event.time) >= from; }

}  // namespace

Result<std::string> Viewer::State::frame(const JsonValue& request) {
  const auto seq = seq_in(request, "seq");
  if (!seq) return seq.error();
  const Names& names = names_.at(*seq);
  const auto event = log_.event_at(*seq);
  if (!event) return event.error();
  const auto* const frame = std::get_if<Frame>(&event->body);
  if (frame == nullptr) {
    return bad_request("event " + std::to_string(seq->value) + " is no frame: it is " + std::string(name_of(event->kind())),
                       "the row says what it is");
  }
  const Bytes shown = frame->bytes.first(std::min(frame->bytes.size(), kFrameBytesShown_max));
  JsonWriter json;
  json.begin_object().key("seq").value(seq->value).key("time_ns").value(event->time.ns);
  json.key("port").value(shown_text(names(frame->port))).key("bytes").value(to_hex(shown));
  json.key("captured").value(frame->bytes.size()).key("length").value(frame->length);
  json.key("class").value(name_of(survey_.class_of(*seq)));
  json.key("summary").value(shown_text(summarise_frame(frame->bytes, frame->length)));
  write_layers(json, decode_frame(frame->bytes));
  json.key("copies");
  write_copies(json, *event, *frame, names);
  return json.end_object().take();
}

// Returns how many copies were written.
std::size_t Viewer::State::write_flights(JsonWriter& json, const Event& event, LabTime from, std::size_t room) {
  const auto& frame = std::get<Frame>(event.body);
  std::size_t written = 0;
  for (std::uint32_t i = 0; i < frame.copies.size() && written < room; ++i) {
    const Copy& copy = frame.copies[i];
    if (!flies(copy, event, from)) continue;
    const Names& names = names_.at(event.seq);
    json.begin_object().key("seq").value(event.seq.value).key("from").value(shown_text(names(frame.port))).key("to");
    if (copy.port == kNoPort) {
      json.null();
    } else {
      json.value(shown_text(names(copy.port)));
    }
    json.key("sent_ns").value(event.time.ns).key("class").value(name_of(survey_.class_of(event.seq)));
    write_fate(json, event.seq, i, copy);
    json.end_object();
    ++written;
  }
  return written;
}

Result<std::string> Viewer::State::flights(const JsonValue& request) {
  const auto from_ns = number_in(request, "from_ns");
  if (!from_ns) return from_ns.error();
  const auto to_ns = number_in(request, "to_ns");
  if (!to_ns) return to_ns.error();
  const auto max = number_or(request, "max", kFlights_max);
  if (!max) return max.error();
  const LabTime from{*from_ns};
  const auto end = log_.last_at_or_before(LabTime{*to_ns});
  if (!end) return end.error();
  const auto room = static_cast<std::size_t>(std::min(*max, kFlights_max));
  std::size_t written = 0;
  bool more = false;
  JsonWriter json;
  json.begin_object().key("flights").begin_array();
  const std::vector<LabTime>& last_due = survey_.last_due();
  for (std::size_t block = 0; block < last_due.size() && !more; ++block) {
    const Seq first{block * Survey::kBlock_events + 1};
    if (first > *end) break;
    if (last_due[block] < from) continue;
    const Seq last{std::min({first.value + Survey::kBlock_events - 1, end->value, survey_.last().value})};
    const Status read = read_events(log_, first, last, [&](const Event& event) {
      if (!std::holds_alternative<Frame>(event.body)) return true;
      const auto& copies = std::get<Frame>(event.body).copies;
      const auto flying = std::count_if(copies.begin(), copies.end(), [&](const Copy& copy) { return flies(copy, event, from); });
      more = static_cast<std::size_t>(flying) > room - written;
      written += write_flights(json, event, from, room - written);
      if (more) return false;
      return true;
    });
    if (!read) return read.error();
  }
  return json.end_array().key("more").value(more).end_object().take();
}

Result<std::string> Viewer::State::strip(const JsonValue& request) {
  const auto asked = number_or(request, "buckets", kBuckets_max);
  if (!asked) return asked.error();
  const auto buckets = static_cast<std::size_t>(std::clamp<std::uint64_t>(*asked, 1, kBuckets_max));
  struct Bucket {
    std::array<std::uint64_t, kEventClassWords.size()> of{};
    std::uint64_t dropped = 0;
  };
  std::vector<Bucket> counts(buckets);
  const std::uint64_t from_ns = survey_.first_time().ns;
  const std::uint64_t width_ns = std::max<std::uint64_t>((survey_.last_time().ns - from_ns) / buckets, 1);
  const Status read = read_events(log_, kFirstSeq, survey_.last(), [&](const Event& event) {
    // What the division leaves over belongs to the last one.
    Bucket& bucket = counts[static_cast<std::size_t>(std::min<std::uint64_t>((event.time.ns - from_ns) / width_ns, buckets - 1))];
    ++bucket.of[static_cast<std::size_t>(survey_.class_of(event.seq))];
    if (survey_.is_drop(event.seq)) ++bucket.dropped;
    return true;
  });
  if (!read) return read.error();
  JsonWriter json;
  json.begin_object().key("from_ns").value(from_ns).key("to_ns").value(survey_.last_time().ns);
  json.key("bucket_ns").value(width_ns).key("buckets").begin_array();
  for (const Bucket& bucket : counts) {
    json.begin_object();
    for (std::size_t i = 0; i < bucket.of.size(); ++i) {
      if (bucket.of[i] != 0) json.key(kEventClassWords[i]).value(bucket.of[i]);
    }
    if (bucket.dropped != 0) json.key("dropped").value(bucket.dropped);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace labreel
