#include "replay/web/html_file.h"

#include <array>
#include <bit>
#include <cstring>
#include <new>
#include <span>

#define ZLIB_CONST
#include <zlib.h>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::string_view kTitle = "<title>labreel</title>";
constexpr std::string_view kRecording = R"(<script type="application/labreel-recording" id="recording"></script>)";
constexpr std::string_view kElementEnd = "</script>";

// Text of base64, without line breaks. Source: RFC 4648 section 4.
class Base64 {
 public:
  explicit Base64(OutputBuffer& out) : out_(out) {}

  void put(Bytes bytes) {
    for (const std::byte byte : bytes) {
      group_ = group_ << 8U | std::to_integer<std::uint32_t>(byte);
      if (++held_ == 3) put_group();
    }
  }
  void finish() {
    if (held_ == 0) return;
    const unsigned given = held_;
    for (; held_ < 3; ++held_) group_ <<= 8U;
    put_group(given);
  }
  std::uint64_t written_bytes() const { return written_; }

 private:
  void put_group(unsigned given = 3) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<char, 4> text{'=', '=', '=', '='};
    for (unsigned digit = 0; digit <= given; ++digit) text[digit] = kDigits[group_ >> (18 - 6 * digit) & 0x3fU];
    out_.put(std::string_view{text.data(), text.size()});
    written_ += text.size();
    group_ = 0;
    held_ = 0;
  }

  OutputBuffer& out_;
  std::uint32_t group_ = 0;
  unsigned held_ = 0;
  std::uint64_t written_ = 0;
};

// What every browser unpacks by itself; the same bytes each time. Source: RFC 1952.
class Gzip {
 public:
  explicit Gzip(Base64& out) : out_(out) {
    constexpr int kLevel = 9;
    constexpr int kWindowAsGzip = 15 + 16;
    constexpr int kMemory = 9;
    if (::deflateInit2(&stream_, kLevel, Z_DEFLATED, kWindowAsGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
  }
  ~Gzip() { ::deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void put(Bytes bytes) {
    constexpr std::size_t kPiece = 1U << 30U;  // zlib counts in 32 bits
    for (; bytes.size() > kPiece; bytes = bytes.subspan(kPiece)) deflate(bytes.first(kPiece), Z_NO_FLUSH);
    deflate(bytes, Z_NO_FLUSH);
  }
  void put_length(std::size_t length) {
    const auto words = static_cast<std::uint32_t>(length);
    static_assert(std::endian::native == std::endian::little);
    put(std::as_bytes(std::span{&words, 1}));
  }
  void finish() { deflate({}, Z_FINISH); }

 private:
  void deflate(Bytes bytes, int flush) {
    stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      std::array<std::byte, 16'384> packed;
      stream_.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream_.avail_out = packed.size();
      ::deflate(&stream_, flush);  // cannot fail: the stream is sound, and there is room
      out_.put(Bytes{packed}.first(packed.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

  Base64& out_;
  z_stream stream_{};
};

std::string escaped_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

Status write_recording(const std::string& facts, const EachPage& each_page, OutputBuffer& out) {
  Base64 base64{out};
  Gzip gzip{base64};
  gzip.put_length(facts.size());
  gzip.put(std::as_bytes(std::span{facts}));
  const Status all = each_page([&](Bytes page) -> Status {
    gzip.put_length(page.size());
    gzip.put(page);
    if (base64.written_bytes() <= kHtmlRecording_max) return ok_status();
    return Error{ErrorKind::usage, "the recording is too long for a browser: an HTML file holds " +
                                       std::to_string(kHtmlRecording_max >> 20U) + " MiB of it", {},
                 "record less, or share the reel itself: `labreel pack`"};
  });
  if (!all) return all;
  gzip.put_length(0);
  gzip.finish();
  base64.finish();
  return ok_status();
}

}  // namespace

std::string to_json(const RecordingFacts& facts) {
  JsonWriter json;
  json.begin_object().key("name").string_or_hex(facts.lab).key("file").string_or_hex(facts.file).key("labreel").value(facts.labreel);
  json.key("format_version").value(facts.format_version).key("complete").value(facts.complete).key("end").value(facts.end);
  json.key("digest");
  facts.digest ? json.value(*facts.digest) : json.null();
  json.key("at").value(facts.at.value);
  json.key("notes").begin_array();
  for (const HostNote& note : facts.notes) {
    json.begin_object().key("seq").value(note.after.value).key("kind").value(note.kind).key("value").value(note.detail).end_object();
  }
  json.end_array().key("ports").begin_array();
  for (const auto& [name, port] : facts.ports) {
    json.begin_object().key("port").string_or_hex(name).key("addresses").begin_array();
    for (const std::string& address : port.addresses) json.value(address);
    json.end_array().key("mtu").value(port.interface_mtu).end_object();
  }
  json.end_array();
  return json.end_object().take();
}

Status write_html(std::string_view page, const RecordingFacts& facts, const EachPage& each_page, ByteSink& sink) {
  const std::size_t title = page.find(kTitle);
  const std::size_t recording = page.find(kRecording);
  if (title == std::string_view::npos || recording == std::string_view::npos || title > recording) {
    return Error{ErrorKind::input, "the page has no place for a recording"};
  }
  OutputBuffer out{sink};
  out.put(page.substr(0, title));
  out.put(std::string_view{"<title>" + escaped_html(printable(facts.lab)) + " · labreel</title>"});
  const std::size_t behind_title = title + kTitle.size();
  const std::size_t inside = recording + kRecording.size() - kElementEnd.size();
  out.put(page.substr(behind_title, inside - behind_title));
  if (const Status written = write_recording(to_json(facts), each_page, out); !written) return written;
  out.put(page.substr(inside));
  out.flush();
  return ok_status();
}

}  // namespace labreel
