// What the files of OSPF share.
#pragma once

#include "replay/decode/protocols.h"

namespace labreel::decode {

void ospf_options_v2(Fields& fields);
void ospf_options_v3(Fields& fields);

// A link state advertisement's header, and what is in it: both take the next bytes, of which there is at least one.
void lsa_header_v2(Fields& fields);
void lsa_v2(Fields& fields);
void lsa_header_v3(Fields& fields);
void lsa_v3(Fields& fields);

extern const Words kLsaTypes_v2;
extern const Words kLsaTypes_v3;

}  // namespace labreel::decode
