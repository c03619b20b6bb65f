// HTTP/1: start lines and headers, where a segment begins with them. Source: RFC 9112.
#include <algorithm>
#include <array>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::array<std::string_view, 9> kMethods{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

struct HeaderName {
  std::string_view header;  // in lower case
  std::string_view name, label;
};
constexpr std::array kHeaders{HeaderName{"host", "http.host", "Host"},
                              HeaderName{"user-agent", "http.user_agent", "User-Agent"},
                              HeaderName{"accept", "http.accept", "Accept"},
                              HeaderName{"server", "http.server", "Server"},
                              HeaderName{"date", "http.date", "Date"},
                              HeaderName{"connection", "http.connection", "Connection"},
                              HeaderName{"location", "http.location", "Location"},
                              HeaderName{"content-type", "http.content_type", "Content-Type"},
                              HeaderName{"content-length", "http.content_length_header", "Content-Length"},
                              HeaderName{"last-modified", "http.last_modified", "Last-Modified"}};

// The next word up to a blank or the line's end; what is read with it stays unread.
std::string_view word_ahead(Fields& fields) {
  const std::string_view rest = as_text(fields.rest());
  return rest.substr(0, std::min(rest.find_first_of(" \r\n"), rest.size()));
}

std::size_t line_bytes(Fields& fields) {
  const std::string_view rest = as_text(fields.rest());
  const std::size_t end = rest.find('\n');
  return end == std::string_view::npos ? rest.size() : end + 1;
}

void request_line(Fields& fields) {
  fields.text(word_ahead(fields).size(), "http.request.method", "Request Method");
  fields.skip(1);
  fields.text(word_ahead(fields).size(), "http.request.uri", "Request URI");
  fields.skip(1);
  fields.text(word_ahead(fields).size(), "http.request.version", "Request Version");
}

void status_line(Fields& fields) {
  fields.text(word_ahead(fields).size(), "http.response.version", "Response Version");
  fields.skip(1);
  fields.text(word_ahead(fields).size(), "http.response.code", "Status Code");
  fields.skip(1);
  const std::string_view rest = as_text(fields.rest());
  fields.text(std::min(rest.find_first_of("\r\n"), rest.size()), "http.response.phrase", "Response Phrase");
}

void header(Fields& fields, std::size_t size) {
  const Bytes line = fields.rest().first(size);
  const std::string_view text = as_text(line);
  const std::size_t colon = text.find(':');
  std::string key{text.substr(0, std::min(colon, text.size()))};
  std::transform(key.begin(), key.end(), key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  const auto* const known = std::find_if(kHeaders.begin(), kHeaders.end(), [&](const HeaderName& one) { return one.header == key; });
  if (colon != std::string_view::npos && known != kHeaders.end()) {
    std::string_view value = text.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
    fields.note(known->name, known->label, printable(value), line);
  }
  fields.skip(size);
}

}  // namespace

void http(Walk& walk, Bytes bytes) {
  const std::string_view text = as_text(bytes);
  const std::string_view first = text.substr(0, std::min(text.find(' '), text.size()));
  const bool is_request = std::find(kMethods.begin(), kMethods.end(), first) != kMethods.end();
  const bool is_response = first.starts_with("HTTP/1.");
  if (!is_request && !is_response) return data(walk, bytes);
  Fields fields{walk, bytes, "http", "Hypertext Transfer Protocol"};
  fields.add_to_title(is_request ? ", request" : ", response");
  fields.within(line_bytes(fields), [&] { is_request ? request_line(fields) : status_line(fields); });
  while (fields.left() > 0) {
    const std::size_t size = line_bytes(fields);
    const bool is_end = as_text(fields.rest().first(size)).find_first_not_of("\r\n") == std::string_view::npos;
    is_end ? static_cast<void>(fields.skip(size)) : header(fields, size);
    if (is_end) break;
  }
  data(walk, fields.rest());
}

}  // namespace labreel::decode
