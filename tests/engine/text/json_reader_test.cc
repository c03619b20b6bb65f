#include "engine/text/json_reader.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

#include "engine/text/json_writer.h"

namespace labreel {
namespace {

std::string error_of(std::string_view text, const JsonLimits& limits = {}) {
  const Result<JsonValue> value = read_json(text, limits);
  return value ? "" : value.error().place + ": " + value.error().what;
}

}  // namespace

TEST_CASE("JSON of every kind is read as it is written", "[json]") {
  const std::string text = R"({"a":[1,-2.5e+3,true,false,null],"b":{},"c":[],"d":{"e":"f"}})";
  const Result<JsonValue> value = read_json(text);
  REQUIRE(value);
  CHECK(to_json(*value) == text);
  CHECK(to_json(*read_json(" [ 1 ,\t{ \"a\" :\r\n 2 } ] ")) == R"([1,{"a":2}])");
}

TEST_CASE("a member is found by its key and asked for by its kind", "[json]") {
  const Result<JsonValue> value = read_json(R"({"text":"x","number":7,"truth":true,"null":null})");
  REQUIRE(value);
  CHECK(value->text_of("text") == "x");
  CHECK(value->number_of<std::uint8_t>("number") == 7);
  CHECK(value->truth_of("truth") == true);
  CHECK_FALSE(value->text_of("number"));
  CHECK_FALSE(value->number_of<int>("text"));
  CHECK_FALSE(value->truth_of("null"));
  CHECK(value->find("nothing") == nullptr);
  CHECK(value->find("null")->kind() == JsonValue::Kind::null);
}

TEST_CASE("a JSON number is read whole or not at all", "[json]") {
  CHECK(read_json("18446744073709551615")->number<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
  CHECK(read_json("-9223372036854775808")->number<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(read_json("18446744073709551616")->number<std::uint64_t>());
  CHECK_FALSE(read_json("256")->number<std::uint8_t>());
  CHECK_FALSE(read_json("-1")->number<std::uint8_t>());
  CHECK_FALSE(read_json("1.5")->number<int>());
  CHECK_FALSE(read_json("1e3")->number<int>());
}

TEST_CASE("JSON text is read with its escapes", "[json]") {
  CHECK(*read_json(R"("a\"b\\c\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\ude00")")->text() ==
        std::string("a\"b\\c/\b\f\n\r\t\0", 12) + "é€😀");
}

TEST_CASE("what the JSON writer writes is read back", "[json]") {
  const std::string hard = "a\"b\\c\n\r\t\x01\x1b\x7f é→😀\u202e";
  JsonWriter json;
  json.begin_object().key(hard).value(hard).key("n").value(std::int64_t{-5}).end_object();
  const Result<JsonValue> value = read_json(json.take());
  REQUIRE(value);
  CHECK(value->text_of(hard) == hard);
  CHECK(value->number_of<std::int64_t>("n") == -5);
}

TEST_CASE("what is not JSON is refused with its byte", "[json]") {
  CHECK(error_of("") == "byte 0: this is not JSON: there is no value");
  CHECK(error_of("{} x") == "byte 3: this is not JSON: something follows the value");
  CHECK(error_of(R"({"a":1,"a":2})") == "byte 13: this is not JSON: two members have the same key");
  CHECK(error_of("\"\xff\"") == "byte 1: this is not JSON: a text is not UTF-8");
  for (const char* const bad : {"[1,]", "[1 2]", "[", "[1", "{", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,})", "{a:1}",
                                R"({1:2})", "tru", "nul", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "NaN", "'a'", "\"a",
                                "\"\n\"", R"("\x")", R"("\u12")", R"("\u123g")", R"("\ud83d")", R"("\ud83d\u0041")", R"("\ude00")",
                                "\"\\", "]", ",", "\"\\u", "/**/1"}) {
    CAPTURE(bad);
    CHECK_FALSE(error_of(bad).empty());
  }
  CHECK_FALSE(error_of(std::string_view("1\0", 2)).empty());
}

TEST_CASE("JSON beyond a reader's limits is refused", "[json]") {
  const JsonLimits limits{.bytes_max = 20, .values_max = 4, .depth_max = 2};
  CHECK(error_of("[1,2,3]", limits).empty());
  CHECK(error_of("[1,2,3,4]", limits) == "byte 7: this is not JSON: it has too many values");
  CHECK(error_of("[[1]]", limits).empty());
  CHECK(error_of("[[[]]]", limits) == "byte 2: this is not JSON: its values lie too deep in one another");
  CHECK(error_of(R"("123456789012345678")", limits).empty());
  CHECK(error_of(R"("1234567890123456789")", limits) == "byte 0: this is not JSON: the text is too long");
  CHECK_FALSE(error_of(std::string(1 << 20, '[')).empty());
}

}  // namespace labreel
