// Everything that a lab file may not say, each by its message and its line.
#include <catch2/catch.hpp>

#include "engine/lab/lab_file.h"
#include "tests/engine/lab/lab_text.h"

using namespace labreel;
using namespace labreel::test;

namespace {

struct Refused {
  std::string text;
  int line;          // 0: the file as a whole
  std::string what;  // part of the message
  std::string hint = {};
};

void check_each(const std::vector<Refused>& cases) {
  for (const Refused& refused : cases) {
    INFO(refused.text);
    const auto lab = parse_lab_file(refused.text, "lab.yml");
    REQUIRE_FALSE(lab);
    CHECK(lab.error().kind == ErrorKind::input);
    CHECK(lab.error().place == (refused.line == 0 ? "lab.yml" : "lab.yml:" + std::to_string(refused.line)));
    CHECK_THAT(lab.error().what, Catch::Contains(refused.what));
    CHECK_THAT(lab.error().hint, Catch::Contains(refused.hint));
  }
}

// One link from r1:eth1 to r2:eth1 with more keys, the first in line 8.
std::string with_link(const std::string& keys) {
  return small_lab("  links:\n    - endpoints: [\"r1:eth1\", \"r2:eth1\"]\n      " + keys + "\n");
}
// One node with more keys, in line 4.
std::string with_node(const std::string& keys) { return "name: a\ntopology:\n  nodes:\n    r1: {" + keys + "}\n"; }
// One step after a link, in line 9.
std::string with_step(const std::string& step) {
  return small_lab(
      "  links: [endpoints: [\"r1:eth1\", \"r2:eth1\"]]\n  lans: {office: {ports: [\"r2:eth2\"]}}\nscenario:\n  - " +
      step + "\n");
}

}  // namespace

TEST_CASE("what the top of a lab file may not say is refused by line", "[lab]") {
  check_each({
      {"", 0, "the lab file is empty"},
      {"# only a comment\n", 0, "the lab file is empty"},
      {"- a\n", 1, "the lab file must be a map, but is a list"},
      {"hello", 1, "the lab file must be a map, but is \"hello\""},
      {"topology: {nodes: {a: }}\n", 1, "the lab file lacks the key name"},
      {"name: a\n", 1, "the lab file lacks the key topology"},
      {"name: a\ntopology:\n", 2, "topology lacks the key nodes"},
      {"name: a\ntopology: {nodes: }\n", 2, "the lab has no nodes"},
      {"name: a\ntopology: {nodes: [a]}\n", 2, "nodes must be a map, but is a list"},
      {"name:\ntopology: {nodes: {a: }}\n", 1, "name must be plain text, but is nothing"},
      {"name: \"\"\ntopology: {nodes: {a: }}\n", 1, "name is empty"},
      {"name: a/b\ntopology: {nodes: {a: }}\n", 1, "\"a/b\" cannot be the name of a lab"},
      {"name: " + std::string(64, 'a') + "\ntopology: {nodes: {a: }}\n", 1, "cannot be the name of a lab"},
      {"nmae: a\ntopology: {nodes: {a: }}\n", 1, "no key \"nmae\" (did you mean name?)", "the lab file has: name"},
      {small_lab("nodes: {}\n"), 6, "no key \"nodes\"", "nodes belongs under topology"},
      {small_lab("lans: {}\n"), 6, "no key \"lans\"", "lans belongs under topology"},
      {small_lab("  scenario: []\n"), 6, "topology has no key \"scenario\"", "at the top"},
      {small_lab("  link: []\n"), 6, "no key \"link\" (did you mean links?)"},
      {small_lab("seed: -1\n"), 6, "seed must be a number from 0 to 18446744073709551615, but is \"-1\""},
      {small_lab("seed: 18446744073709551616\n"), 6, "seed must be a number"},
      {small_lab("seed: 0x10\n"), 6, "seed must be a number"},
      {small_lab("seed: 1.5\n"), 6, "seed must be a number"},
      {small_lab("seed:\n"), 6, "seed must be a number from 0 to 18446744073709551615, but is nothing"},
      {small_lab("clock: virtual\n"), 4, "clock: virtual needs kind: uml, but node r1 is of kind namespace"},
      {small_lab("image: x\n"), 6, "image needs clock: virtual: nodes in real time have the host's files"},
      {small_lab("strict: true\n"), 6, "strict: true needs clock: virtual: only there can the host's CPU be hidden"},
      {small_lab("clock: reel\n"), 6, "there is no clock \"reel\" (did you mean real?)", "write clock: real"},
      {small_lab("clock: virtul\n"), 6, "there is no clock \"virtul\" (did you mean virtual?)", "write clock: virtual"},
      {small_lab("clock: fast\n"), 6, "there is no clock \"fast\"", "write clock: real or clock: virtual"},
      {small_lab("scenario: {}\n"), 6, "scenario must be a list, but is a map"},
  });
}

TEST_CASE("what YAML itself does not allow is refused by line", "[lab]") {
  check_each({
      {"name: a\nname: b\n", 2, "\"name\" is written twice here: line 1 has it too"},
      {"name: a\ntopology:\n  nodes:\n    r1: {}\n    r2: {}\n    r1: {}\n", 6, "\"r1\" is written twice here: line 4"},
      {with_link("delay: 1ms\n      loss: 1%\n      delay: 2ms"), 10, "\"delay\" is written twice here: line 8"},
      {"name: a\n\tseed: 1\n", 2, "tab"},
      {"name: a\ntopology: [\n", 3, "not YAML"},
      {"name: 'a\n", 1, "the quoted text that begins here is never closed"},
      {"\xef\xbb\xbfname: a\r\ntopology: {nodes: {é: }}\r\nseed: \"4''2\n", 3, "never closed"},
      {"name: 'it''s\n", 1, "never closed"},
      {"name: \"a\\\"\n", 1, "never closed"},
      {"name: a\n---\nname: b\n", 2, "something follows the end"},
      {"? [a]\n: b\n", 1, "a key is a list or a map"},
      {"~: b\n", 1, "a key is empty"},
      {"name: {{ .Name }}\n", 1, "a key is a list or a map", "templates"},
      {"name: lab-{{ .Name }}\n", 1, "templates ({{ … }}) are not read", "plain YAML"},
      {"{{ range .Nodes }}\nname: a\n", 1, "a key is a list or a map", "templates"},
      {"name: !secret a\n", 1, "the YAML tag \"!secret\" means nothing here"},
      {"name: *a\n", 1, "not YAML: the referenced anchor is not defined"},
      {"name: a\ntopology: &t {nodes: *t}\n", 2, "an alias (*) stands inside the value that it names"},
      {"base: &b {a: 1}\n<<: *b\n", 1, "no key \"base\""},
      {"<<: {name: a}\n", 1, "no key \"<<\"", "defaults, kinds"},
      {std::string("name: a\0b\n", 10), 1, "control character (byte 7)"},
      {"name: a\n# \x1b[31m\n", 2, "control character (byte 10)"},
      {"name: a\rseed: 1\r", 1, "control character (byte 7)"},
      {"name: \"a\\0b\"\n", 1, "NUL"},
      {"name: a\nnote: \xff\n", 2, "not UTF-8 text: byte 14"},
      {"name: \xc0\xaf\n", 1, "not UTF-8"},
      {"name: \xed\xa0\x80\n", 1, "not UTF-8"},
      {std::string("\xff\xfen\0a\0", 6), 1, "not UTF-8"},
  });
}

TEST_CASE("what a node may not say is refused by line", "[lab]") {
  check_each({
      {with_node("knid: namespace"), 4, "a node has no key \"knid\" (did you mean kind?)"},
      {with_node("image: alpine"), 4, "a node has no key \"image\"", "there is no image"},
      {with_node("kind: uml"), 4, "node r1 is of kind uml, which needs clock: virtual", "clock: virtual"},
      {with_node("kind: container"), 4, "kind container, which this version does not have yet"},
      {with_node("kind: namspace"), 4, "there is no node kind \"namspace\" (did you mean namespace?)"},
      {with_node("exec: start"), 4, "exec must be a list, but is \"start\""},
      {with_node("exec: [[a]]"), 4, "an item of exec must be plain text, but is a list"},
      {with_node("exec: [\"\"]"), 4, "an item of exec is empty"},
      {with_node("exec: [\"  \"]"), 4, "the command is empty"},
      {with_node("exec: [" + std::string(131'072, 'x') + "]"), 4, "longer than 131071 bytes"},
      {with_node("files: [a]"), 4, "files must be a map, but is a list"},
      {with_node("files: {etc/a: a}"), 4, "\"etc/a\" must be an absolute path"},
      {with_node("files: {/etc/../a: a}"), 4, "must be the plain path of a file"},
      {with_node("files: {/etc/a/: a}"), 4, "must be the plain path of a file"},
      {with_node("files: {/: a}"), 4, "must be the plain path of a file"},
      {with_node("files: {/etc/a: }"), 4, "the file for /etc/a must be plain text, but is nothing"},
      {with_node("position: [1]"), 4, "position must be two whole numbers"},
      {with_node("position: [1, a]"), 4, "position must be a whole number, but is \"a\""},
      {with_node("position: [1, 3000000000]"), 4, "position must be a whole number"},
      {with_node("ports: {eth1: {adress: []}}"), 4, "a port has no key \"adress\" (did you mean address?)"},
      {with_node("ports: {averyveryverylong: {}}"), 4, "cannot be the name of a port", "15 characters"},
      {with_node("ports: {\"eth 1\": {}}"), 4, "\"eth 1\" cannot be the name of a port"},
      {with_node("ports: {a/b: {}}"), 4, "cannot be the name of a port"},
      {with_node("ports: {eth%d: {}}"), 4, "cannot be the name of a port"},
      {with_node("ports: {\"..\": {}}"), 4, "cannot be the name of a port"},
      {with_node("ports: {lo: {}}"), 4, "Linux uses it itself"},
      {with_node("ports: {\"\": {}}"), 4, "a port has an empty name"},
      {with_node("ports: [eth1]"), 4, "ports must be a map, but is a list"},
      {with_node("ports: {e: {address: 10.0.0.1}}"), 4, "\"10.0.0.1\" has no prefix length", "10.0.1.1/24"},
      {with_node("ports: {e: {address: [10.0.0.256/24]}}"), 4, "is not an IPv4 or IPv6 address"},
      {with_node("ports: {e: {address: [10.0.0.1/33]}}"), 4, "prefix length that is not from 0 to 32"},
      {with_node("ports: {e: {address: [\"fe80::1/129\"]}}"), 4, "prefix length that is not from 0 to 128"},
      {with_node("ports: {e: {address: [10.0.0.1/]}}"), 4, "prefix length"},
      {with_node("ports: {e: {address: [10.0.0.1/8, 10.0.0.1/8]}}"), 4, "given to the port twice"},
      {with_node("ports: {e: {mac: 02-00}}"), 4, "mac: \"02-00\" is not a MAC address"},
      {with_node("ports: {e: {mac: \"01:00:00:00:00:01\"}}"), 4, "a group's address"},
      {with_node("ports: {e: {mac: \"00:00:00:00:00:00\"}}"), 4, "nobody's"},
      {with_node("ports: {e: {mtu: 67}}"), 4, "mtu must be a number from 68 to 65500, but is \"67\""},
      {with_node("ports: {e: {mtu: 65501}}"), 4, "mtu must be a number from 68 to 65500"},
      {"name: a\ntopology:\n  nodes:\n    -r: {}\n", 4, "\"-r\" cannot be the name of a node"},
      {"name: a\ntopology:\n  nodes:\n    r.1: {}\n", 4, "\"r.1\" cannot be the name of a node"},
      {"name: a\ntopology:\n  nodes:\n    \"\": {}\n", 4, "a node has an empty name"},
      {"name: a\ntopology:\n  nodes:\n    r1: [a]\n", 4, "a node must be a map, but is a list"},
      {"name: a\ntopology:\n  defaults: {position: [1, 2]}\n  nodes: {a: }\n", 3, "defaults has no key \"position\""},
      {"name: a\ntopology:\n  kinds: {linux: {}}\n  nodes: {a: }\n", 3, "there is no node kind \"linux\""},
      {"name: a\ntopology:\n  kinds: {namespace: {knd: 1}}\n  nodes: {a: }\n", 3, "a kind has no key \"knd\""},
      {"name: a\ntopology:\n  defaults: {kind: qemu}\n  nodes: {a: }\n", 3, "node a is of kind qemu"},
      {"name: a\ntopology:\n  nodes:\n    a: {ports: {e: {mac: \"02:00:00:00:00:01\"}}}\n"
       "    b:\n      ports:\n        e: {mac: \"02:00:00:00:00:01\"}\n",
       7, "b:e has the MAC address 02:00:00:00:00:01, and so has a:e"},
  });
}

TEST_CASE("what a link or lan may not say is refused by line", "[lab]") {
  const auto links = [](const std::string& ends) { return small_lab("  links:\n    - endpoints: " + ends + "\n"); };
  const auto lans = [](const std::string& lan) { return small_lab("  lans:\n    office: " + lan + "\n"); };
  check_each({
      {with_link("dealy: 5ms"), 8, "a link has no key \"dealy\" (did you mean delay?)"},
      {with_link("loss.out: 1%"), 8, "a link has no key \"loss.out\"", "write loss: {out: VALUE}"},
      {with_link("direction: out"), 8, "a link has no key \"direction\"", "what holds for one direction is written so: loss: {out: 1%}"},
      {with_link("latency: 5ms"), 8, "a link has no key \"latency\"", "the key is delay"},
      {with_link("delay: 4700000000s"), 8, "delay: \"4700000000s\" is over 146 years"},
      {with_link("jitter: {out: 5ms, in: 5000000000s}"), 8, "jitter: \"5000000000s\" is over 146 years"},
      {with_link("delay: 5"), 8, "delay: \"5\" is not a duration: it has no unit", "5ms"},
      {with_link("delay: -5ms"), 8, "it is negative"},
      {with_link("delay:"), 8, "delay has no value"},
      {with_link("delay: [5ms]"), 8, "delay must be plain text, but is a list"},
      {with_link("delay: {}"), 8, "delay has neither out nor in"},
      {with_link("delay: {up: 5ms}"), 8, "delay has no key \"up\""},
      {with_link("delay: {out: {in: 5ms}}"), 8, "delay must be plain text, but is a map"},
      {with_link("rate: 100mbps"), 8, "rate: \"100mbps\" is not a rate"},
      {with_link("queue: 64KB"), 8, "queue: \"64KB\" is not a size"},
      {with_link("loss: 101%"), 8, "loss: \"101%\" is not a probability"},
      {with_link("corrupt: {out: 1%, in: 0.5}"), 8, "corrupt: \"0.5\" is not a probability"},
      {links("[\"r1:eth1\"]"), 7, "a link has two endpoints, but 1 are written"},
      {links("[\"r1:eth1\", \"r2:eth1\", \"r2:eth2\"]"), 7, "a link has two endpoints, but 3 are written", "lan"},
      {links("r1:eth1"), 7, "endpoints must be a list"},
      {links("[r1, \"r2:eth1\"]"), 7, "\"r1\" does not name a port", "NODE:PORT"},
      {links("[\"r1:\", \"r2:eth1\"]"), 7, "\"r1:\" does not name a port"},
      {links("[\"r1:a:b\", \"r2:eth1\"]"), 7, "\"a:b\" cannot be the name of a port"},
      {links("[{node: r1}, \"r2:eth1\"]"), 7, "must be plain text, but is a map", "r1:eth1"},
      {links("[\"r1:eth1\", \"r11:eth1\"]"), 7, "there is no node \"r11\" (did you mean r1?)"},
      {links("[\"r1:eth1\", \"r1:eth1\"]"), 7, "a link joins \"r1:eth1\" to itself"},
      {small_lab("  links:\n    - delay: 5ms\n"), 7, "a link lacks the key endpoints"},
      {small_lab("  links:\n    - r1\n"), 7, "a link must be a map", "write endpoints: [\"r1:eth1\", \"r2:eth1\"]"},
      {small_lab("  links:\n    - [\"r1:eth1\", \"r2:eth1\"]\n"), 7, "a link must be a map, but is a list",
       "write endpoints: [\"r1:eth1\", \"r2:eth1\"]"},
      {small_lab("  links: {}\n"), 6, "links must be a list"},
      {small_lab("  links:\n    - endpoints: [\"r1:a\", \"r2:a\"]\n    - endpoints: [\"r1:b\", \"r2:a\"]\n"), 8,
       "r2:a has a cable already: the link of line 7"},
      {small_lab("  links:\n    - endpoints: [\"r1:a\", \"r2:a\"]\n  lans:\n    office: {ports: [\"r1:a\"]}\n"), 9,
       "r1:a has a cable already: the link of line 7"},
      {lans("{ports: [\"r1:a\", \"r1:a\"]}"), 7, "r1:a has a cable already: lan office"},
      {lans("{ports: [{delay: 5ms}]}"), 7, "a port of a lan lacks the key port"},
      {lans("{ports: [{port: \"r1:a\", dely: 5ms}]}"), 7, "a port of a lan has no key \"dely\" (did you mean delay?)"},
      {lans("{ports: [{port: \"r1:a\", delay: 4700000000s}]}"), 7, "delay: \"4700000000s\" is over 146 years"},
      {lans("{ports: [\"r9:a\"]}"), 7, "there is no node \"r9\" (did you mean r1?)"},
      {lans("{hub: maybe}"), 7, "hub must be true or false, but is \"maybe\""},
      {lans("{mac_limit: 0}"), 7, "mac_limit must be a number from 1 to 1000000, but is \"0\""},
      {lans("{ageing: forever}"), 7, "ageing: \"forever\" is not a duration"},
      {lans("{port: [a]}"), 7, "a lan has no key \"port\" (did you mean ports?)"},
      {small_lab("  lans: {of fice: {}}\n"), 6, "\"of fice\" cannot be the name of a lan"},
  });
}

TEST_CASE("what a scenario may not say is refused by line", "[lab]") {
  check_each({
      {with_step("wiat: {}"), 9, "no key \"wiat\" (did you mean wait?)"},
      {with_step("sleep"), 9, "a step of the scenario must be a map with one key"},
      {with_step("{sleep: 1s, mark: {name: a}}"), 9, "a step of the scenario must be a map with one key"},
      {with_step("link: {set: \"r1:eth1\", delay: 4700000000s}"), 9, "delay: \"4700000000s\" is over 146 years"},
      {with_step("ramp: {port: \"r1:eth1\", delay: {from: 1ms, to: 4700000000s}, over: 1s}"), 9,
       "delay: to: \"4700000000s\" is over 146 years"},
      {with_step("sleep: 5"), 9, "sleep: \"5\" is not a duration"},
      {with_step("sleep:"), 9, "sleep must be plain text, but is nothing"},
      {with_step("wait: {run: a}"), 9, "wait lacks the key node"},
      {with_step("wait: {node: r1}"), 9, "wait lacks the key run"},
      {with_step("wait: {node: r3, run: a}"), 9, "there is no node \"r3\" (did you mean r1?)"},
      {with_step("wait: {node: r1, run: a, untill: b}"), 9, "wait has no key \"untill\" (did you mean until?)"},
      {with_step("wait: {node: r1, run: a, until: \"(b\"}"), 9,
       "not an extended regular expression: Unmatched ( or \\("},
      {with_step("wait: {node: r1, run: a, until: \"[b\"}"), 9, "not an extended regular expression: Unmatched ["},
      {with_step("wait: {node: r1, run: a, until: '(b)\\1'}"), 9, "refers back to a group"},
      {with_step("wait: {node: r1, run: a, until: 'b{300}{300}{300}'}"), 9, "repeats too much"},
      {with_step("wait: {node: r1, run: a, until: 'b" + std::string(60, '+') + "'}"), 9, "repeats too much"},
      {with_step("wait: {node: r1, run: a, until: 'b{99999999999999999999}'}"), 9, "repeats too much"},
      {with_step("wait: {node: r1, run: a, until: '(b*){5000}'}"), 9, "repeats too much"},
      {with_step("wait: {node: r1, run: a, until: " + std::string(1'001, 'b') + "}"), 9, "longer than 1000 characters"},
      {with_step("wait: {node: r1, run: a, count: 2}"), 9, "count needs until"},
      {with_step("wait: {node: r1, run: a, until: b, count: 0}"), 9, "count must be a number from 1"},
      {with_step("wait: {node: r1, run: a, timeout: 0}"), 9, "timeout must be longer than 0"},
      {with_step("wait: {node: r1, run: a, timeout: soon}"), 9, "timeout: \"soon\" is not a duration"},
      {with_step("mark: start"), 9, "mark must be a map, but is \"start\""},
      {with_step("mark: {name: 1st}"), 9, "\"1st\" cannot be the name of a marker"},
      {with_step("mark: {name: end}"), 9, "\"end\" cannot be the name of a marker"},
      {with_step("mark: {name: \"a b\"}"), 9, "cannot be the name of a marker"},
      {with_step("mark: {name: \"a#2\"}"), 9, "cannot be the name of a marker"},
      {with_step("link: {down: \"r1:eth9\"}"), 9, "there is no port \"r1:eth9\" (did you mean r1:eth1?)"},
      {with_step("link: {down: \"r2:eth7\"}"), 9, "r2:eth7 has no cable at this step"},
      {with_step("link: {down: \"r1:eth1\", up: \"r1:eth1\"}"), 9, "link says both up and down"},
      {with_step("link: {}"), 9, "link must say one of: up, down, set"},
      {with_step("link: {down: \"r1:eth1\", loss: 1%}"), 9, "link: down takes no loss"},
      {with_step("link: {set: \"r1:eth1\"}"), 9, "link: set changes nothing"},
      {with_step("link: {set: \"r1:eth1\", loss.in: 1%}"), 9, "link has no key \"loss.in\"", "write loss: {in: VALUE}"},
      {with_step("link: {set: \"r1:eth1\", los: 1%}"), 9, "link has no key \"los\" (did you mean loss?)"},
      {with_step("link: {set: \"r1:eth1\", loss: 1}"), 9, "loss: \"1\" is not a probability"},
      {with_step("node: {stop: r7}"), 9, "there is no node \"r7\""},
      {with_step("node: {halt: r1}"), 9, "node has no key \"halt\""},
      {with_step("lan: {join: ofice, port: \"r2:eth7\"}"), 9, "there is no lan \"ofice\" (did you mean office?)"},
      {with_step("lan: {join: office}"), 9, "lan lacks the key port"},
      {with_step("lan: {join: office, port: \"r1:eth1\"}"), 9, "it has a cable already: the link of line 6"},
      {with_step("lan: {leave: office, port: \"r2:eth7\"}"), 9, "it is not on it at this step"},
      {with_step("exec: {node: r1, run: \"\"}"), 9, "run is empty"},
      {with_step("exec: {node: r1, run: [a]}"), 9, "run must be plain text, but is a list"},
      {with_step("exec: {node: r1, run: a, may_fail: 1}"), 9, "may_fail must be true or false, but is \"1\""},
      {with_step("lan: {leave: office, port: \"r2:eth2\"}\n  - link: {down: \"r2:eth2\"}"), 10,
       "has no cable at this step"},
  });
}
