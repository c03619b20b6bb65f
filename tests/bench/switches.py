"""labreel's switch and its peers, each in network namespaces that end with it."""
import collections
import glob
import os
import re
import subprocess
import tempfile
import time

# Frames go from `senders` ports to one port, or (`broadcast`) to all `receivers`. The senders have one network
# namespace, the receivers another; port numbers go on from one to the other.
Shape = collections.namedtuple("Shape", "name senders receivers broadcast")
ONE_TO_ONE = Shape("one to one", 1, 1, False)
FOUR_TO_ONE = Shape("four to one", 4, 1, False)
BROADCAST = Shape("broadcast to 24", 1, 24, True)


class Namespace:
    """A network namespace that ends with its holder; nothing of it stays on the host."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 3600"],
                                       stdout=subprocess.PIPE, text=True)
        self.holder.stdout.readline()
        self.pid = str(self.holder.pid)

    def command(self, *command):
        return ["nsenter", "--target", self.pid, "--net", "--", *command]

    def run(self, *command):
        subprocess.run(self.command(*command), check=True, stdout=subprocess.DEVNULL)

    def up(self, device):
        # Without addresses of its own a device is silent: only the bench's frames count.
        self.run("sh", "-c", f"echo 1 >/proc/sys/net/ipv6/conf/{device}/disable_ipv6 2>/dev/null; "
                             f"ip link set {device} up arp off")

    def end(self):
        self.holder.kill()
        self.holder.wait()


def cpu_s(pids):
    """Processor seconds of all threads of some processes, to the nanosecond."""
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def wait_for(holds, what):
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise RuntimeError(f"{what} did not happen")


class Switch:
    """Something that carries frames between the interfaces lr0, lr1 … of the senders and of the receivers."""

    def __init__(self, shape):
        self.shape = shape
        self.middle, self.ends = Namespace(), [Namespace(), Namespace()]
        self.processes = []
        self.captures = []
        self.kept = 0

    def ports(self):
        """Each port's number and the namespace of the interface there."""
        count = self.shape.senders + self.shape.receivers
        return [(number, self.ends[0 if number < self.shape.senders else 1]) for number in range(count)]

    def first_receiver(self):
        return f"lr{self.shape.senders}"

    def start(self, *command, **options):
        process = subprocess.Popen(self.middle.command(*command), **options)
        self.processes.append(process)
        return process

    def has(self, device):
        return subprocess.run(self.middle.command("ip", "link", "show", device), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode == 0

    def move_taps(self):
        for number, end in self.ports():
            self.middle.run("ip", "link", "set", f"lr{number}", "netns", end.pid)
            end.up(f"lr{number}")

    def give_addresses(self):
        for number, end in self.ports():
            end.run("ip", "link", "set", f"lr{number}", "arp", "on")
            end.run("ip", "address", "add", f"192.0.2.{number + 1}/24", "dev", f"lr{number}")

    def cpu_s(self):
        return cpu_s([process.pid for process in self.processes])

    def settle(self):
        time.sleep(0.3)  # longer than a commit interval: what is left to write counts too

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
            process.wait()
        for namespace in [self.middle, *self.ends]:
            namespace.end()


class OurProgram(Switch):
    """A program of ours that makes the TAPs, says so, and runs from a line on its standard input to that one's end."""

    def __init__(self, shape, *command):
        super().__init__(shape)
        self.process = self.start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self.move_taps()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        time.sleep(0.05)

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise RuntimeError("the switch failed")
        super().close()


class Labreel(OurProgram):
    def __init__(self, shape, build, reel=None):
        ports = str(shape.senders + shape.receivers)
        super().__init__(shape, os.path.join(build, "tests/bench/switch_bench"), ports, *([reel] if reel else []))


class Relay(OurProgram):
    """Two TAPs and a loop that reads from one and writes to the other: the least that user space can do."""

    def __init__(self, build):
        super().__init__(ONE_TO_ONE, os.path.join(build, "tests/bench/relay_bench"))


class Vde(Switch):
    def __init__(self, shape, folder):
        super().__init__(shape)
        taps = [word for number, _ in self.ports() for word in ("-tap", f"lr{number}")]
        self.start("vde_switch", "-sock", os.path.join(tempfile.mkdtemp(dir=folder), "vde"), *taps,
                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: all(self.has(f"lr{number}") for number, _ in self.ports()), "vde_switch making its TAPs")
        time.sleep(0.1)
        self.move_taps()


class Capture:
    """A program that records one interface, and says at its end how many frames it kept."""

    def __init__(self, command, said):
        self.command, self.said = command, said

    def kept(self, text):
        found = re.search(self.said, text)
        return int(found[1]) if found else 0


DUMPCAP = Capture(["dumpcap", "-q"], r"Packets received/dropped on interface.*?: (\d+)/\d+")
TCPDUMP = Capture(["tcpdump", "-n", "-Z", "root"], r"(\d+) packets? captured")


class Bridge(Switch):
    def __init__(self, shape, folder=None, capture=DUMPCAP):
        super().__init__(shape)
        self.capture = capture
        self.middle.run("ip", "link", "add", "br0", "type", "bridge")
        self.middle.up("br0")
        for number, end in self.ports():
            self.middle.run("ip", "link", "add", f"p{number}", "type", "veth", "peer", "name", f"lr{number}",
                            "netns", end.pid)
            self.middle.run("ip", "link", "set", f"p{number}", "master", "br0")
            self.middle.up(f"p{number}")
            end.up(f"lr{number}")
        if folder:
            for number, _ in self.ports():
                self.captures.append(self.start(*capture.command, "-i", f"p{number}", "-w", f"{folder}/p{number}.pcapng",
                                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
            time.sleep(0.5)

    def settle(self):
        time.sleep(0.7)  # a capture drains its ring

    def close(self):
        for capture in self.captures:
            capture.send_signal(2)
            self.kept += self.capture.kept(capture.communicate()[1])
        super().close()
