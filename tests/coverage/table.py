#!/usr/bin/env python3
"""Reads what `llvm-cov export` says and prints, for each source, its lines and branches and where a branch was never taken.

`12:7 true` says that the condition at line 12, column 7 was never true. Ends with status 1 if a branch of the recovery code was never
taken.
"""
import json
import os
import sys

RECOVERY = ["leaf_rows.cc", "salvage.cc", "open_reel.cc", "open_reel_find.cc", "reel_check.cc", "reel_repair.cc",
            "reel_file_head.cc", "reel_start.cc", "ring_file.cc"]


def untaken(file):
    """The outcomes of conditions that never came, in order; a template's or an inline's counts are added up."""
    counts = {}
    for line, column, _, _, true, false, *_ in file["branches"]:
        both = counts.setdefault((line, column), [0, 0])
        both[0] += true
        both[1] += false
    missing = []
    for (line, column), (true, false) in sorted(counts.items()):
        if true == 0: missing.append((line, column, "true"))
        if false == 0: missing.append((line, column, "false"))
    return 2 * len(counts), missing


def main():
    root = os.getcwd() + "/"
    recovery_missing = 0
    unseen = set(RECOVERY)
    for file in sorted(json.load(sys.stdin)["data"][0]["files"], key=lambda each: each["filename"]):
        # Where a compiler was told relative paths, they are so from the build's folder.
        name = os.path.normpath(os.path.join(root, ".build/coverage", file["filename"])).removeprefix(root)
        if not name.startswith(("engine/core/", "store/")): continue
        lines = file["summary"]["lines"]
        branches, missing = untaken(file)
        unseen.discard(os.path.basename(name))
        if os.path.basename(name) in RECOVERY: recovery_missing += len(missing)
        share = 100 * (branches - len(missing)) // branches if branches else 100
        print(f"{name:40} lines {lines['covered']:4} of {lines['count']:4} ({int(lines['percent'])} %)   "
              f"branches {branches - len(missing):4} of {branches:4} ({share} %)")
        for line, column, outcome in missing: print(f"    {name}:{line}:{column} {outcome}")
    print(f"branches of the recovery code that were never taken: {recovery_missing}")
    for name in sorted(unseen): print(f"nothing was counted of {name}")
    return 1 if recovery_missing or unseen else 0


sys.exit(main())
