#!/usr/bin/env python3
"""Compares the decoder's fields with tshark's, one by one, on one file of recorded frames.

Usage: compare.py PRINT_FIELDS FRAMES.pcap FIELDS.txt [--write]

Each field that has a name must be tshark's: the same name with the same value, in the same bytes or in a part of them. A value is
the same if it is tshark's, or tshark's with its word behind it in brackets. FIELDS.txt lists for each file the protocol that it
is there for, which at least 20 of its frames must have, and all fields that are compared: one that is missing, or new, fails.
--write writes that list anew.
"""
import collections
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

FRAMES_MIN = 20
PREFERENCES = [
    "tcp.desegment_tcp_streams:FALSE",  # one frame at a time, as the decoder has it
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
]
RELATIVE = "tcp.relative_sequence_numbers:TRUE"
ABSOLUTE = "tcp.relative_sequence_numbers:FALSE"
# What the connection tells. Of the judgements none may be missing, either.
FOLLOWED = ["tcp.seq", "tcp.nxtseq", "tcp.ack", "tcp.window_size"]
JUDGED = ["tcp.analysis." + word for word in (
    "retransmission fast_retransmission spurious_retransmission out_of_order lost_segment ack_lost_segment duplicate_ack "
    "duplicate_ack_num window_update window_full zero_window zero_window_probe zero_window_probe_ack keep_alive keep_alive_ack").split()]


def tshark_fields(capture, numbers):
    """Yields for each packet its fields: name -> [(offset, length, value)]."""
    command = ["tshark", "-n", "-r", capture, "-T", "pdml"]
    for preference in PREFERENCES + [numbers]:
        command += ["-o", preference]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    for packet in xml.etree.ElementTree.fromstring(text).findall("packet"):
        fields = collections.defaultdict(list)
        for node in packet.iter():
            if node.get("name") and node.get("pos") is not None:
                fields[node.get("name")].append((int(node.get("pos")), int(node.get("size")), node.get("show") or ""))
            elif node.tag == "proto":
                fields[node.get("name")].append((0, 0, ""))
        yield fields


def expected_fields(capture, follows_tcp):
    """Returns tshark's fields a packet: as they stand in the frame, and those of connections relative to their begin."""
    packets = list(tshark_fields(capture, ABSOLUTE))
    if follows_tcp:
        for packet, relative in zip(packets, tshark_fields(capture, RELATIVE)):
            packet.update({name: relative[name] for name in FOLLOWED if name in relative})
    return packets


def decoder_fields(program, capture):
    """Returns frame -> [(layer, name, offset, length, value)]."""
    text = subprocess.run([program, capture], capture_output=True, check=True, text=True).stdout
    frames = collections.defaultdict(list)
    for line in text.split("\n")[:-1]:
        number, layer, name, offset, length, value = line.split("\t", 5)
        frames[int(number)].append((layer, name, int(offset), int(length), value))
    return frames


def is_told_otherwise(layer, name, fields):
    """Says where tshark tells less than the frame has, for reasons of its own."""
    if layer == "data":
        return True  # what no protocol understands: tshark knows more protocols
    if "tcp.analysis.retransmission" in fields and layer not in fields:
        return True  # it looks into a segment once only
    if name == "dns.resp.name" and "dns.srv.name" in fields:
        return True  # it takes the owner of an SRV record apart, and does not show it whole
    return False


def fits(field, other):
    _, _, offset, length, value = field
    at, size, shown = other
    same_value = value == shown or value.startswith(shown + " (")
    return same_value and (length == 0 or (at <= offset and offset + length <= at + size))


def listed(path):
    """Returns file -> (protocol, [fields])."""
    files, name = {}, None
    for line in pathlib.Path(path).read_text(encoding="utf-8").split("\n"):
        if not line or line.startswith("#"):
            continue
        if line.startswith(" "):
            files[name][1].append(line.strip())
        else:
            name, protocol = line.split()
            files[name] = (protocol, [])
    return files


def write(path, files):
    head = [line for line in pathlib.Path(path).read_text(encoding="utf-8").split("\n") if line.startswith("#")]
    for name in sorted(files):
        head += ["", f"{name} {files[name][0]}"] + [f"  {field}" for field in sorted(files[name][1])]
    pathlib.Path(path).write_text("\n".join(head) + "\n", encoding="utf-8")


def main():
    program, capture, list_path = sys.argv[1:4]
    files = listed(list_path)
    name = pathlib.Path(capture).stem
    protocol, expected = files[name]
    ours = decoder_fields(program, capture)
    compared, frames, failures = collections.Counter(), set(), []
    packets = expected_fields(capture, any(field[1] == "tcp.seq" for frame in ours.values() for field in frame))
    for number, theirs in enumerate(packets, 1):
        for field in ours[number]:
            layer, field_name, offset, length, value = field
            if not field_name or is_told_otherwise(layer, field_name, theirs):
                continue
            if any(fits(field, other) for other in theirs.get(field_name, [])):
                compared[field_name] += 1
                if layer == protocol:
                    frames.add(number)
            else:
                failures.append(f"frame {number}: {field_name} = {value!r} at {offset}+{length}; tshark: {theirs.get(field_name, [])[:4]}")
        told = {field[1] for field in ours[number]}
        failures += [f"frame {number}: tshark says {judged}" for judged in JUDGED if judged in theirs and judged not in told]
    if "--write" in sys.argv:
        files[name] = (protocol, list(compared))
        write(list_path, files)
        expected = list(compared)
    if len(frames) < FRAMES_MIN:
        failures.append(f"only {len(frames)} frames have {protocol}, at least {FRAMES_MIN} must")
    failures += [f"{field}: is listed, and in no frame" for field in sorted(set(expected) - set(compared))]
    failures += [f"{field}: is compared, and not listed in {list_path}" for field in sorted(set(compared) - set(expected))]
    print(f"{name}: {protocol} in {len(frames)} of {len(packets)} frames; {len(compared)} fields compared, {sum(compared.values())} times")
    for failure in failures[:30]:
        print("FAILED", failure)
    return 1 if failures else 0


sys.exit(main())
