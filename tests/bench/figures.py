"""What was measured in this run, and the table of it."""
import collections
import os
import statistics
import subprocess

MIXES = ["64", "IMIX", "1500"]
# About as many bytes a frame has in a file: its mean length, and what stands before it.
FILE_BYTES_A_FRAME = {"64": 64 + 75, "IMIX": 355 + 75, "1500": 1500 + 75}
values = collections.defaultdict(list)  # (what, mix): one value a round
skipped = []


def keep(lines):
    for line in lines.splitlines():
        what, mix, value = line.split("\t")
        values[what, mix].append(float(value))


def program(build, name, *arguments):
    command = [os.path.join(build, "tests/bench", name), *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def has_room(folder, needed, what):
    """Whether the disk has room for so many bytes; otherwise `what` is left out, and said so."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        skipped.append(f"{what}: {needed / 1e9:.0f} GB are needed in {folder}, which has {free / 1e9:.0f}")
    return free >= needed


def spread(what, mix, scale=1.0):
    of = [value * scale for value in values[what, mix]]
    return f"{statistics.median(of):.3g} ({min(of):.3g}–{max(of):.3g})"


def median(what, mix):
    return statistics.median(values[what, mix])


class Table:
    def __init__(self):
        print("| work | frames | labreel | peer | ratio | goal | |")
        print("|---|---|---|---|---|---|---|")

    @staticmethod
    def row(work, mix, ours, peer, ratio, goal, good):
        said = {True: "met", False: "missed", None: "reported"}[good]
        print(f"| {work} | {mix} | {ours} | {peer} | {ratio} | {goal} | {said} |")

    def ratio(self, work, ours, peer, least=None, most=None, scale=1.0, mixes=None):
        """The median of the rounds' own ratios where rounds are side by side; without a goal it is only reported."""
        for mix in mixes or MIXES:
            if not values[ours, mix] or not values[peer, mix]:
                continue
            pairs = [a / b for a, b in zip(values[ours, mix], values[peer, mix])]
            ratio = statistics.median(pairs)
            bound = (least or most)[mix] if isinstance(least or most, dict) else (least or most)
            good = None if bound is None else ratio >= bound if least else ratio <= bound
            goal = "" if bound is None else f"{'≥' if least else '≤'} {bound}x"
            self.row(work, mix, spread(ours, mix, scale), spread(peer, mix, scale), f"{ratio:.2f}x", goal, good)

    def limit(self, work, what, least=None, most=None, scale=1.0, unit="", mixes=None):
        for mix in mixes or MIXES:
            if not values[what, mix]:
                continue
            bound = (least or most)[mix] if isinstance(least or most, dict) else (least or most)
            value = median(what, mix) * scale
            good = value >= bound if least else value <= bound
            self.row(work, mix, spread(what, mix, scale), "", "", f"{'≥' if least else '≤'} {bound}{unit}", good)
