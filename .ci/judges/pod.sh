#!/usr/bin/env bash
# The kubelet's part, inside new mount, network and process namespaces: a root file system that
# cannot be written, a tmpfs for each volume, a folder of the machine for each SOURCE:TARGET, no network but the loopback, no privileges.
#
#   pod.sh ROOT USER GROUP DIRECTORY READ_ONLY MOUNT... -- COMMAND...
set -euo pipefail

# The environment is the container's; the tools used here are the machine's.
container_path=${PATH:-}
PATH=/usr/sbin:/usr/bin:/sbin:/bin

root=$1 user=$2 group=$3 directory=$4 read_only=$5
shift 5
mounts=()
while [ "$1" != -- ]; do
  mounts+=("$1")
  shift
done
shift

ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/dev"
for place in "${mounts[@]}"; do
  mkdir -p "$root${place#*:}"
done
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/dev/shm"
for place in "${mounts[@]}"; do
  case $place in
    *:*) mount --bind "${place%%:*}" "$root${place#*:}" ;;
    *) mount -t tmpfs -o mode=1777,size=64m tmpfs "$root$place" ;;
  esac
done
if [ "$read_only" = true ]; then
  mount -o remount,bind,ro "$root"
fi

# `env` sets the path only after `chroot` was found.
exec setpriv --no-new-privs chroot --userspec="$user:$group" --groups="$group" "$root" \
  /usr/bin/env --chdir="$directory" PATH="$container_path" "$@"
