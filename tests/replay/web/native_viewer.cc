// The native side of the comparison with the module: a Viewer that answers each line of its input, a request, with a line:
// "0 ANSWER" or "1 ERROR".
//
//   native_viewer REEL STREAM                  over the reel, as the program itself reads reels; the recording as a page gets it,
//                                              uncompressed, goes to STREAM
//   native_viewer --forged SEED REEL STREAM    over the pages of STREAM: the reel's, with bytes changed that a stranger would
//                                              change, and hashed anew so that they are read
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "replay/reel_log.h"
#include "replay/web/html_file.h"
#include "replay/web/viewer/viewer.h"
#include "store/page_layout.h"
#include "store/page_log.h"

namespace {

using namespace labreel;

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

// Of a damaged reel the pages before the damage are all.
std::vector<std::string> pages_of(const ReelReader& reel) {
  std::vector<std::string> pages;
  static_cast<void>(reel.each_page([&pages](Bytes page) {
    pages.emplace_back(reinterpret_cast<const char*>(page.data()), page.size());
    return ok_status();
  }));
  return pages;
}

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span{text}); }

// Changes a byte or two of every page; hashes and their chain are right afterwards.
void forge(std::vector<std::string>& pages, unsigned long seed) {
  std::mt19937 draw{static_cast<std::uint32_t>(seed)};
  Word128 previous;
  for (std::string& page : pages) {
    for (auto left = draw() % 3; left > 0; --left) {
      const std::size_t at = kPageHashedFrom + draw() % (page.size() - kPageHashedFrom);
      page[at] = static_cast<char>(draw() % 3 == 0 ? draw() : static_cast<unsigned char>(page[at]) ^ (1U << draw() % 8));
    }
    std::memcpy(page.data() + kPageHeadAt + offsetof(PageHead, previous_hash), &previous, sizeof(previous));
    previous = hash_of_page(bytes_of(page));
    std::memcpy(page.data() + kPageHeadAt, &previous, sizeof(previous));
  }
}

void put(std::ofstream& out, std::string_view bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  out.write(reinterpret_cast<const char*>(&length), sizeof(length));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

bool write_stream(const std::string& facts, const std::vector<std::string>& pages, const std::string& to) {
  std::ofstream out(to, std::ios::binary);
  put(out, facts);
  for (const std::string& page : pages) put(out, page);
  put(out, {});
  return out.flush().good();
}

void answer_input(Viewer& viewer) {
  for (std::string request; std::getline(std::cin, request);) {
    const auto answer = viewer.answer(request);
    std::cout << (answer ? "0 " + *answer : "1 " + error_answer(answer.error())) << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool is_forged = words.size() == 4 && words[0] == "--forged";
  if (!is_forged && words.size() != 2) {
    std::fputs("usage: native_viewer [--forged SEED] REEL STREAM\n", stderr);
    return 2;
  }
  const std::string& path = words[words.size() - 2];
  const auto reel = ReelReader::open(path);
  if (!reel) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), reel.error().what.c_str());
    return 3;
  }
  const std::string facts = facts_json(*reel);
  std::vector<std::string> pages = pages_of(*reel);
  if (is_forged) forge(pages, std::stoul(words[1]));
  if (!write_stream(facts, pages, words.back())) return 3;
  if (!is_forged) {
    const ReelLog log{*reel};
    Viewer viewer{log, *facts_of(facts)};
    answer_input(viewer);
    return 0;
  }
  PageLog log{{.notes = reel->notes(), .complete = reel->end().complete, .format_version = reel->format_version(), .digest = reel->recorded_digest()}};
  for (const std::string& page : pages) {
    if (!log.add(bytes_of(page))) break;
  }
  Viewer viewer{log, *facts_of(facts)};
  if (log.damage()) viewer.set_damage(*log.damage());
  answer_input(viewer);
  return 0;
}
