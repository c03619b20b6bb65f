// Every verb of the table is a command of a running lab, and is refused with the table's words where its arguments do not fit.
#include <catch2/catch.hpp>

#include "engine/lab/lab_verbs.h"
#include "tests/recorder/session/fakes.h"

using namespace labreel;
using namespace labreel::test;

TEST_CASE("each verb of the table is a command that says what it needs", "[session]") {
  FakeLab lab("name: live\ntopology:\n  nodes: {h1: , h2: }\n  links:\n    - endpoints: [\"h1:eth0\", \"h2:eth0\"]\n");
  lab.start();
  const std::vector<std::string> too_many(20, "delay=1ms");
  std::vector<LabVerb> verbs(kLabVerbs.begin(), kLabVerbs.end());
  verbs.insert(verbs.end(), kInnerVerbs.begin(), kInnerVerbs.end());
  for (const LabVerb& verb : verbs) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{}, too_many}) {
      if (verb.takes(words)) continue;
      CAPTURE(verb.name, words.size());
      CommandReply reply;
      lab.commands.submit({std::string(verb.name), words, "cli"}, Seq{}, [&](const CommandReply& answer) { reply = answer; });
      CHECK_FALSE(reply.ok);
      CHECK(reply.kind == ErrorKind::usage);
      CHECK(reply.error == verb.needs);
      CHECK(reply.hint == verb.example);
    }
  }
  CommandReply reply;
  lab.commands.submit({"link.dwon", {"h1:eth0"}, "cli"}, Seq{}, [&](const CommandReply& answer) { reply = answer; });
  CHECK(reply.error == "no command link.dwon (did you mean link.down?)");
}
