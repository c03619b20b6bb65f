#!/usr/bin/env python3
"""Writes the corpus of vring.cc into the folder vring beside it: what a driver says, and what it must not."""
import pathlib
import struct

DESCRIPTORS, AVAILABLE, USED, DATA = 0x0, 0x200, 0x400, 0x2000
QUEUE = 0x1000  # the second queue's rings, from the first's
NEXT, WRITE = 1, 2


def message(kind, *words, form="I"):
    payload = struct.pack("<" + (form if len(form) > 1 else form * len(words)), *words)
    return b"m" + bytes([kind, len(payload)]) + payload


def write(offset, data):
    return b"w" + struct.pack("<HB", offset, len(data)) + data


def share(address=0, size=0x4000, offset=0):
    return message(5, 1, 0, address, size, 0, offset, form="IIQQQQ")


def rings(queue, entries=8, descriptors=None, base=0):
    at = queue * QUEUE
    where = at + DESCRIPTORS if descriptors is None else descriptors
    return (message(8, queue, entries) + message(10, queue, base) +
            message(9, queue, 0, where, at + USED, at + AVAILABLE, 0, form="IIQQQQ") + message(18, queue, 1))


def describe(queue, index, address, length, flags=0, following=0):
    return write(queue * QUEUE + 16 * index, struct.pack("<QIHH", address, length, flags, following))


def offer(queue, *heads, claim=None):
    heads_bytes = struct.pack("<" + "H" * len(heads), *heads)
    return write(queue * QUEUE + AVAILABLE, struct.pack("<HH", 0, len(heads) if claim is None else claim) + heads_bytes)


def kick(queue):
    return message(35, queue, 0)


SET_UP = message(1) + message(2, 0, 1) + message(15) + message(16, 0x4228, 0) + message(3) + share()
OUT, IN = SET_UP + rings(1), SET_UP + rings(0)
SCRIPTS = {
    "frame": OUT + describe(1, 0, DATA, 12, NEXT, 1) + describe(1, 1, DATA + 12, 64) + offer(1, 0) + kick(1),
    "input": IN + describe(0, 0, DATA, 200, WRITE) + offer(0, 0) + b"i\x08" + kick(0),
    "input_in_two_parts": IN + describe(0, 0, DATA, 12, WRITE | NEXT, 1) + describe(0, 1, DATA + 64, 100, WRITE) + offer(0, 0) + b"i\x04",
    "input_not_writable": IN + describe(0, 0, DATA, 200) + offer(0, 0) + b"i\x08",
    "loop": OUT + describe(1, 0, DATA, 12, NEXT, 1) + describe(1, 1, DATA, 12, NEXT, 0) + offer(1, 0) + kick(1),
    "to_itself": OUT + describe(1, 0, DATA, 12, NEXT, 0) + offer(1, 0) + kick(1),
    "outside": OUT + describe(1, 0, 0x3FFF, 64) + offer(1, 0) + kick(1),
    "wraps_round": OUT + describe(1, 0, 2**64 - 8, 64) + offer(1, 0) + kick(1),
    "head_too_high": OUT + offer(1, 8) + kick(1),
    "too_many_offered": OUT + offer(1, 0, claim=9) + kick(1),
    "indirect": OUT + describe(1, 0, DATA, 16, 4) + offer(1, 0) + kick(1),
    "sends_writable": OUT + describe(1, 0, DATA, 64, WRITE) + offer(1, 0) + kick(1),
    "without_header": OUT + describe(1, 0, DATA, 4) + offer(1, 0) + kick(1),
    "empty_buffers": OUT + describe(1, 0, DATA, 0, NEXT, 1) + describe(1, 1, 0x4000, 0) + offer(1, 0) + kick(1),
    "rings_in_each_other": SET_UP + message(8, 1, 8) + message(9, 1, 0, 0, 0, 0, 0, form="IIQQQQ") + message(18, 1, 1) + offer(1, 0) + kick(1),
    "used_over_available": SET_UP + message(8, 1, 8) + message(10, 1, 0) + write(QUEUE + AVAILABLE, b"\0\0\2\0")
    + message(9, 1, 0, QUEUE, QUEUE + AVAILABLE, QUEUE + AVAILABLE, 0, form="IIQQQQ") + message(18, 1, 1)
    + describe(1, 0, DATA, 64) + kick(1),
    "unaligned": SET_UP + rings(1, descriptors=QUEUE + 3),
    "largest_ring": SET_UP + rings(1, entries=32768),
    "size_after_addresses": OUT + message(8, 1, 16384) + offer(1, 0) + kick(1),
    "memory_taken_away": OUT + message(5, 0, 0) + offer(1, 0) + kick(1) + b"i\x01",
    "regions_overlap": message(5, 2, 0, 0, 0x2000, 0, 0, 0x1000, 0x2000, 0, 0, form="IIQQQQQQQQ"),
    "region_beyond_file": share(size=0x8000),
    "region_wraps": share(address=2**64 - 0x1000, size=0x2000),
    "region_at_odd_offset": share(size=0x1001, offset=0x123) + rings(1),
    "base_near_the_end": SET_UP + rings(1, base=0xFFFF) + offer(1, 0, claim=0) + kick(1),
    "config": message(24, 0, 12, 0, *[0] * 3) + message(24, 4, 20, 0, *[0] * 5) + message(24, 2**32 - 1, 4, 0, 0),
    "features_not_offered": message(2, 2**32 - 1, 2**32 - 1),
    "queue_7": message(8, 7, 8),
    "unknown_request": message(99, 1, 2, 3),
    "short_message": message(9, 1, 0),
}

folder = pathlib.Path(__file__).parent / "vring"
folder.mkdir(exist_ok=True)
for name, script in SCRIPTS.items():
    for device, first in (("card", b"\0"), ("port", b"\1")):
        if device == "card" or name in ("frame", "input", "input_in_two_parts", "without_header"):
            (folder / f"{name}_{device}").write_bytes(first + script)
