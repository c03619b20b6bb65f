#include "engine/core/suggest.h"

#include <catch2/catch.hpp>

using namespace labreel;

namespace {
const std::vector<std::string> kKeys{"delay", "jitter", "rate", "queue", "loss", "duplicate", "corrupt", "reorder"};
}

TEST_CASE("a typo is answered with the name it is nearest to", "[core]") {
  CHECK(nearest_name("dealy", kKeys) == "delay");
  CHECK(nearest_name("Delay", kKeys) == "delay");
  CHECK(nearest_name("los", kKeys) == "loss");
  CHECK(nearest_name("jiter", kKeys) == "jitter");
  CHECK(nearest_name("duplciate", kKeys) == "duplicate");
  CHECK(nearest_name("reoder", kKeys) == "reorder");
  const std::vector<std::string> nodes{"r1", "r2", "h1"};
  CHECK(nearest_name("r11", nodes) == "r1");
  CHECK(nearest_name("R2", nodes) == "r2");
  CHECK(did_you_mean("r4", nodes) == " (did you mean r1?)");
}

TEST_CASE("a swap of two letters counts as one edit", "[core]") {
  const std::vector<std::string> names{"abed", "abdc"};
  CHECK(nearest_name("abcd", names) == "abed");
  CHECK(nearest_name("bacd", std::vector<std::string>{"abcd"}) == "abcd");
}

TEST_CASE("a name that is near nothing is not answered", "[core]") {
  CHECK_FALSE(nearest_name("topology", kKeys));
  CHECK_FALSE(nearest_name("", kKeys));
  CHECK_FALSE(nearest_name("a", std::vector<std::string>{"b"}));
  CHECK_FALSE(nearest_name("x", std::vector<std::string>{}));
  CHECK_FALSE(nearest_name(std::string(100'000, 'd'), kKeys));
  CHECK(did_you_mean("bandwidth", kKeys).empty());
}
