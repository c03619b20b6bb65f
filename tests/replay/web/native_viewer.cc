// The native side of the comparison with the module: a Viewer over a reel, as the program itself reads reels.
//
//   native_viewer REEL STREAM    writes the recording as a page gets it, uncompressed, to STREAM; then answers each line of
//                                its input, a request, with a line: "0 ANSWER" or "1 ERROR".
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "replay/reel_log.h"
#include "replay/web/html_file.h"
#include "replay/web/viewer/viewer.h"

namespace {

using namespace labreel;

void put(std::ofstream& out, std::string_view bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  out.write(reinterpret_cast<const char*>(&length), sizeof(length));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string facts_json(const ReelReader& reel) {
  RecordingFacts facts;
  facts.lab = "compared";
  facts.format_version = reel.format_version();
  facts.complete = reel.end().complete;
  facts.end = reel.end().why;
  facts.digest = reel.recorded_digest();
  facts.notes = reel.notes();
  return to_json(facts);
}

bool write_stream(const ReelReader& reel, const std::string& facts, const std::string& to) {
  std::ofstream out(to, std::ios::binary);
  put(out, facts);
  // Of a damaged reel the pages before the damage are all.
  static_cast<void>(reel.each_page([&out](Bytes page) {
    put(out, {reinterpret_cast<const char*>(page.data()), page.size()});
    return ok_status();
  }));
  put(out, {});
  return out.flush().good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: native_viewer REEL STREAM\n", stderr);
    return 2;
  }
  const auto reel = ReelReader::open(argv[1]);
  if (!reel) {
    std::fprintf(stderr, "%s\n", reel.error().what.c_str());
    return 3;
  }
  const std::string facts = facts_json(*reel);
  if (!write_stream(*reel, facts, argv[2])) return 3;
  const ReelLog log{*reel};
  Viewer viewer{log, *facts_of(facts)};
  for (std::string request; std::getline(std::cin, request);) {
    const auto answer = viewer.answer(request);
    std::cout << (answer ? "0 " + *answer : "1 " + error_answer(answer.error())) << std::endl;
  }
  return 0;
}
