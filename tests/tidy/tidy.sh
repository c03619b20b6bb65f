#!/bin/sh
# Checks the rules that no compiler checks. Usage: tidy.sh TREE
#
# Prints one line for each breach and exits 1 if there was one. TREE is looked at as it lies there: what git would
# commit if it is a repository, every file otherwise.
set -u
export LC_ALL=C
cd "$1" || exit 2
breaches=$(mktemp) || exit 2
trap 'rm -f "$breaches"' EXIT

if [ -e .git ] && git ls-files --error-unmatch CMakeLists.txt >/dev/null 2>&1; then
  files() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }
else
  files() { for d in "$@"; do [ -e "$d" ] && find "$d" \( -name .git -o -name .build \) -prune -o -type f -print; done; }
fi
sources() { files "$@" | grep -E '\.(h|cc)$'; }
# Comments and string literals may name what code may not.
code() { sed -E -e 's|"(\\.\|[^"\\])*"|""|g' -e 's|//.*||' "$1"; }
breach() { echo "$1" >>"$breaches"; }

[ -n "$(sources engine/core)" ] || breach "engine/core: there are no sources to look at"

# engine/core includes the standard library and itself.
standard='algorithm array atomic bit compare concepts cstddef cstdint cstdio cstdlib cstring deque functional initializer_list
  iterator limits list map memory new numeric optional set span sstream string string_view tuple type_traits utility variant vector'
for file in $(sources engine/core); do
  sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]*[>"]).*/\1/p' "$file" | while read -r header; do
    case $header in
      '"engine/core/'*) ;;
      '<'*) name=${header#<}; name=${name%>}
        case " $(echo $standard) " in *" $name "*) ;; *) breach "$file: engine/core includes $header" ;; esac ;;
      *) breach "$file: engine/core includes $header" ;;
    esac
  done
  impure='(^|[^A-Za-z0-9_])(float|double|thread|random_device|unordered_[a-z]+|chrono|getenv|((std)?::)?(time|clock|rand|srand|gettimeofday|clock_gettime)[[:space:]]*\()|std::(hash|[a-z_]*_distribution|mt19937)'
  # Members may be called time(): what counts is a plain call.
  code "$file" | grep -nE "$impure" | grep -vE '(\.|->)(time|clock|rand)[[:space:]]*\(' | while IFS=: read -r line text; do
    breach "$file:$line: engine/core is pure, but says: $text"
  done
  code "$file" | grep -nE '(^|[^A-Za-z0-9_])(throw|try|catch)([^A-Za-z0-9_]|$)' | while IFS=: read -r line text; do
    breach "$file:$line: engine/core throws nothing, but says: $text"
  done
done

# The arrows between folders never turn round.
never() {  # FOLDER PATTERN…: no file of FOLDER includes what matches
  folder=$1
  shift
  for pattern in "$@"; do
    sources "$folder" | while read -r file; do
      grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"$pattern" "$file" | while IFS=: read -r line text; do
        breach "$file:$line: $folder may not say: $text"
      done
    done
  done
}
never engine/core 'engine/[^c]' 'engine/clock' 'store/' 'replay/' 'recorder/' 'tests/'
never engine/os 'engine/(transports|nodes|clock|lab)/' 'store/' 'replay/' 'recorder/' 'tests/'
never engine 'store/' 'replay/' 'recorder/' 'tests/'
never store 'engine/(transports|nodes|clock|lab)/' 'replay/' 'recorder/' 'tests/'
never replay 'engine/(transports|nodes|clock|lab)/' 'recorder/' 'tests/'
never recorder 'tests/'

# One idea a file.
for file in $(sources engine store replay recorder tests); do
  lines=$(wc -l <"$file")
  [ "$lines" -le 600 ] || breach "$file: $lines lines, at most 600"
done

# CMake takes a name apart at these, and the tests behind it are never run.
for file in $(sources tests | grep '_test\.cc$'); do
  grep -nE 'TEST_CASE\("[^"]*[];[][^"]*"' "$file" | while IFS=: read -r line text; do
    breach "$file:$line: a test's name has a bracket or a semicolon: $text"
  done
done

# Text is UTF-8. What is not text says so by its ending, or is there to be bad input.
files . | grep -vE '\.(png|jpg|reel|pcap|pcapng|bin|zst|wasm)$|^(\./)?tests/fuzz/corpus/' | while read -r file; do
  iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || breach "$file: is not UTF-8"
done

# What cites a document cites one that is here, and the pages about this tree name only what is in it: by the end of a path,
# of a source without its ending too, or of a folder.
there() {
  files . | sed 's|^\./||' | awk '
    function ends(path,   n, part, i, end) {
      n = split(path, part, "/")
      for (i = n; i >= 1; i--) { end = part[i] (i == n ? "" : "/" end); print end }
    }
    { ends($0); stem = $0; if (sub(/\.(h|cc)$/, "", stem)) ends(stem)
      folder = $0
      while (sub(/\/[^\/]*$/, "", folder)) if (!(folder in seen)) { seen[folder]; ends(folder) } }' | sort -u
}
# Reads FILE:LINE:NAME lines.
not_there() { awk -F: 'NR == FNR { there[$0]; next } { name = $3; sub(/\/$/, "", name) }
                       !(name in there) { print $1 ":" $2 ": there is no " $3 }' "$names" - >>"$breaches"; }
names=$(mktemp) || exit 2
trap 'rm -f "$breaches" "$names"' EXIT
there >"$names"
# FILE:LINE:NAME of each document in FILE:LINE:TEXT lines.
documents() {
  awk '{ match($0, /^[^:]*:[0-9]+:/); where = substr($0, 1, RLENGTH); text = substr($0, RLENGTH + 1)
         while (match(text, /[A-Za-z0-9_][A-Za-z0-9_.\/-]*\.md/)) {
           print where substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH) } }'
}
{ files . | grep '\.md$' | tr '\n' '\0' | xargs -0 -r grep -Hn '\.md'
  sources . | tr '\n' '\0' | xargs -0 -r grep -HnoE '//.*\.md'; } | documents | not_there
for page in ARCHITECTURE.md HACKING.md tests/README.md; do
  if [ -f "$page" ]; then grep -HnoE '`[^` ]+`' "$page"; fi
done | tr -d '`' | grep -E ':[A-Za-z0-9_][A-Za-z0-9_./+-]*$' | grep -E ':[^:]*/|\.(cc|h|md|sh|py)$' | not_there

sort -u "$breaches"
[ ! -s "$breaches" ]
