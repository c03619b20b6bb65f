# Sourced by tests/run and samples/quickstart: installs the Debian packages that are missing, and says so.

# What labreel is built with.
build_packages=(
  g++ cmake ninja-build pkg-config
  libsqlite3-dev capnproto libcapnp-dev libpcap-dev libcli11-dev libyaml-cpp-dev libfmt-dev libseccomp-dev
  libssl-dev libxxhash-dev libzstd-dev zlib1g-dev
)
# What the samples run.
sample_packages=(frr iperf3 iproute2 iputils-ping nftables procps python3 tshark uidmap)
# What the kernel of virtual-time labs is built from and with.
kernel_packages=(linux-source-6.1 make flex bison bc patch xz-utils libelf-dev)
# What builds images, the roots of its guests.
image_packages=(mmdebstrap squashfs-tools)
# What makes Debian packages of a build, and looks them over.
deb_packages=(cmake debhelper dpkg-dev fakeroot lintian)
# What the tests need besides.
test_packages=(catch2 mold nlohmann-json3-dev sqlite3 file ethtool fish git mandoc openssl tcpdump tcpreplay tmux vde2 xxhash zsh zstd)
# What tests/run --coverage needs besides.
coverage_packages=(clang llvm libclang-rt-14-dev)
# What the page's module is built with, and run by in tests.
web_packages=(clang-14 lld-14 wasi-libc libc++-14-dev-wasm32 libc++abi-14-dev-wasm32 libclang-rt-14-dev-wasm32 libfmt-dev
  libxxhash-dev nodejs zstd)
# What the fuzz targets are built with.
fuzz_packages=(clang libclang-rt-14-dev)

# follow WHAT LOG: copies the lines that come in to LOG and says on stderr how far apt-get or ninja is: on a terminal in one
# line that is written over, elsewhere in a line every ten seconds, also while nothing new comes. It outlives Ctrl-C, so that
# the program whose words it reads ends by itself.
follow() {
  (
    trap '' INT
    what=$1 began=$SECONDS said=$SECONDS at="" status=0
    while true; do
      IFS= read -r -t 10 line || { status=$?; [ "$status" -gt 128 ] || break; line=""; }
      [ -z "$line" ] || echo "$line" >>"$2"
      if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then at="${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} steps"
      elif [[ $line =~ ^dlstatus:[^:]*:([0-9]+) ]]; then at="fetched ${BASH_REMATCH[1]} %"
      elif [[ $line =~ ^pmstatus:[^:]*:([0-9]+) ]]; then at="installed ${BASH_REMATCH[1]} %"
      fi
      if [ -t 2 ]; then printf '\r%s: %s, %d s\033[K' "$what" "${at:-begun}" $((SECONDS - began)) >&2
      elif [ $((SECONDS - said)) -ge 10 ]; then
        echo "$what: ${at:-begun}, $((SECONDS - began)) s" >&2
        said=$SECONDS
      fi
    done
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  )
}

# install_missing PACKAGE…: root installs, others through sudo; without either it names the command and fails.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "missing packages: ${missing[*]}" >&2
      echo "hint: as root: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${#missing[@]} packages and what they need: ${missing[*]}" >&2
  local log
  log=$(mktemp)
  # An installation that was cut short is finished first: apt-get refuses to begin before. How far it is comes on a descriptor
  # of its own, which sudo would have closed and which apt-get closes for the packages' scripts.
  if ! "${as_root[@]}" sh -c 'export DEBIAN_FRONTEND=noninteractive
        dpkg --configure -a && apt-get update -qq &&
        apt-get install -y -q --no-install-recommends -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 "$@" 3>&1' sh "${missing[@]}" \
      2>&1 </dev/null | follow "packages" "$log"; then
    grep -vE '^(dl|pm)status:' "$log" | tail -n 20 >&2
    rm -f "$log"
    echo "hint: the packages could not be installed; is this Debian 12 with its package sources reachable?" >&2
    return 1
  fi
  rm -f "$log"
}

# configure_preset PRESET: quietly, unless it fails.
configure_preset() {
  local log
  log=$(mktemp)
  if ! cmake --preset "$1" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# build_preset PRESET TARGET…: configures and builds; says how far it is, and what the compiler said only where it fails.
build_preset() {
  local preset=$1 log
  shift
  configure_preset "$preset" || return 1
  log=$(mktemp)
  if ! NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" --target "$@" 2>&1 | follow "$preset build" "$log"; then
    grep -E 'error|FAILED|Error' -A 5 "$log" | head -n 60 >&2
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
