#!/usr/bin/env python3
"""Changes one place of the store's recovery code at a time and says which changes no test notices.

    tests/mutation/mutate.py [--build .build/dev] [--every N] [--first N] [--only TEXT] [--again OUTPUT] [--jobs N] [--list] [FILE …]

A mutant is one source with one operator, comparison, constant or check changed. It is compiled as the build compiles it,
linked before the library into the tests below (the tree's own files are not touched), and killed if it does not compile, if
a test fails or crashes, or if one runs much longer than without it. What is left over is printed with its line as it is found; the
counts follow at the end, also when Ctrl-C ends the run early.
"""
import argparse, collections, concurrent.futures, json, os, re, shlex, subprocess, sys, tempfile, threading, time

RECOVERY = ["leaf_rows.cc", "salvage.cc", "open_reel.cc", "open_reel_find.cc", "reel_check.cc", "reel_repair.cc",
            "reel_file_head.cc", "reel_start.cc", "ring_file.cc"]
# Test executables, with the tests of each that are about recovery and quick. A sanitised run of everything is the rest's part.
# The quickest first: most mutants fall to it.
SLOW = ["~when*", "~*disk*", "~wherever the reopening*", "~killing a recorder*", "~a flipped byte anywhere*", "~a live recorder*",
        "~pages of any length*", "~packing that is killed*", "~a SELECT that fails*"]
TESTS = [("tests/store/store_tests", ["~hostile*", "~any byte*", "~the digest*", "~a hot journal*", "~*cut short anywhere*", *SLOW]),
         ("tests/crash/crash_tests", ["[salvage]"]), ("tests/crash/crash_tests", ["[repair]"]), ("tests/crash/crash_tests", ["[faults]"]),
         ("tests/store/store_tests", ["a flipped byte anywhere*"]), ("tests/store/store_tests", ["pages of any length*"])]

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


class Trial:
    """Builds one mutant after another in a folder of its own and runs the tests on it."""

    def __init__(self, root, build, scratch):
        self.root, self.build, self.scratch = root, build, scratch
        self.compile_commands = {entry["file"]: entry["command"] for entry in json.load(open(build + "/compile_commands.json"))}
        self.links = {executable: link_command(build, executable) for executable, _ in TESTS}
        self.programs = {executable: os.path.join(scratch, os.path.basename(executable)) for executable in self.links}

    def outcome(self, source, text, limits, took=None):
        """How the changed source is noticed, or None. `limits`: seconds that each row of TESTS may run; `took` learns how long."""
        changed, object_file = os.path.join(self.scratch, "mutant.cc"), os.path.join(self.scratch, "mutant.o")
        open(changed, "w").write(text)
        words = shlex.split(self.compile_commands[os.path.join(self.root, source)])
        words[words.index("-o") + 1] = object_file
        words[words.index("-c") + 1] = changed
        if subprocess.run([*words, "-w", "-O1"], cwd=self.build, capture_output=True).returncode != 0: return "does not compile"
        for executable, command in self.links.items():
            # The mutant's object comes before the archive that holds the true one.
            command = re.sub(r" -o \S*" + re.escape(executable), f" {object_file} -o {self.programs[executable]}", command)
            if subprocess.run(command, shell=True, cwd=self.build, capture_output=True).returncode != 0: return "does not compile"
        for (executable, tests), limit in zip(TESTS, limits):
            begin = time.time()
            try:
                run = subprocess.run([self.programs[executable], *([",".join(tests)] if tests[0][0] != "~" else tests), "--abort"],
                                     cwd=self.scratch, capture_output=True, timeout=limit)
            except subprocess.TimeoutExpired:
                return "hangs"
            if run.returncode != 0: return "fails"
            if took is not None: took.append(time.time() - begin)
        return None


def try_all(todo, trials, limits):
    """Shares the mutants out among the trials, prints each survivor, and gives how many had which outcome."""
    counts, lock, waiting = collections.Counter(), threading.Lock(), iter(list(enumerate(todo)))

    def work(trial):
        while True:
            with lock: number, (source, line, what, text) = next(waiting, (None, (None,) * 4))
            if number is None: return
            how = trial.outcome(source, text, limits)
            with lock:
                counts[how] += 1
                if how is None: print(f"SURVIVES {source}:{line}: {what}", flush=True)
                if sys.stderr.isatty() or counts.total() % 50 == 0: print(f"{counts.total()} of {len(todo)}", end="\r", file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(len(trials)) as pool:
        try:
            for done in [pool.submit(work, trial) for trial in trials]: done.result()
        except KeyboardInterrupt:
            with lock: waiting = iter(())
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--build", default=".build/dev")
    parser.add_argument("--every", type=int, default=1, help="only every Nth mutant")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--only", default="", help="only those whose line has this text")
    parser.add_argument("--again", help="only those that an earlier run, of which this is the output, let survive")
    parser.add_argument("--jobs", type=int, default=1, help="how many are tried at once")
    parser.add_argument("--list", action="store_true", help="print them, run nothing")
    asked = parser.parse_args()
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
    os.chdir(root)
    build = os.path.realpath(asked.build)
    sources = asked.files or ["store/" + name for name in RECOVERY]
    todo = [(source, *mutant) for source in sources for mutant in mutants(source) if asked.only in mutant[1]]
    if asked.again:
        earlier = set(re.sub(r":\d+: ", ": ", line) for line in open(asked.again))  # lines may have moved since
        todo = [mutant for mutant in todo if f"SURVIVES {mutant[0]}: {mutant[2]}\n" in earlier]
    todo = todo[asked.first::asked.every]
    if asked.list:
        for source, line, what, _ in todo: print(f"{source}:{line}: {what}")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folders = [os.path.join(scratch, str(job)) for job in range(asked.jobs)]
        for folder in folders: os.mkdir(folder)
        trials = [Trial(root, build, folder) for folder in folders]
        took = []
        if trials[0].outcome(sources[0], open(sources[0]).read(), [300] * len(TESTS), took) is not None:
            print("the tests fail without any change")
            return 1
        counts = try_all(todo, trials, [10 + 5 * seconds for seconds in took])
    print(f"{counts.total()} of {len(todo)} mutants: {counts['fails']} fail, {counts['hangs']} hang, "
          f"{counts['does not compile']} do not compile, {counts[None]} survive")
    return 1 if counts[None] or counts.total() < len(todo) else 0


sys.exit(main())
