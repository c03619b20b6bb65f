// decode() of store/codec.h where there is no Cap'n Proto.
#include "store/codec.h"

#include "store/format/canonical_codec.h"

namespace labreel {

Result<EventBody> decode(std::uint8_t kind, Bytes payload) { return canonical::decode(kind, payload); }

}  // namespace labreel
