#!/usr/bin/env python3
"""Changes one place of the store's recovery code at a time and says which changes no test notices.

    tests/mutation/mutate.py [--build .build/dev] [--every N] [--first N] [--only TEXT] [--list] [FILE …]

A mutant is one source with one operator, comparison, constant or check changed. It is compiled as the build compiles it,
linked before the library into the tests below (the tree's own files are not touched), and killed if it does not compile, if
a test fails or crashes, or if one runs much longer than without it. What is left over is printed with its line.
"""
import argparse, os, re, shlex, subprocess, sys, tempfile, json, time

RECOVERY = ["leaf_rows.cc", "salvage.cc", "open_reel.cc", "open_reel_find.cc", "reel_check.cc", "reel_repair.cc",
            "reel_file_head.cc", "reel_start.cc", "ring_file.cc"]
# Test executables, with the tests of each that are about recovery and quick. A sanitised run of everything is the rest's part.
# The quickest first: most mutants fall to it.
SLOW = ["~when*", "~*disk*", "~wherever the reopening*", "~killing a recorder*", "~a flipped byte anywhere*", "~a live recorder*", "~pages of any length*"]
TESTS = [("tests/store/store_tests", ["~hostile*", "~any byte*", "~the digest*", "~a hot journal*", "~*cut short anywhere*", *SLOW]),
         ("tests/crash/crash_tests", ["[salvage]"]), ("tests/crash/crash_tests", ["[repair]"]), ("tests/crash/crash_tests", ["[faults]"]),
         ("tests/store/store_tests", ["a flipped byte anywhere*"])]

RULES = [
    (r"(?<![<>=!&|+\-*/%^])==(?!=)", ["!="]), (r"!=", ["=="]),
    (r"(?<![<>\-])<=(?![>])", ["<", "=="]), (r"(?<![<>\-])>=", [">", "=="]),
    (r"(?<= )<(?= )", ["<=", ">="]), (r"(?<= )>(?= )", [">=", "<="]),
    (r"&&", ["||"]), (r"\|\|", ["&&"]),
    (r"(?<= )\+(?= )", ["-"]), (r"(?<= )-(?= )", ["+"]), (r"(?<= )%(?= )", ["/"]),
    (r"(?<![\w.])\+\+", ["--"]), (r" \+= ", [" -= ", " = "]),
    (r"\btrue\b", ["false"]), (r"\bfalse\b", ["true"]),
    (r"(?<=[(\s])!(?=[\w(*])", [""]),
    (r"\bstd::max\b", ["std::min"]), (r"\bstd::min\b", ["std::max"]),
    (r"\bbreak;", [";"]), (r"\bcontinue;", [";"]),
]
# Checks and acts that can be dropped: a whole line.
DROPS = [r"^\s*if \(.*\) (return|break|continue|set_damage|find)\b.*;\s*$", r"^\s*(set_damage|find|add_gap|copy_\w+|fill_up_to)\(.*\);\s*$"]


def mutants(path):
    """Gives (line number, what changes, the changed text) of a source."""
    lines = open(path).read().split("\n")
    for number, line in enumerate(lines):
        code = re.sub(r'"(\\.|[^"\\])*"', lambda m: '"' * len(m.group()), line.split("//")[0])
        if re.match(r"\s*(#|using|template|static_assert|case |//)", line): continue
        for pattern, others in RULES:
            for match in re.finditer(pattern, code):
                for other in others:
                    changed = line[:match.start()] + other + line[match.end():]
                    yield number + 1, changed.strip(), "\n".join(lines[:number] + [changed] + lines[number + 1:])
        if any(re.match(drop, line) for drop in DROPS):
            yield number + 1, "without: " + line.strip(), "\n".join(lines[:number] + [";"] + lines[number + 1:])


def link_command(build, executable):
    words = subprocess.run(["ninja", "-C", build, "-t", "commands", executable], capture_output=True, text=True, check=True)
    return words.stdout.strip().split("\n")[-1].removeprefix(": && ").split(" && ")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--build", default=".build/dev")
    parser.add_argument("--every", type=int, default=1, help="only every Nth mutant")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--only", default="", help="only those whose line has this text")
    parser.add_argument("--list", action="store_true", help="print them, run nothing")
    asked = parser.parse_args()
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
    os.chdir(root)
    build = os.path.realpath(asked.build)
    sources = asked.files or ["store/" + name for name in RECOVERY]
    todo = [(source, *mutant) for source in sources for mutant in mutants(source) if asked.only in mutant[1]]
    todo = todo[asked.first::asked.every]
    if asked.list:
        for source, line, what, _ in todo: print(f"{source}:{line}: {what}")
        return 0
    compile_commands = {entry["file"]: entry["command"] for entry in json.load(open(build + "/compile_commands.json"))}
    links = {executable: link_command(build, executable) for executable, _ in TESTS}
    survivors, killed = [], {"does not compile": 0, "fails": 0, "hangs": 0}
    with tempfile.TemporaryDirectory() as scratch:
        programs = {executable: os.path.join(scratch, os.path.basename(executable)) for executable in links}

        def outcome(source, text):
            changed, object_file = os.path.join(scratch, "mutant.cc"), os.path.join(scratch, "mutant.o")
            open(changed, "w").write(text)
            words = shlex.split(compile_commands[os.path.join(root, source)])
            words[words.index("-o") + 1] = object_file
            words[words.index("-c") + 1] = changed
            if subprocess.run([*words, "-w", "-O1"], cwd=build, capture_output=True).returncode != 0: return "does not compile"
            for executable, command in links.items():
                # The mutant's object comes before the archive that holds the true one.
                command = re.sub(r" -o \S*" + re.escape(executable), f" {object_file} -o {programs[executable]}", command)
                if subprocess.run(command, shell=True, cwd=build, capture_output=True).returncode != 0: return "does not compile"
            for executable, tests in TESTS:
                try:
                    run = subprocess.run([programs[executable], *([",".join(tests)] if tests[0][0] != "~" else tests), "--abort"],
                                         cwd=scratch, capture_output=True, timeout=limits[(executable, tests[0])])
                except subprocess.TimeoutExpired:
                    return "hangs"
                if run.returncode != 0: return "fails"
            return None

        limits = {(executable, tests[0]): 300 for executable, tests in TESTS}
        begin = time.time()
        if outcome(sources[0], open(sources[0]).read()) is not None:
            print("the tests fail without any change")
            return 1
        limits = dict.fromkeys(limits, max(20, 4 * (time.time() - begin)))
        for number, (source, line, what, text) in enumerate(todo):
            how = outcome(source, text)
            if how is None:
                survivors.append(f"{source}:{line}: {what}")
                print("SURVIVES " + survivors[-1], flush=True)
            else:
                killed[how] += 1
            if sys.stderr.isatty(): print(f"{number + 1} of {len(todo)}", end="\r", file=sys.stderr)
    print(f"{len(todo)} mutants: {killed['fails']} fail, {killed['hangs']} hang, {killed['does not compile']} do not compile, "
          f"{len(survivors)} survive")
    return 1 if survivors else 0


sys.exit(main())
