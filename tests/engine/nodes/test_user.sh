#!/bin/sh
# The ordinary user that tests run as when root runs them: test_user.sh add|remove. An ordinary user's own tests need none.
set -eu
name=labreel-test
[ "$(id -u)" -eq 0 ] || exit 0
case ${1:-} in
  add)
    id "$name" >/dev/null 2>&1 || useradd --system --no-create-home --shell /bin/sh "$name"
    grep -q "^$name:" /etc/subuid 2>/dev/null || usermod --add-subuids 700000-765535 "$name"
    grep -q "^$name:" /etc/subgid 2>/dev/null || usermod --add-subgids 700000-765535 "$name"
    ;;
  remove)
    if id "$name" >/dev/null 2>&1; then userdel --force "$name"; fi  # a process of a test may still be ending
    sed -i "/^$name:/d" /etc/subuid /etc/subgid
    ;;
  *) echo "usage: test_user.sh add|remove" >&2; exit 2 ;;
esac
