"""Whole labs: how long `labreel run` takes until all nodes and links are up, and what an idle lab costs."""
import glob
import json
import os
import subprocess
import tempfile
import time

from figures import values
from switches import cpu_s

# Every node's own init is a process of the node, not of the engine, but it is ours too: it counts.


def ring_of(nodes):
    links = "".join(f'    - endpoints: ["n{i}:right", "n{(i + 1) % nodes}:left"]\n' for i in range(nodes))
    return (f"name: bench-ring-{nodes}\ntopology:\n  defaults: {{kind: namespace}}\n  nodes:\n"
            + "".join(f"    n{i}: {{}}\n" for i in range(nodes)) + "  links:\n" + links)


def with_children(pid):
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        for path in glob.glob(f"/proc/{pid}/task/*/children"):
            try:
                with open(path, encoding="ascii") as file:
                    todo += [int(child) for child in file.read().split()]
            except OSError:  # it has ended
                continue
    return found


def memory_mb(pids, *parts):
    """Their share of memory, of the named lines of smaps_rollup: what several of them map is counted once."""
    total_kb = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total_kb += sum(int(line.split()[1]) for line in file if line.startswith(parts))
        except OSError:  # it has ended
            continue
    return total_kb / 1e3


def measure_lab(build, folder, nodes, idle_s):
    with tempfile.TemporaryDirectory(dir=folder) as place:
        lab = os.path.join(place, "lab.yml")
        with open(lab, "w", encoding="ascii") as file:
            file.write(ring_of(nodes))
        environment = dict(os.environ, LABREEL_RUN_DIR=place)
        labreel = os.path.join(build, "recorder/labreel")
        begin = time.monotonic()
        subprocess.run([labreel, "run", lab, "-o", os.path.join(place, "ring.reel"), "--detach"], check=True, env=environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        values["lab.start_s", str(nodes)].append(time.monotonic() - begin)
        try:
            said = subprocess.run([labreel, "ps", "--json"], check=True, env=environment, stdout=subprocess.PIPE, text=True)
            pids = with_children(json.loads(said.stdout.splitlines()[0])["pid"])
            values["lab.mb_a_node", str(nodes)].append(memory_mb(pids, "Pss_Anon:", "Pss_Shmem:") / nodes)
            before = cpu_s(pids)
            time.sleep(idle_s)
            values["lab.idle_pct", str(nodes)].append(100 * (cpu_s(pids) - before) / idle_s)
        finally:
            subprocess.run([labreel, "stop"], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
