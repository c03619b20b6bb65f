# Sourced by tests/run and samples/quickstart: installs the Debian packages that are missing, and says so.

# What labreel is built with.
build_packages=(
  g++ cmake ninja-build pkg-config
  libsqlite3-dev capnproto libcapnp-dev libpcap-dev libcli11-dev libyaml-cpp-dev libfmt-dev libseccomp-dev
  libssl-dev libxxhash-dev zlib1g-dev
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
test_packages=(catch2 nlohmann-json3-dev sqlite3 file ethtool fish git mandoc openssl tcpdump tcpreplay tmux vde2 zsh zstd)
# What tests/run --coverage needs besides.
coverage_packages=(clang llvm libclang-rt-14-dev)

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
  echo "installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -qq &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
           "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "hint: the packages could not be installed; is this Debian 12 with its package sources reachable?" >&2
    return 1
  fi
  rm -f "$log"
}

# build_preset PRESET TARGET…: configures and builds, quietly unless it fails or stderr is a terminal.
build_preset() {
  local preset=$1 log
  shift
  if [ -t 2 ]; then
    cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" --target "$@" >&2
    return
  fi
  log=$(mktemp)
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" --target "$@"; } >"$log" 2>&1; then
    grep -E 'error|FAILED|Error' -A 5 "$log" | head -n 60 >&2
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
