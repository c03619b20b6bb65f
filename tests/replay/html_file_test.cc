// The page and a recording in one HTML file: what a browser unpacks is what the reel has, and no name breaks out of its place.
#include "replay/web/html_file.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "engine/text/json_reader.h"
#include "replay/web/built_page.h"

namespace labreel {
namespace {

constexpr const char* kPage =
    "<html><title>labreel</title><script>play()</script>"
    "<script type=\"application/labreel-recording\" id=\"recording\"></script></html>";

class TextSink final : public ByteSink {
 public:
  bool write(Bytes bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  std::string text;
};

EachPage these(const std::vector<std::string>& pages) {
  return [&pages](const std::function<Status(Bytes)>& see) -> Status {
    for (const std::string& page : pages)
      if (const Status seen = see(std::as_bytes(std::span{page})); !seen) return seen;
    return ok_status();
  };
}

std::string html_of(const RecordingFacts& facts, const std::vector<std::string>& pages) {
  TextSink sink;
  const Status written = write_html(kPage, facts, these(pages), sink);
  INFO((written ? "" : written.error().what));
  REQUIRE(written.ok());
  return sink.text;
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t from = text.find(before) + before.size();
  return text.substr(from, text.find(after, from) - from);
}

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  REQUIRE(EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(text.data()),
                          static_cast<int>(text.size())) == static_cast<int>(bytes.size()));
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  return bytes.substr(0, bytes.size() - padding);
}

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string bytes(16 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return bytes;
}

// The pieces of the stream, each behind its length; it must end with a length of 0.
std::vector<std::string> pieces_of(const std::string& html) {
  const std::string stream = gunzip(from_base64(between(html, "id=\"recording\">", "</script>")));
  std::vector<std::string> pieces;
  std::size_t at = 0;
  for (;;) {
    std::uint32_t length = 0;
    REQUIRE(stream.size() - at >= sizeof length);
    std::memcpy(&length, stream.data() + at, sizeof length);
    at += sizeof length;
    if (length == 0) break;
    REQUIRE(stream.size() - at >= length);
    pieces.push_back(stream.substr(at, length));
    at += length;
  }
  CHECK(at == stream.size());
  return pieces;
}

RecordingFacts facts_of(const std::string& lab) {
  return {.lab = lab, .file = lab + ".reel", .labreel = "1.2.3", .format_version = 2, .complete = true, .end = "sealed",
          .digest = "00ff", .at = Seq{7}, .notes = {{Seq{3}, "begin-utc", "{}"}}, .ports = {{"r1:eth1", {1500, {"10.0.0.1/24"}}}}};
}

}  // namespace

TEST_CASE("an HTML file has the facts and the pages, byte for byte, whatever their length") {
  std::string long_page(3'000'001, '\0');
  for (std::size_t i = 0; i < long_page.size(); ++i) long_page[i] = static_cast<char>(i * i >> 7U);
  for (const std::string& last : {std::string{"x"}, std::string{"xy"}, std::string{"xyz"}, long_page}) {
    const std::vector<std::string> pages{"first page", last};
    const std::string html = html_of(facts_of("two-hosts"), pages);
    const std::vector<std::string> pieces = pieces_of(html);
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0] == to_json(facts_of("two-hosts")));
    CHECK(pieces[1] == pages[0]);
    CHECK(pieces[2] == pages[1]);
    CHECK(html == html_of(facts_of("two-hosts"), pages));
  }
}

TEST_CASE("the facts of an HTML file are one JSON object with notes and ports") {
  const auto facts = read_json(to_json(facts_of("two-hosts")));
  REQUIRE(facts.ok());
  CHECK(facts->text_of("name") == "two-hosts");
  CHECK(facts->text_of("digest") == "00ff");
  CHECK(to_json(facts_of("x")).find(R"("notes":[{"seq":3,"kind":"begin-utc","value":"{}"}])") != std::string::npos);
  CHECK(to_json(facts_of("x")).find(R"("ports":[{"port":"r1:eth1","addresses":["10.0.0.1/24"],"mtu":1500}])") != std::string::npos);
  RecordingFacts cut_off = facts_of("x");
  cut_off.digest.reset();
  CHECK(to_json(cut_off).find(R"("digest":null)") != std::string::npos);
}

TEST_CASE("no lab's name gets out of the title, and the page is changed in its two places alone") {
  const std::string html = html_of(facts_of("</title><script>alert(1)</script>\x1b[2J"), {"page"});
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find('\x1b') == std::string::npos);
  CHECK(between(html, "<title>", "</title>") == "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J · labreel");
  CHECK(html.find("<script>play()</script>") != std::string::npos);
  CHECK(html.ends_with("</script></html>"));
}

TEST_CASE("what the pages' giver says ends an HTML file, and so does a page without a place for a recording") {
  TextSink sink;
  const EachPage fails = [](const std::function<Status(Bytes)>&) -> Status { return Error{ErrorKind::input, "page 3 is damaged"}; };
  const Status failed = write_html(kPage, facts_of("x"), fails, sink);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().what == "page 3 is damaged");
  CHECK_FALSE(write_html("<html><title>labreel</title></html>", facts_of("x"), these({}), sink).ok());
  CHECK_FALSE(write_html("<html></html>", facts_of("x"), these({}), sink).ok());
}

TEST_CASE("the page in this program has the places that a recording fills") {
  TextSink sink;
  CHECK(write_html(built_page(), facts_of("x"), these({"page"}), sink).ok());
  CHECK(sink.text.size() > built_page().size());
}

}  // namespace labreel
