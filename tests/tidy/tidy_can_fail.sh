#!/bin/sh
# Shows that tidy.sh finds each breach that it is there for: plants them one at a time in a tree that is otherwise clean.
# Usage: tidy_can_fail.sh TIDY
set -eu
tidy=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

clean_tree() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree/engine/core" "$work/tree/engine/os" "$work/tree/engine/nodes" "$work/tree/store" "$work/tree/replay" "$work/tree/recorder" \
    "$work/tree/tests"
  printf '%s\n' '#include "engine/core/good.h"' '#include <vector>' '// A thread, a double and a float may be named here.' \
    'const char* text() { return "double time(0)"; }' 'int lifetime(int); int x = lifetime(3);' >"$work/tree/engine/core/good.cc"
  printf '%s\n' '#include "engine/core/good.h"' '#include <thread>' >"$work/tree/recorder/good.cc"
  printf '%s\n' 'TEST_CASE("a test has a name", "[tag]") {}' >"$work/tree/tests/good_test.cc"
  printf '%s\n' 'See [the map](ARCHITECTURE.md) of `anything/at/all`.' >"$work/tree/README.md"
  printf '%s\n' '`engine/core/good.cc`, `core/good`, `engine/os/` and `.build/dev` are in [a tree](README.md), `a b/c` is none of it.' \
    >"$work/tree/ARCHITECTURE.md"
  echo >"$work/tree/engine/os/some"
}
# plant FILE TEXT EXPECTED: tidy.sh must fail and its output must have EXPECTED.
plant() {
  clean_tree
  printf "$2" >"$work/tree/$1"
  if output=$(sh "$tidy" "$work/tree" 2>&1); then
    echo "not found: $1: $2"
    failures=$((failures + 1))
  else
    case $output in
      *"$3"*) ;;
      *) echo "found as something else: $1: $2: $output"; failures=$((failures + 1)) ;;
    esac
  fi
}

clean_tree
sh "$tidy" "$work/tree" || { echo "a clean tree is called unclean"; exit 1; }

for header in '<thread>' '<chrono>' '<unordered_map>' '<random>' '<sys/socket.h>' '<unistd.h>' '"store/reel_reader.h"' '"good.h"'; do
  plant engine/core/bad.cc "#include $header\n" "engine/core includes $header"
done
for code in 'double x;' 'float f();' 'std::unordered_map<int, int> m;' 'auto t = std::chrono::now;' 'long t = time(nullptr);' \
  'long t = ::time (0);' 'int r = std::rand();' 'std::thread t;' 'std::hash<int> h;' 'auto c = clock();'; do
  plant engine/core/bad.cc "$code\n" 'engine/core is pure'
done
plant engine/core/bad.h 'void f() { throw 1; }\n' 'engine/core throws nothing'
plant engine/os/bad.h '#include "engine/nodes/spawner.h"\n' 'engine/os may not say'
plant engine/nodes/bad.cc '#include "store/reel_writer.h"\n' 'engine may not say'
plant engine/nodes/bad.cc '#  include "recorder/lab_control.h"\n' 'engine may not say'
plant store/bad.cc '#include "replay/player.h"\n' 'store may not say'
plant store/bad.cc '#include "engine/lab/lab_file.h"\n' 'store may not say'
plant replay/bad.cc '#include "recorder/lab_control.h"\n' 'replay may not say'
plant replay/bad.cc '#include "engine/nodes/spawner.h"\n' 'replay may not say'
plant replay/bad.cc '#include "engine/lab/lab_file.h"\n' 'replay may not say'
plant recorder/bad.cc '#include "tests/engine/core/test_lab.h"\n' 'recorder may not say'
plant recorder/bad.cc "$(yes '//' | head -601 | tr '\n' '~' | sed 's/~/\\n/g')" '601 lines'
plant tests/bad_test.cc 'TEST_CASE("one thing; another", "[tag]") {\n' 'a bracket or a semicolon'
plant tests/bad_test.cc 'TEST_CASE("Ctrl-] ends it", "[tag]") {\n' 'a bracket or a semicolon'
plant recorder/bad.cc '// As NOWHERE.md has it.\n' 'there is no NOWHERE.md'
plant replay/BAD.md 'See [it](../store/FORM.md).\n' 'there is no store/FORM.md'
plant ARCHITECTURE.md 'Its loop is `core/loop.cc`.\n' 'there is no core/loop.cc'
plant HACKING.md 'All of `engine/cores/`.\n' 'there is no engine/cores/'
plant recorder/bad.txt 'caf\351\n' 'is not UTF-8'

clean_tree
rm "$work/tree/engine/core/good.cc"
! sh "$tidy" "$work/tree" >/dev/null || { echo "a tree without sources is called clean"; exit 1; }

[ "$failures" -eq 0 ]
