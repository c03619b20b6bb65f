"""Frames between two guests: over our vhost-user card in a recorded lab in virtual time, and over User-Mode Linux's own
socket transport in real time, the same kernel joined by vde_switch. Both are blasted by iperf3; what counts is what the
receiver's card took, a second of wall clock."""
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from figures import skipped, values
from switches import wait_for

# By length of frame, as everywhere in the bench: Ethernet's header counts, its checksum does not. TCP's frames are about
# as many with their acknowledgements.
BLASTS = {"64": "-u -b 0 -l 22 -k {frames}", "1500": "-u -b 0 -l 1458 -k {frames}", "TCP": "-n {frames}K"}
TOOK = "cat /sys/class/net/eth0/statistics/rx_packets"
BUILD_KERNEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../engine/nodes/uml/kernel/build")
PATIENCE_S = 120  # a guest boots, or a blast ends, within that

LAB = """name: blast
clock: virtual
topology:
  defaults: {{kind: uml}}
  nodes:
    h1: {{ports: {{eth0: {{address: [10.0.0.1/24]}}}}}}
    h2: {{ports: {{eth0: {{address: [10.0.0.2/24]}}}}, exec: ["iperf3 -s -D"]}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
scenario:
  - wait: {{node: h2, run: "ss -Hltn 'sport = 5201'", until: LISTEN, timeout: 30s}}
  - exec: {{node: h2, run: "{took}"}}
  - exec: {{node: h1, run: "{blast}"}}
  - exec: {{node: h2, run: "{took}"}}
"""

# Its root is the host's, so everything that it writes to is its own. Then it does what it is told, line by line.
INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for each in proc:/proc sysfs:/sys tmpfs:/tmp tmpfs:/dev; do mount -t "${each%:*}" none "${each#*:}"; done
mknod /dev/console c 5 1
mknod /dev/null c 1 3
mknod /dev/urandom c 1 9
exec </dev/console >/dev/console 2>&1
stty -echo
echo "done 0"
while read -r line; do
  eval "$line"
  echo "done $?"
done
"""


def blast(mix, frames):
    return "iperf3 -c 10.0.0.2 " + BLASTS[mix].format(frames=frames)


class SocketGuest:
    """A guest in real time, whose console is ours. Ends with its processes; its folder is the caller's."""

    def __init__(self, kernel, folder, number, control):
        init = os.path.join(folder, f"init{number}")
        with open(init, "w", encoding="ascii") as file:
            file.write(INIT)
        os.chmod(init, 0o755)
        environment = {"GLIBC_TUNABLES": "glibc.pthread.rseq=0", "HOME": folder, "TMPDIR": "/dev/shm"}
        self.said = b""
        self.process = subprocess.Popen(
            [kernel, "mem=128M", f"umid=guest{number}", f"uml_dir={folder}/", "root=/dev/root", "rootfstype=hostfs",
             "rootflags=/", "ro", f"init={init}", "con0=fd:0,fd:1", "con=null", "quiet",
             f"eth0=daemon,02:00:00:00:00:0{number},unix,{control}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
            start_new_session=True)
        self.answer()
        self.run(f"ip link set lo up; ip address add 10.0.0.{number}/24 dev eth0; ip link set eth0 up")

    def run(self, command):
        """What a command printed."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        until = time.monotonic() + PATIENCE_S
        while True:
            lines = self.said.replace(b"\r", b"").split(b"\n")
            for number, line in enumerate(lines[:-1]):
                if line.startswith(b"done "):
                    self.said = b"\n".join(lines[number + 1:])
                    text = b"\n".join(lines[:number]).decode(errors="replace")
                    if line != b"done 0":
                        raise RuntimeError(f"a command failed in a guest of the socket transport: {text}")
                    return text
            left = until - time.monotonic()
            ready = left > 0 and select.select([self.process.stdout], [], [], left)[0]
            more = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
            if not more:
                why = "ended" if ready else "keeps silent"
                raise RuntimeError(f"a guest of the socket transport {why}: {self.said[-500:].decode(errors='replace')}")
            self.said += more

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # the processes of its programs, too
        except ProcessLookupError:
            pass
        self.process.communicate()


class SocketPair:
    """Two guests and the vde_switch between them; whatever happens, nothing of them is left."""

    def __init__(self, kernel, folder):
        self.folder = tempfile.mkdtemp(prefix="socket-", dir=folder)
        self.guests = []
        control = os.path.join(self.folder, "vde")
        self.switch = subprocess.Popen(["vde_switch", "-sock", control], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: os.path.exists(os.path.join(control, "ctl")), "vde_switch making its socket")
            for number in (1, 2):
                self.guests.append(SocketGuest(kernel, self.folder, number, os.path.join(control, "ctl")))
        except BaseException:
            self.end()
            raise

    def frames_per_s(self, mix, frames):
        sender, receiver = self.guests
        receiver.run("iperf3 -s -D; until ss -Hltn 'sport = 5201' | grep -q LISTEN; do sleep 0.1; done")
        before = int(receiver.run(TOOK))
        began = time.monotonic()
        sender.run(blast(mix, frames))
        took = time.monotonic() - began
        return (int(receiver.run(TOOK)) - before) / took

    def end(self):
        for guest in self.guests:
            guest.end()
        self.switch.terminate()
        self.switch.communicate()
        shutil.rmtree(self.folder)


def lab_frames_per_s(bench, mix, frames):
    """By what the session says of the lab's scenario: the third step is the blast, the fourth comes when it has ended."""
    path = bench.write("blast.yml", LAB.format(took=TOOK, blast=blast(mix, frames)))
    reel = os.path.join(bench.folder, "blast.reel")
    began = {}
    lab = subprocess.Popen([bench.labreel, "run", path, "-o", reel], env=bench.environment, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(PATIENCE_S, lab.kill)  # its guests end with it
    watchdog.start()
    try:
        for line in lab.stderr:
            if step := re.match(r"\[(\d)/4\]", line):
                began[step[1]] = time.monotonic()
    finally:
        watchdog.cancel()
        lab.stderr.close()
    if lab.wait() != 0:
        raise RuntimeError("the lab of two guests failed")
    before, after = (int(text) for text in bench.printed(reel, "h2") if text.strip().isdigit())
    os.remove(reel)
    return (after - before) / (began["4"] - began["3"])


def measure_socket_guests(bench, rounds, frames):
    """Frames a second of wall clock, in turns: a blast of so many is sent, and what came of it is counted."""
    kernel = subprocess.run([BUILD_KERNEL, "path"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    if not os.path.exists(kernel):
        skipped.append("guests on the socket transport: their kernel is not built")
        return
    if not shutil.which("vde_switch"):
        skipped.append("guests on the socket transport: the package vde2 is not installed")
        return
    for _ in range(rounds):
        for mix in BLASTS:
            values["guests.vhost_per_s", mix].append(lab_frames_per_s(bench, mix, frames))
            pair = SocketPair(kernel, bench.folder)
            try:
                values["guests.socket_per_s", mix].append(pair.frames_per_s(mix, frames))
            finally:
                pair.end()
