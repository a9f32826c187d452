#!/bin/sh
# Runs a command with an unpacked image as its root.
#   enter-image.sh ROOTFS FOLDER UID GID COMMAND [ARGUMENT...]
# Called in a namespace of its own for mounts, with the rights to mount in it. FOLDER and COMMAND are paths inside of the
# image. UID and GID are empty where nobody else can be taken on.
set -eu
rootfs=$1
folder=$2
uid=$3
gid=$4
shift 4
inside=$PATH
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mkdir -p "$rootfs/dev" "$rootfs/proc" "$rootfs/tmp"
chmod 1777 "$rootfs/tmp"
mount -t tmpfs -o mode=755,size=64k,nosuid pipi "$rootfs/dev"
for name in null zero full random urandom; do
  : >"$rootfs/dev/$name"
  mount --bind "/dev/$name" "$rootfs/dev/$name"
done
mount --rbind /proc "$rootfs/proc"

unshare=$(command -v unshare)
PATH=$inside
export PATH
exec "$unshare" --root="$rootfs" --wd="$folder" ${gid:+--setgid="$gid"} ${uid:+--setuid="$uid"} -- "$@"
