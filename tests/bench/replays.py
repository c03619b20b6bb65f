"""Frames of a file into a port of a running, recorded lab: `replay --into` beside tcpreplay, each as fast as it goes."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from figures import MIXES, program, skipped, values
from labs import with_children

LAB = """name: bench
topology:
  nodes: {h1: , h2: }
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
"""
# What the lab got of them, by its own clock; nothing else has that sender.
GOT = ("SELECT count(*) AS frames, max(time) - min(time) AS ns FROM frame "
       "WHERE port = 'h1:eth0' AND src_mac = '02:00:00:00:00:01'")


class ReplayLab:
    """Two nodes on a cable. What goes into h2's port goes on the way that h1's frames take."""

    def __init__(self, build, folder):
        self.labreel = os.path.join(build, "recorder/labreel")
        self.place = tempfile.mkdtemp(dir=folder)
        self.environment = dict(os.environ, LABREEL_RUN_DIR=self.place)
        self.reel = os.path.join(self.place, "live.reel")
        lab = os.path.join(self.place, "lab.yml")
        with open(lab, "w", encoding="ascii") as file:
            file.write(LAB)
        self.run("run", lab, "-o", self.reel, "--detach")

    def run(self, *arguments):
        return subprocess.run([self.labreel, *arguments], check=True, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout

    def run_at(self, node, *command):
        """Runs a program of the host's, with the host's files, in a node's network."""
        network = self.run("exec", node, "--", "readlink", "/proc/self/ns/net").strip()
        recorder = json.loads(self.run("ps", "--json").splitlines()[0])["pid"]
        there = next(pid for pid in with_children(recorder) if os.readlink(f"/proc/{pid}/ns/net") == network)
        return subprocess.run(["nsenter", "--target", str(there), "--net", "--", *command], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def end(self):
        self.run("stop")

    def got(self):
        """How many frames it got, and in how many seconds."""
        frames, ns = self.run("query", self.reel, GOT, "--csv").splitlines()[1].split(",")
        return int(frames), int(ns) / 1e9


def measure_replay(name, build, folder, mix, frames, send):
    lab = ReplayLab(build, folder)
    try:
        send(lab)
        time.sleep(0.3)  # what waits in the port's queue comes, too
    finally:
        lab.end()
    came, seconds = lab.got()
    shutil.rmtree(lab.place)
    values[f"{name}.per_s", mix].append((came - 1) / seconds)
    values[f"{name}.lost_pct", mix].append(100 * (1 - came / frames))


def tcpreplay(name, folder, mix, *options):
    """Sends from h1; how fast it says that it was is kept, too."""
    def send(lab):
        said = lab.run_at("h1", "tcpreplay", "--topspeed", *options, "-i", "eth0", f"{folder}/replay.pcap")
        values[f"{name}.said_per_s", mix].append(float(re.search(r"([\d.]+) pps", said)[1]))
    return send


def measure_replays(build, folder, frames, rounds):
    peer = shutil.which("tcpreplay")
    if not peer:
        skipped.append("tcpreplay is not installed")
    for mix in MIXES:
        program(build, "replay_files", folder, frames, mix)
        for _ in range(rounds):
            measure_replay("replay", build, folder, mix, frames,
                           lambda lab: lab.run("replay", f"{folder}/replay.reel", "--into", "h2:eth0", "--speed", "max"))
            if not peer:
                continue
            for name, options in {"tcpreplay": [], "tcpreplay-K": ["--preload-pcap"]}.items():
                measure_replay(name, build, folder, mix, frames, tcpreplay(name, folder, mix, *options))
        for file in ("replay.reel", "replay.pcap"):
            os.remove(os.path.join(folder, file))
