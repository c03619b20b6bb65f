// What the files of BGP share.
#pragma once

#include "replay/decode/protocols.h"

namespace labreel::decode {

// The path attributes of an UPDATE: all bytes that are left.
void bgp_attributes(Fields& fields);
// One prefix: its length in bits, then as many bytes as that needs.
void bgp_prefix(Fields& fields, bool is_ipv6, std::string_view name, std::string_view label);

extern const Words kAddressFamilies;
extern const Words kSubsequentFamilies;

}  // namespace labreel::decode
