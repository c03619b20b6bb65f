#!/usr/bin/env python3
"""Changes one place of the core's or of the store's recovery code at a time and says which changes no test notices.

    tests/mutation/mutate.py [--build .build/dev] [--every N] [--first N] [--only TEXT] [--again OUTPUT] [--jobs N] [--list] [FILE …]

A mutant is one source with one operator, comparison, constant or check changed. It is compiled as the build compiles it, but
unoptimised, linked before the library into the tests of its suite below (the tree's own files are not touched), and killed if it
does not compile, if a test fails or crashes, or if one takes much longer than without it. What is left over is printed with its line
as it is found; the counts follow at the end, also when Ctrl-C ends the run early. FILEs choose their suite; without them all are run.
"""
import argparse, collections, concurrent.futures, dataclasses, glob, json, math, os, re, resource, shlex, shutil, signal, subprocess
import sys, tempfile, threading, time


@dataclasses.dataclass
class Suite:
    """Sources, and the tests that ought to notice a change of them: (executable, what Catch2 is to run), the quickest first, as most
    mutants fall to it. `headers`: compiled once for all mutants that include them."""
    sources: list
    tests: list
    headers: str = ""


# Of the recovery tests those that are quick. A sanitised run of everything is the rest's part.
SLOW = ["~when*", "~*disk*", "~wherever the reopening*", "~killing a recorder*", "~a flipped byte anywhere*", "~a live recorder*",
        "~pages of any length*", "~packing that is killed*", "~a SELECT that fails*"]
CORE_SLOW = ["a state cut short*", "a damaged state*", "the fabric allocates*", "a million*"]
CORE_TESTS = "tests/engine/core/core_tests"
MEMORY_BYTES = 4 << 30  # a mutant may ask for memory without end
ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
os.chdir(ROOT)
SUITES = {
    "core": Suite(sorted(glob.glob("engine/core/*.cc")),
                  [(CORE_TESTS, ["~[property]", *("~" + name for name in CORE_SLOW), "~removing many nodes*"]),
                   (CORE_TESTS, ["[property]"]), (CORE_TESTS, CORE_SLOW)],
                  headers="engine/core/*.h"),
    "recovery": Suite(["store/" + name for name in ["leaf_rows.cc", "salvage.cc", "open_reel.cc", "open_reel_find.cc", "reel_bytes.cc",
                                                    "reel_check.cc", "reel_repair.cc", "reel_start.cc", "ring_file.cc"]],
                      [("tests/store/store_tests", ["~hostile*", "~any byte*", "~the digest*", "~a hot journal*",
                                                    "~*cut short anywhere*", *SLOW]),
                       ("tests/crash/crash_tests", ["[salvage]"]), ("tests/crash/crash_tests", ["[repair]"]),
                       ("tests/crash/crash_tests", ["[faults]"]), ("tests/store/store_tests", ["a flipped byte anywhere*"]),
                       ("tests/store/store_tests", ["pages of any length*"])]),
}

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


def words_of(text):
    """The arguments for Catch2: tests that are left out are one filter each, those that are wanted are alternatives."""
    return [",".join(text)] if text[0][0] != "~" else text


class Inputs:
    """What mutants are linked with, as it is when the run begins: builds in the meantime change nothing."""

    def __init__(self, suite, build, scratch):
        self.build = build
        self.compile_commands = {entry["file"]: entry["command"] for entry in json.load(open(build + "/compile_commands.json"))}
        self.links, self.flags = {}, ["-w", "-O0", "-g0"]
        for executable, _ in suite.tests:
            if executable not in self.links: self.links[executable] = self.copied(link_command(build, executable), scratch)
        self.sanitized = any(word.startswith("-fsanitize") for words in self.links.values() for word in words)
        if suite.headers:
            everything = os.path.join(scratch, "headers.h")
            open(everything, "w").write("".join(f'#include "{header}"\n' for header in sorted(glob.glob(suite.headers))))
            assert self.compile(suite.sources[0], everything, everything + ".gch"), "the headers do not compile"
            self.flags += ["-include", everything]

    def copied(self, command, scratch):
        words = shlex.split(command)
        for i, word in enumerate(words):
            if not word.endswith((".o", ".a")) or words[i - 1] == "-o" or not os.path.exists(os.path.join(self.build, word)): continue
            words[i] = os.path.join(scratch, f"{i}_{os.path.basename(word)}")
            shutil.copyfile(os.path.join(self.build, word), words[i])
        return words

    def compile(self, source, text_file, object_file):
        """Compiles a file as `source` is compiled, and says whether that went well."""
        words = shlex.split(self.compile_commands[os.path.join(ROOT, source)])
        words[words.index("-o") + 1] = object_file
        words[words.index("-c") + 1] = text_file
        return self.runs([*words, *self.flags])

    def runs(self, words):
        # A mutant is compiled once: it would only fill a cache.
        environment = {**os.environ, "CCACHE_DISABLE": "1"}
        return subprocess.run(words, cwd=self.build, capture_output=True, env=environment).returncode == 0


class Trial:
    """Builds one mutant after another in a folder of its own and runs the tests on it."""

    def __init__(self, suite, inputs, scratch):
        self.suite, self.inputs, self.scratch = suite, inputs, scratch

    def outcome(self, source, text, limits, took=None):
        """How the changed source is noticed, or None. `limits`: seconds of processor that each row of the suite's tests may take;
        `took` learns how many they take."""
        changed, object_file = os.path.join(self.scratch, "mutant.cc"), os.path.join(self.scratch, "mutant.o")
        open(changed, "w").write(text)
        if not self.inputs.compile(source, changed, object_file): return "does not compile"
        for executable, words in self.inputs.links.items():
            # The mutant's object comes before the archive that holds the true one.
            at = words.index("-o")
            linked = [*words[:at], object_file, "-o", self.program(executable), *words[at + 2:]]
            if not self.inputs.runs(linked): return "does not compile"
        for (executable, tests), limit in zip(self.suite.tests, limits):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            def bounds():
                resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
                if not self.inputs.sanitized: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
            try:
                run = subprocess.run([self.program(executable), *words_of(tests), "--abort"], cwd=self.scratch, capture_output=True,
                                     preexec_fn=bounds, timeout=60 + 20 * limit)
            except subprocess.TimeoutExpired:
                return "hangs"
            if run.returncode in (-signal.SIGXCPU, -signal.SIGKILL): return "hangs"
            if run.returncode != 0: return "fails"
            if took is not None: took.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        return None

    def program(self, executable): return os.path.join(self.scratch, os.path.basename(executable))


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
    build = os.path.realpath(asked.build)
    gone = [name for suite in SUITES.values() for name in suite.sources if not os.path.exists(name)]
    if gone: parser.error("not there any more: " + ", ".join(gone))
    unknown = [name for name in asked.files if not any(name in suite.sources for suite in SUITES.values())]
    if unknown: parser.error("no suite tests " + ", ".join(unknown))
    return max(run_suite(suite, asked, build) for suite in SUITES.values())


def run_suite(suite, asked, build):
    """Tries what was asked for of one suite, and gives the exit code: 0 if nothing survives."""
    sources = [source for source in suite.sources if not asked.files or source in asked.files]
    todo = [(source, *mutant) for source in sources for mutant in mutants(source) if asked.only in mutant[1]]
    if asked.again:
        earlier = set(re.sub(r":\d+: ", ": ", line) for line in open(asked.again))  # lines may have moved since
        todo = [mutant for mutant in todo if f"SURVIVES {mutant[0]}: {mutant[2]}\n" in earlier]
    todo = todo[asked.first::asked.every]
    if asked.list:
        for source, line, what, _ in todo: print(f"{source}:{line}: {what}")
    if asked.list or not todo: return 0
    with tempfile.TemporaryDirectory() as scratch:
        inputs = Inputs(suite, build, scratch)
        folders = [os.path.join(scratch, str(job)) for job in range(asked.jobs)]
        for folder in folders: os.mkdir(folder)
        trials = [Trial(suite, inputs, folder) for folder in folders]
        took = []
        if (how := trials[0].outcome(sources[0], open(sources[0]).read(), [300] * len(suite.tests), took)) is not None:
            print(f"without any change: {how}")
            return 1
        counts = try_all(todo, trials, [math.ceil(5 + 5 * seconds) for seconds in took])
    print(f"{counts.total()} of {len(todo)} mutants: {counts['fails']} fail, {counts['hangs']} hang, "
          f"{counts['does not compile']} do not compile, {counts[None]} survive")
    return 1 if counts[None] or counts.total() < len(todo) else 0


sys.exit(main())
