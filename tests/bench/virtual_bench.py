"""Measures labs in virtual time: how much faster than the wall clock they run, and what a guest costs."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from labs import memory_mb, with_children  # noqa: E402
from virtual_sample import virtual_text  # noqa: E402

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"


def hosts_on_a_lan(count, scenario=""):
    """Guests on one switch, 10.0.0.1 and so on."""
    nodes = "".join(f"    h{i}: {{ports: {{eth0: {{address: [10.0.0.{i}/24]}}}}}}\n" for i in range(1, count + 1))
    ports = ", ".join(f'"h{i}:eth0"' for i in range(1, count + 1))
    return (f"name: lan\nclock: virtual\ntopology:\n  defaults: {{kind: uml}}\n  nodes:\n{nodes}"
            f"  lans:\n    office: {{ports: [{ports}]}}\n{scenario}")


TCP = """name: tcp
clock: virtual
topology:
  defaults: {kind: uml}
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}, exec: ["iperf3 -s -D"]}
  links:
    - {endpoints: ["h1:eth0", "h2:eth0"], delay: 1ms}
scenario:
  - wait: {node: h2, run: "ss -Hltn 'sport = 5201'", until: LISTEN, timeout: 30s}
  - exec: {node: h1, run: "iperf3 -c 10.0.0.2 -t 2 -J"}
"""


class VirtualBench:
    def __init__(self, build, folder, values):
        self.labreel = os.path.join(os.path.abspath(build), "recorder/labreel")
        self.folder = folder
        self.values = values
        self.runs = os.path.join(folder, "run")
        os.makedirs(self.runs, mode=0o700, exist_ok=True)
        self.environment = dict(os.environ, LABREEL_RUN_DIR=self.runs)

    def keep(self, what, value):
        self.values[what, "virtual"].append(value)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def info(self, reel):
        said = subprocess.run([self.labreel, "info", reel, "--json"], check=True, stdout=subprocess.PIPE).stdout
        return json.loads(said)

    def printed(self, reel, node):
        """What commands on a node printed, piece by piece."""
        said = subprocess.run([self.labreel, "events", reel, "--json", "--kind", "exec.output"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        return [event.get("text", "") for event in map(json.loads, said.splitlines()) if event["node"] == node]

    def run(self, lab, *options):
        """Runs a lab to its end; its facts, and the seconds that it took."""
        reel = os.path.join(self.folder, "virtual.reel")
        if os.path.exists(reel):
            os.remove(reel)
        began = time.monotonic()
        subprocess.run([self.labreel, "run", lab, "-o", reel, *options], check=True, env=self.environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self.info(reel), time.monotonic() - began, reel

    def sample(self, name):
        folder = os.path.join(self.folder, name)
        if not os.path.exists(folder):
            shutil.copytree(SAMPLES / name, folder)
            self.write(f"{name}/lab.yml", virtual_text((SAMPLES / name / "lab.yml").read_text()))
        return os.path.join(folder, "lab.yml")

    def pace_of(self, what, name):
        """How fast a sample goes for 75 s of lab time, in which its routers boot and find each other, and with its whole script."""
        lab = self.sample(name)
        whole = pathlib.Path(lab).read_text(encoding="utf-8")
        quiet = self.write(f"{name}/quiet.yml", whole[:whole.index("scenario:")] + "scenario:\n  - sleep: 75s\n")
        for each, path in [(what, quiet), (f"{what}_script", lab)]:
            info, seconds, _ = self.run(path)
            self.keep(each, info["duration_ns"] / 1e9 / seconds)

    def boot(self):
        """The wall clock of ten more guests, from start to the end of their first command, by ten."""
        took = []
        for count in (2, 12):
            text = hosts_on_a_lan(count).replace("{kind: uml}", '{kind: uml, exec: ["true"]}')
            took.append(self.run(self.write("boot.yml", text), "--for", "100ms")[1])
        self.keep("virtual.boot_s", (took[1] - took[0]) / 10)

    def memory(self):
        """Proportional share of memory of the guests' processes, a guest; of hosts with nothing but a shell command done."""
        count = 10
        reel = os.path.join(self.folder, "memory.reel")
        lab = subprocess.Popen([self.labreel, "run", self.write("memory.yml", hosts_on_a_lan(count)), "-o", reel, "--pace", "real"],
                               env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in lab.stderr:
                if "runs until" in line:
                    break
            self.keep("virtual.guest_mb", memory_mb(with_children(lab.pid)[1:], "Pss:") / count)
        finally:
            lab.terminate()
            lab.communicate()
        os.remove(reel)

    def many(self):
        scenario = 'scenario:\n  - exec: {node: h1, run: "ping -c 1 10.0.0.60"}\n  - exec: {node: h60, run: "ping -c 1 10.0.0.31"}\n'
        _, seconds, _ = self.run(self.write("many.yml", hosts_on_a_lan(60, scenario)))
        self.keep("virtual.sixty_s", seconds)

    def tcp(self):
        info, seconds, reel = self.run(self.write("tcp.yml", TCP))
        received = json.loads("".join(self.printed(reel, "h1")))["end"]["sum_received"]
        self.keep("virtual.tcp_mbit_per_s", received["bits_per_second"] / 1e6)
        self.keep("virtual.tcp_mb_per_wall_s", received["bytes"] / 1e6 / seconds)
        self.keep("virtual.tcp_frames", info["frames"])

    def measure(self, rounds, whole):
        for _ in range(rounds):
            if whole:
                self.pace_of("virtual.triangle", "ospf-triangle")
                self.pace_of("virtual.ring", "frr-ring-25")
                self.many()
            self.boot()
            self.memory()
            self.tcp()
