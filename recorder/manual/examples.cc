#include "recorder/manual/examples.h"

#include <array>
#include <string>

namespace labreel {
namespace {

constexpr std::array kExamples{
    Example{"run", "labreel run lab.yml", "records into ./NAME.reel until the scenario is done"},
    Example{"run", "labreel run lab.yml -o monday.reel --keep --detach", "goes on in the background until labreel stop"},
    Example{"run", "labreel run lab.yml --continue monday.reel", "goes on in a reel, with fresh nodes"},
    Example{"stop", "labreel stop", "ends the one lab that runs"},
    Example{"ps", "labreel ps", ""},
    Example{"exec", "labreel exec r1 -- vtysh -c 'show ip ospf neighbor'", "its output and status are recorded"},
    Example{"connect", "labreel connect r1", "a shell on r1, recorded"},
    Example{"connect", "labreel connect r1 -- vtysh", ""},
    Example{"node add", "labreel node add spare", ""},
    Example{"node del", "labreel node del spare", ""},
    Example{"node start", "labreel node start r2", ""},
    Example{"node stop", "labreel node stop r2", ""},
    Example{"node crash", "labreel node crash r2", ""},
    Example{"node restart", "labreel node restart r2", ""},
    Example{"node pause", "labreel node pause r2", "its neighbours notice"},
    Example{"node resume", "labreel node resume r2", ""},
    Example{"link add", "labreel link add r1:eth9 r3:eth9 rate=10mbit queue=64KiB", ""},
    Example{"link del", "labreel link del r1:eth9", ""},
    Example{"link up", "labreel link up r1:eth1", ""},
    Example{"link down", "labreel link down r1:eth1", ""},
    Example{"link set", "labreel link set r1:eth1 delay=20ms loss.out=1%", "loss only of what r1 sends"},
    Example{"lan add", "labreel lan add office", "a switch"},
    Example{"lan add", "labreel lan add old hub", "every frame goes to every port"},
    Example{"lan del", "labreel lan del office", ""},
    Example{"lan join", "labreel lan join office h3:eth0 delay=1ms", ""},
    Example{"lan leave", "labreel lan leave office h3:eth0", ""},
    Example{"mark", "labreel mark before-the-change 'all is well'", ""},
    Example{"info", "labreel info lab.reel", ""},
    Example{"ls", "labreel ls", ""},
    Example{"events", "labreel events lab.reel --from cut --to +20s --filter 'ip proto 89'", "OSPF after the cut"},
    Example{"events", "labreel events --kind link.down,marker", "of the newest reel in this folder"},
    Example{"events", "labreel events lab.reel --trace 412", "one packet, hop by hop"},
    Example{"events", "labreel events lab.reel --filter 'ip proto 89' --fields", "each frame's layers and fields, as Wireshark names them"},
    Example{"events", "labreel events --follow", "of a running lab"},
    Example{"query", "labreel query lab.reel 'SELECT from_port, reason, count(*) FROM dropped GROUP BY 1, 2'", ""},
    Example{"replay", "labreel replay lab.reel --speed 10", "in its own time, ten times as fast"},
    Example{"replay", "labreel replay lab.reel --step --from cut", "a key at a time; ? shows the keys"},
    Example{"replay", "labreel replay lab.reel --console r1", "what the node printed; on a terminal nothing of it can steer that"},
    Example{"replay", "labreel replay lab.reel --into h2:eth0 --filter icmp", "into a running lab"},
    Example{"show", "labreel show lab.reel --at cut", ""},
    Example{"show", "labreel show lab.reel --at +12.5s --dot", "a picture for Graphviz"},
    Example{"export", "labreel export lab.reel -o lab.pcapng", "for Wireshark"},
    Example{"export", "labreel export lab.reel --port r1:eth1 --from cut -o cut.pcapng", ""},
    Example{"export", "labreel export lab.reel --at cut -o then.yml", "the lab at that moment, as a lab file"},
    Example{"export", "labreel export lab.reel -o lab.html", "a page that plays it in any browser"},
    Example{"import", "labreel import capture.pcapng -o capture.reel", ""},
    Example{"open", "labreel open lab.reel --at cut", "Wireshark, at that frame"},
    Example{"extcap install", "labreel extcap install", "labs appear among Wireshark's interfaces"},
    Example{"extcap remove", "labreel extcap remove", ""},
    Example{"pack", "labreel pack lab.reel NOTES.md", ""},
    Example{"unpack", "labreel unpack lab.reel -o lab", ""},
    Example{"check", "labreel check lab.reel", ""},
    Example{"check", "labreel check broken.reel --repair", "into broken-repaired.reel"},
    Example{"verify", "labreel verify lab.reel", "the switch's decisions; runs nothing of the reel's"},
    Example{"verify", "labreel verify --trust lab.reel", "a lab in virtual time, guests and all"},
    Example{"diff", "labreel diff a.reel b.reel --ignore time,order,numbers,payload,polls,output",
            "two runs in real time"},
    Example{"rerun", "labreel rerun a.reel -o b.reel --trust", ""},
    Example{"branch", "labreel branch lab.reel --at cut -o what-if.reel", ""},
    Example{"kernel build", "labreel kernel build", ""},
    Example{"kernel install", "sudo labreel kernel install", ""},
    Example{"kernel show", "labreel kernel show", ""},
    Example{"image build", "labreel image build -o frr.squashfs frr iproute2 iputils-ping", ""},
    Example{"doctor", "labreel doctor", ""},
    Example{"completion", "source <(labreel completion bash)", "in ~/.bashrc, for every shell"},
    Example{"help", "labreel help link set", ""},
    Example{"version", "labreel version", ""},
};

void add_below(CLI::App& group, const std::string& path) {
  for (CLI::App* const verb : group.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string name = path + verb->get_name();
    add_below(*verb, name + " ");
    std::string footer = verb->get_footer();
    for (const Example& example : examples_of(name)) {
      footer += footer.empty() ? "" : "\n";
      footer += "Example: " + std::string{example.command};
      if (!example.does.empty()) footer += "   # " + std::string{example.does};
    }
    verb->footer(footer);
  }
}

}  // namespace

std::vector<Example> examples_of(std::string_view verb) {
  std::vector<Example> found;
  for (const Example& example : kExamples) {
    if (example.verb == verb) found.push_back(example);
  }
  return found;
}

void add_examples(CLI::App& app) { add_below(app, {}); }

}  // namespace labreel
