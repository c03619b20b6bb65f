# Sourced by tests/bare-machine/run: a minimal Debian 12 root, and how commands run in it.

# The host's Debian sources, and no others that it may have; without a list of its own, mmdebstrap's default.
debian_sources() {
  if [ -f /etc/apt/sources.list.d/debian.sources ]; then echo /etc/apt/sources.list.d/debian.sources
  elif grep -q '^deb ' /etc/apt/sources.list 2>/dev/null; then echo /etc/apt/sources.list; fi
}

# bare_root CACHE FOLDER: unpacks the root into FOLDER; makes it first unless CACHE has it.
bare_root() {
  local cache=$1 folder=$2 sources key tarball
  sources=$(debian_sources)
  # Debian's point releases come every two months or so: an older root would fetch ever more.
  key=$({ cat tests/bare-machine/root.sh ${sources:+"$sources"}; dpkg-query -W mmdebstrap; date +%Y-%m; } | sha256sum | cut -c 1-16)
  tarball=$cache/root-$key.tar
  if [ ! -f "$tarball" ]; then
    echo "bare machine: making a minimal Debian 12 root (a minute or two, once)" >&2
    rm -f "$cache"/root-*.tar
    # The chroot dies by a power cut with the host: dpkg need not wait for the disk.
    if ! mmdebstrap --quiet --format=tar --variant=minbase --dpkgopt=force-unsafe-io \
      bookworm "$tarball.new" ${sources:+"$sources"} 2>"$folder/log"; then
      tail -n 10 "$folder/log" >&2
      rm -f "$tarball.new"
      return 1
    fi
    mv "$tarball.new" "$tarball"
  fi
  tar -xf "$tarball" -C "$folder" --numeric-owner
  chmod 755 "$folder"
  # The way to the package sources is the host's.
  rm -f "$folder/etc/resolv.conf"
  cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
  cp /etc/hosts "$folder/etc/hosts"
  apt-config dump | grep -iE '^Acquire::(https?|ftp)::Proxy' >"$folder/etc/apt/apt.conf.d/90host" || true
  # A key that the sources name may be the host's own.
  cp -n /usr/share/keyrings/*.gpg "$folder/usr/share/keyrings/" 2>/dev/null || true
}

# copy_tree FOLDER: what git would commit of this tree, without .git and all that was built.
copy_tree() {
  mkdir -p "$1"
  if [ -e .git ]; then git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
  else find . \( -name .build -o -name .cache \) -prune -o -type f -print0; fi |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar -c --null -T - | tar -x --no-same-owner -C "$1"
}

# share_packages FOLDER: what the host's apt has kept need not be fetched again; apt checks its digests.
share_packages() {
  local kept=(/var/cache/apt/archives/*.deb)
  [ ! -f "${kept[0]}" ] || cp -nl "${kept[@]}" "$1/" 2>/dev/null || cp -n "${kept[@]}" "$1/"
}
# keep_packages_in_use FOLDER: packages that nobody read for a month have newer versions.
keep_packages_in_use() { find "$1" -name '*.deb' -mtime +30 -atime +30 -delete; }

# on_machine ROOT PACKAGES COMMAND…: runs it in the copy of the tree, with mounts and processes of its own. If this script
# dies, everything in there dies with it.
on_machine() {
  local root=$1 packages=$2
  shift 2
  # In the background, where wait can be interrupted by a signal's trap.
  setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts --fork --kill-child=KILL --propagation private \
    bash -c "$in_namespaces" bare "$root" "$packages" "$@" &
  on_machine_pid=$!
  wait "$on_machine_pid"
}
in_namespaces='
set -euo pipefail
root=$1 packages=$2
shift 2
hostname bare
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm"
for device in null zero full random urandom tty net/tun; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for folder in dev/shm run tmp; do mount -t tmpfs -o mode=1777 tmpfs "$root/$folder"; done
mount --bind "$packages" "$root/var/cache/apt/archives"
# No chroot: the kernel lets nobody make a user namespace in one.
cd "$root"
pivot_root . mnt
# The background takes Ctrl-C away from what runs in it.
env --default-signal=INT -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" \
  ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
  sh -c "umount -l /mnt && cd /labreel && exec \"\$@\"" sh "$@" </dev/null || exit
'
