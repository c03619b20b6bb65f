#!/usr/bin/env python3
"""Writes the corpus of super_frame.cc into the folder super_frame beside it: what a stack hands to its card, and what it must not."""
import pathlib
import struct

IPV4, IPV6, TCP, UDP = 0x0800, 0x86DD, 6, 17
TCP4, TCP6, CWR = 1, 4, 0x80


def sum_of(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def tcp(addresses, payload, flags=0x10, options=b"", sequence=0xFFFFFF00, offset=None):
    words = 5 + len(options) // 4 if offset is None else offset
    unfinished = sum_of(addresses + struct.pack(">HH", TCP, 20 + len(options) + len(payload)))
    return struct.pack(">HHIIBBHHH", 5201, 40000, sequence, 7, words << 4, flags, 512, unfinished, 0) + options + payload


def ipv4(packet, fragment=0x4000, words=5):
    return struct.pack(">BBHHHBBH", 0x40 + words, 0, 20 + len(packet), 0xFFFE, fragment, 64, TCP, 0) + b"\x0a\0\0\1\x0a\0\0\2" + packet


def ipv6(packet, following=TCP):
    return struct.pack(">IHBB", 6 << 28, len(packet), following, 64) + bytes(range(32)) + packet


def ethernet(kind, packet, tags=0):
    return bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]) + b"\x81\0\0\5" * tags + struct.pack(">H", kind) + packet


def offloads(kind, size, start, flags=1, offset=16):
    return struct.pack("=BBHHHH", flags, kind, start + 20, size, start, offset)


FOUR, SIX = b"\x0a\0\0\1\x0a\0\0\2", bytes(range(32))
DATA = bytes(i * 7 % 251 for i in range(1500))
STAMP = b"\1\1\x08\x0a" + b"\0" * 8
ROUTE = struct.pack(">BBBB", TCP, 2, 4, 1) + b"\0" * 20

CASES = {
    "four": offloads(TCP4, 400, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA, options=STAMP, flags=0x18))),
    "six": offloads(TCP6, 400, 54) + ethernet(IPV6, ipv6(tcp(SIX, DATA))),
    "six_routed": offloads(TCP6, 400, 78) + ethernet(IPV6, ipv6(ROUTE + tcp(SIX, DATA), following=43)),
    "tagged_twice": offloads(TCP4, 100, 42) + ethernet(IPV4, ipv4(tcp(FOUR, DATA)), tags=2),
    "one_byte_each": offloads(TCP4, 1, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA[:60]))),
    "congestion": offloads(TCP4 | CWR, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA, flags=0x99))),
    "no_payload": offloads(TCP4, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, b""))),
    "fragment": offloads(TCP4, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA), fragment=0x2000)),
    "head_longer_than_frame": offloads(TCP4, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, b"short", offset=15))),
    "ip_head_too_short": offloads(TCP4, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA), words=4)),
    "wrong_kind": offloads(TCP6, 700, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA))),
    "checksum_outside": offloads(0, 0, 1534, offset=2) + ethernet(IPV4, ipv4(tcp(FOUR, DATA))),
    "one_unfinished": offloads(0, 0, 34) + ethernet(IPV4, ipv4(tcp(FOUR, DATA))),
    "only_tags": offloads(TCP4, 1, 14) + bytes(12) + b"\x81\0\0\1" * 30,
    "extensions_without_end": offloads(TCP6, 1, 54) + ethernet(IPV6, ipv6(b"\0\0\0\0\0\0\0\0" * 3, following=0)),
    "runt": offloads(0, 0, 0, flags=0) + b"\xff",
}

if __name__ == "__main__":
    folder = pathlib.Path(__file__).parent / "super_frame"
    folder.mkdir(exist_ok=True)
    for name, data in CASES.items():
        (folder / name).write_bytes(data)
