#include "store/format/canonical_codec.h"

#include "store/body_limits.h"
#include "store/body_reader.h"
#include "store/format/event_structs.h"

namespace labreel::canonical {

Result<EventBody> decode(std::uint8_t kind, Bytes payload) {
  if (std::optional<EventBody> unknown = unknown_note(kind, payload)) return std::move(*unknown);
  if (const Status sized = check_body_size(payload); !sized) return sized.error();
  Message message{payload, traversal_words_max(payload)};
  BodyReader<Structs, Message> reader{message};
  EventBody body = reader.get(static_cast<EventKind>(kind));
  if (message.fault() != nullptr) return Error{ErrorKind::input, std::string("an event's body is damaged: ") + message.fault()};
  if (reader.bad()) return Error{ErrorKind::input, *reader.bad()};
  return body;
}

}  // namespace labreel::canonical
