#include "engine/text/json_writer.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

using labreel::JsonWriter;

TEST_CASE("JSON members and elements are separated by commas at every depth", "[json]") {
  JsonWriter json;
  json.begin_object().key("a").value(1).key("b").begin_array().value("x").null().value(true).end_array();
  json.key("c").begin_object().end_object().key("d").begin_array().begin_array().end_array().begin_object().end_object();
  json.end_array().key("e").value(false).end_object();
  CHECK(json.take() == R"({"a":1,"b":["x",null,true],"c":{},"d":[[],{}],"e":false})");
}

TEST_CASE("JSON keeps every integer whole", "[json]") {
  JsonWriter json;
  json.begin_array();
  json.value(std::numeric_limits<std::uint64_t>::max()).value(std::numeric_limits<std::int64_t>::min());
  json.value(std::uint8_t{255}).value(std::int32_t{-1}).end_array();
  CHECK(json.take() == "[18446744073709551615,-9223372036854775808,255,-1]");
}

TEST_CASE("JSON strings that end like structure do not confuse the commas", "[json]") {
  JsonWriter json;
  json.begin_array().value("{").value("[").value(":").end_array();
  CHECK(json.take() == R"(["{","[",":"])");
}

TEST_CASE("JSON strings escape quotes, backslashes and control characters", "[json]") {
  JsonWriter json;
  json.value(std::string_view("a\"b\\c\n\r\t\x01\x1b\x7f\0z", 13));
  CHECK(json.take() == R"("a\"b\\c\n\r\t\u0001\u001b\u007f\u0000z")");
}

TEST_CASE("JSON strings escape what would steer a terminal or turn letters round", "[json]") {
  JsonWriter json;
  json.begin_array().value("\xc2\x9b" "31m").value("a\u202egnp").value("\u2028").value("\u061c").end_array();
  CHECK(json.take() == R"(["\u009b31m","a\u202egnp","\u2028","\u061c"])");
}

TEST_CASE("JSON strings keep UTF-8 and replace each byte that is none", "[json]") {
  JsonWriter json;
  json.begin_array().value("é→😀").value("a\xffz").value("\xc0\x80").value("\xed\xa0\x80").value("\xe2\x86").end_array();
  CHECK(json.take() == "[\"é→😀\",\"a\xEF\xBF\xBDz\",\"\xEF\xBF\xBD\xEF\xBF\xBD\","
                       "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"\xEF\xBF\xBD\xEF\xBF\xBD\"]");
}

TEST_CASE("byte strings are text if they are UTF-8, else hex", "[json]") {
  JsonWriter json;
  json.begin_object().text_or_hex("ok\n").end_object();
  CHECK(json.take() == R"({"text":"ok\n"})");
  json.begin_object().text_or_hex("\xff\x00z").end_object();
  CHECK(json.take() == R"({"hex":"ff"})");
  json.begin_array().string_or_hex("ls").string_or_hex("\x80").end_array();
  CHECK(json.take() == R"(["ls",{"hex":"80"}])");
}

TEST_CASE("JSON that is JSON already goes in as a value", "[json]") {
  JsonWriter json;
  json.begin_object().key("expected").raw(R"({"seq":1})").key("got").null().end_object();
  CHECK(json.take() == R"({"expected":{"seq":1},"got":null})");
}
