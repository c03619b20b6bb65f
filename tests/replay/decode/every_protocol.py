#!/usr/bin/env python3
"""Checks that each layer which the decoder can name is in at least 20 recorded frames.

Usage: every_protocol.py PRINT_FIELDS TREE
"""
import collections
import pathlib
import re
import subprocess
import sys

FRAMES_MIN = 20
# What no software here sends, or only pads and unknown protocols are.
WITHOUT_FRAMES = {"data", "eth.trailer", "ipv6.dstopts", "ipv6.routing"}

program, tree = sys.argv[1], pathlib.Path(sys.argv[2])
layers = set(WITHOUT_FRAMES)
for source in sorted((tree / "replay/decode").glob("*.cc")):
    layers |= set(re.findall(r'Fields fields\{\w+, \w+, "([a-z0-9._]+)"', source.read_text(encoding="utf-8")))
frames = collections.Counter()
for capture in sorted((tree / "tests/replay/decode/frames").glob("*.pcap")):
    text = subprocess.run([program, capture], capture_output=True, check=True, text=True).stdout
    frames.update(layer for _, layer in {tuple(line.split("\t")[:2]) for line in text.split("\n")[:-1]})
few = [f"{layer}: {frames[layer]} frames" for layer in sorted(layers - WITHOUT_FRAMES) if frames[layer] < FRAMES_MIN]
print("\n".join(f"{layer}: {count} frames" for layer, count in sorted(frames.items())))
for line in few:
    print("FAILED", line)
sys.exit(1 if few or len(layers) < 20 else 0)
