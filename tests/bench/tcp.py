"""One TCP stream through one switch: how many bits a second reach their receiver's program."""
import json
import os
import subprocess
import time

from figures import values
from switches import ONE_TO_ONE, Bridge, Labreel, Vde

PORT = "5201"


def measure_stream(name, switch, seconds):
    try:
        switch.give_addresses()
        server = subprocess.Popen(switch.ends[1].command("iperf3", "-s", "-1", "-p", PORT), stdout=subprocess.DEVNULL)
        try:
            wait_for_listener(switch.ends[1])
            before = switch.cpu_s()
            said = subprocess.run(switch.ends[0].command("iperf3", "-c", "192.0.2.2", "-p", PORT, "-t", str(seconds), "-J"),
                                  check=True, stdout=subprocess.PIPE, text=True, timeout=60 + 4 * seconds).stdout
            switch.settle()
            used = switch.cpu_s() - before
        finally:
            server.terminate()
            server.wait()
    finally:
        switch.close()
    received = json.loads(said)["end"]["sum_received"]
    values[f"{name}.tcp_bits_per_s", "TCP"].append(received["bits_per_second"])
    values[f"{name}.tcp_cpu_ns_per_kb", "TCP"].append(used * 1e9 / (received["bytes"] / 1e3))


def wait_for_listener(end):
    deadline = time.monotonic() + 10
    while not subprocess.run(end.command("ss", "-Hltn", f"sport = {PORT}"), check=True, stdout=subprocess.PIPE).stdout:
        if time.monotonic() > deadline:
            raise RuntimeError("iperf3 does not listen")
        time.sleep(0.01)


def measure_tcp(build, folder, rounds, seconds, vde):
    reel = os.path.join(folder, "tcp.reel")
    for _ in range(rounds):
        measure_stream("ours", Labreel(ONE_TO_ONE, build), seconds)
        measure_stream("recorded", Labreel(ONE_TO_ONE, build, reel), seconds)
        values["recorded.tcp_reel_bytes", "TCP"].append(os.path.getsize(reel))
        os.remove(reel)
        if vde:
            measure_stream("vde", Vde(ONE_TO_ONE, folder), seconds)
        measure_stream("bridge", Bridge(ONE_TO_ONE), seconds)
