#include "replay/web/viewer/facts.h"

#include "engine/text/json_reader.h"

namespace labreel {
namespace {

Error not_facts(const std::string& what) {
  return Error{ErrorKind::input, "the recording's facts are damaged: " + what, {}, "the stream begins with them, as JSON"};
}

}  // namespace

Result<ViewerFacts> facts_of(std::string_view text) {
  const auto json = read_json(text);
  if (!json) return not_facts(json.error().what);
  if (json->kind() != JsonValue::Kind::object) return not_facts("they are no object");
  ViewerFacts facts;
  facts.name = json->text_of("name").value_or("");
  facts.file = json->text_of("file").value_or("");
  facts.labreel = json->text_of("labreel").value_or("");
  facts.format_version = json->number_of<std::uint32_t>("format_version").value_or(0);
  facts.complete = json->truth_of("complete").value_or(false);
  facts.end = json->text_of("end").value_or("");
  facts.at = Seq{json->number_of<std::uint64_t>("at").value_or(0)};
  facts.digest = json->text_of("digest");
  if (const JsonValue* const notes = json->find("notes")) {
    for (const JsonValue& note : notes->elements()) {
      const auto seq = note.number_of<std::uint64_t>("seq");
      const auto kind = note.text_of("kind");
      const auto value = note.text_of("value");
      if (!seq || !kind || !value) return not_facts("a note lacks seq, kind or value");
      facts.notes.push_back({Seq{*seq}, *kind, *value});
    }
  }
  if (const JsonValue* const ports = json->find("ports")) {
    for (const JsonValue& port : ports->elements()) {
      const auto name = port.text_of("port");
      if (!name) continue;  // one that is no text: no event can name it either
      RecordedPort& recorded = facts.ports[*name];
      recorded.interface_mtu = port.number_of<std::uint32_t>("mtu").value_or(0);
      const JsonValue* const addresses = port.find("addresses");
      if (addresses == nullptr) continue;
      for (const JsonValue& address : addresses->elements()) {
        if (address.text() == nullptr) return not_facts("an address is no text");
        recorded.addresses.push_back(*address.text());
      }
    }
  }
  return facts;
}

}  // namespace labreel
