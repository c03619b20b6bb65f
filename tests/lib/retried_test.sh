#!/usr/bin/env bash
# CTest itself runs three tests, of which one fails once and one for good; tests/lib/retried names the first only.
set -euo pipefail
retried=$(cd "$(dirname "$0")" && pwd)/retried
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >CTestTestfile.cmake <<'END'
add_test("flaky: it works (mostly), doesn't it?" sh -c "[ -e tried ] && exit 0; touch tried; exit 1")
add_test("bad: it never works" false)
add_test("good: it works" true)
add_test("skipped: it cannot run here" sh -c "exit 77")
set_tests_properties("skipped: it cannot run here" PROPERTIES SKIP_RETURN_CODE 77)
END
ctest --repeat until-pass:2 -j 2 >log 2>&1 || true
named=$("$retried" log)
[ "$named" = "flaky: it works (mostly), doesn't it?" ] || { echo "named: $named"; cat log; exit 1; }
# Nothing is named when all pass at once.
ctest -R good >log 2>&1
[ -z "$("$retried" log)" ]
