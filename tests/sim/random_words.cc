#include "tests/sim/random_words.h"

#include <fmt/format.h>

namespace labreel::sim {
namespace {

std::string random_setting(Dice& dice, const std::string& key) {
  if (key == "delay" || key == "jitter") return fmt::format("{}us", dice.number(dice.percent(10) ? 200'000 : 5'000));
  if (key == "rate") return fmt::format("{}kbit", dice.between(64, 100'000));
  if (key == "queue") return fmt::format("{}", dice.between(1, 65'536));
  return fmt::format("{}.{}%", dice.number(dice.percent(20) ? 100 : 10), dice.number(100));
}

const std::vector<std::string> kSettings{"delay", "jitter", "rate", "queue", "loss", "duplicate", "corrupt", "reorder"};

// ", delay: 5ms, loss: 1%", for the lab file.
std::string random_settings(Dice& dice) {
  std::string text;
  for (const std::string& key : kSettings) {
    if (dice.percent(25)) text += ", " + key + ": " + random_setting(dice, key);
  }
  return text;
}

class LabWriter {
 public:
  explicit LabWriter(Dice& dice) : dice_(dice), nodes_(dice.between(2, 7)), ports_(nodes_) {}

  std::string write() {
    text_ = fmt::format("name: simulated\nseed: {}\ntopology:\n  nodes:\n", dice_.number(1'000'000));
    for (std::uint64_t i = 0; i < nodes_; ++i) {
      text_ += fmt::format("    n{}: {{{}}}\n", i, dice_.percent(20) ? "exec: [look, \"look again\"]" : "");
    }
    write_links();
    write_lans();
    if (dice_.percent(60)) write_scenario();
    if (dice_.percent(40)) text_ += "watch:\n  - {name: w, node: n0, run: look, until: \"Full|up\", every: 50ms}\n";
    return text_;
  }

 private:
  std::string new_port(std::uint64_t node) { return fmt::format("n{}:eth{}", node, ports_[node]++); }

  void write_links() {
    const std::uint64_t links = dice_.between(1, nodes_);
    text_ += "  links:\n";
    for (std::uint64_t i = 0; i < links; ++i) {
      const std::uint64_t from = dice_.number(nodes_);
      const std::string first = new_port(from);
      const std::string second = new_port((from + 1 + dice_.number(nodes_ - 1)) % nodes_);
      text_ += fmt::format("    - {{endpoints: [\"{}\", \"{}\"]{}}}\n", first, second, random_settings(dice_));
      cabled_.push_back(first);
    }
  }

  void write_lans() {
    const std::uint64_t lans = dice_.number(3);
    if (lans > 0) text_ += "  lans:\n";
    for (std::uint64_t lan = 0; lan < lans; ++lan) {
      text_ += fmt::format("    l{}: {{hub: {}, ports: [", lan, dice_.percent(30) ? "true" : "false");
      for (std::uint64_t i = dice_.between(1, 5); i > 0; --i) {
        cabled_.push_back(new_port(dice_.number(nodes_)));
        text_ += fmt::format("{{port: \"{}\"{}}}{}", cabled_.back(), random_settings(dice_), i > 1 ? ", " : "");
      }
      text_ += "]}\n";
    }
  }

  void write_scenario() {
    text_ += "scenario:\n";
    for (std::uint64_t i = dice_.between(1, 10); i > 0; --i) text_ += "  - " + step(0) + "\n";
  }

  std::string step(int depth) {
    const std::string node = fmt::format("n{}", dice_.number(nodes_));
    const std::string& port = dice_.one_of(cabled_);
    switch (dice_.number(depth < 2 ? 11 : 8)) {
      case 0:
        return fmt::format("mark: {{name: m{}, note: \"a note\"}}", dice_.number(100));
      case 1:
        return fmt::format("sleep: {}ms", dice_.number(400));
      case 2:
        return fmt::format("exec: {{node: {}, run: look, may_fail: true}}", node);
      case 3:
        return fmt::format("wait: {{node: {}, run: look, until: \"Full|Init|up|x\", timeout: 10s}}", node);
      case 4:
        return fmt::format("link: {{set: \"{}\"{}, delay: 1ms}}", port, dice_.percent(50) ? ", loss: 3%" : "");
      case 5:
        return fmt::format("flap: {{port: \"{}\", times: {}, down: 20ms, up: 30ms}}", port, dice_.between(1, 4));
      case 6:
        return fmt::format("ramp: {{port: \"{}\", loss: {{from: 0%, to: 20%}}, over: 200ms}}", port);
      case 7:
        return fmt::format("node: {{{}: {}}}", dice_.percent(50) ? "restart" : "crash", node);
      case 8:
        return "repeat: {times: 3, every: 50ms, steps: [{" + step(depth + 1) + "}]}";
      default:
        return "parallel: [{" + step(depth + 1) + "}, {" + step(depth + 1) + "}]";
    }
  }

  Dice& dice_;
  std::uint64_t nodes_;
  std::vector<std::uint64_t> ports_;  // how many each node has
  std::vector<std::string> cabled_;
  std::string text_;
};

std::string random_port_name(Dice& dice, const Topology& topology) {
  if (topology.ports().empty() || dice.percent(15)) {
    return random_node_name(dice, topology) + fmt::format(":eth{}", dice.number(12));
  }
  if (dice.percent(3)) return "no port at all";
  return topology.name_of(dice.one_of(topology.ports()).added.port);
}

std::string random_lan_name(Dice& dice, const Topology& topology) {
  if (topology.lans().empty() || dice.percent(20)) return fmt::format("l{}", dice.number(6));
  return dice.one_of(topology.lans()).added.name;
}

std::vector<std::string> random_assignments(Dice& dice) {
  std::vector<std::string> words;
  for (std::uint64_t i = dice.number(4); i > 0; --i) {
    const std::string& key = dice.one_of(kSettings);
    static const std::vector<std::string> kSides{"", "", ".out", ".in"};
    words.push_back(dice.percent(3) ? "nonsense" : key + dice.one_of(kSides) + "=" + random_setting(dice, key));
  }
  return words;
}

}  // namespace

std::string random_lab_file(Dice& dice) { return LabWriter(dice).write(); }

std::string random_node_name(Dice& dice, const Topology& topology) {
  if (dice.percent(40)) return fmt::format("n{}", dice.number(2));  // so that commands meet
  if (topology.nodes().empty() || dice.percent(10)) return fmt::format("n{}", dice.number(12));
  return dice.one_of(topology.nodes()).added.name;
}

CommandRequest random_command(Dice& dice, const Topology& topology) {
  static const std::vector<std::string> kVerbs{"node.add",    "node.del",   "node.start",   "node.stop", "node.pause",
                                               "node.resume", "node.crash", "node.restart", "link.add",  "link.del",
                                               "link.up",     "link.down",  "link.set",     "link.set",  "lan.add",
                                               "lan.del",     "lan.join",   "lan.leave",    "link.up",   "mark",
                                               "node.start",  "node.start", "lan.join",     "link.add",  "no.verb"};
  CommandRequest request{dice.one_of(kVerbs), {}, dice.percent(50) ? "cli" : "page"};
  std::vector<std::string>& words = request.arguments;
  if (dice.percent(2)) return request;  // without arguments
  if (request.verb.starts_with("node.")) words = {random_node_name(dice, topology)};
  if (request.verb.starts_with("link.")) words = {random_port_name(dice, topology)};
  if (request.verb == "link.add") words.push_back(random_port_name(dice, topology));
  if (request.verb.starts_with("lan.")) words = {random_lan_name(dice, topology)};
  if (request.verb == "lan.add" && dice.percent(30)) words.emplace_back("hub");
  if (request.verb == "lan.join" || request.verb == "lan.leave") words.push_back(random_port_name(dice, topology));
  if (request.verb == "link.add" || request.verb == "link.set" || request.verb == "lan.join") {
    for (std::string& word : random_assignments(dice)) words.push_back(std::move(word));
  }
  if (request.verb == "mark") words = {dice.percent(90) ? "here" : "end", "a note"};
  if (dice.percent(2)) words.emplace_back("one too many");
  return request;
}

}  // namespace labreel::sim
