// Each kind of node that this version has can be started here, and tried by the doctor.
#include "recorder/session/kinds.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace labreel;

TEST_CASE("each kind of node has a driver and a check of the doctor's, once", "[session]") {
  CHECK(kind_parts().size() == kNodeKinds.size());
  for (const NodeKindFacts& facts : kNodeKinds) {
    CAPTURE(NodeKind(facts.kind).text());
    const auto is_it = [&](const KindParts& parts) { return parts.kind == facts.kind; };
    CHECK(std::count_if(kind_parts().begin(), kind_parts().end(), is_it) == 1);
    CHECK_FALSE(facts.instead_of_image.empty());
  }
  for (const KindParts& parts : kind_parts()) {
    CHECK(parts.make_driver != nullptr);
    CHECK(parts.check != nullptr);
  }
}
