#!/bin/sh
# Runs a command where nothing exists but the system's programs, read only, and the folders of this one process.
#   walls.sh ROOT PLACES FOLDER TMP COMMAND [ARGUMENT...]
# Called as the first process of new namespaces for mounts, processes and IPC, with the rights to mount in them; COMMAND drops
# all rights. ROOT is an empty folder, PLACES a list of what is seen (`link TO FROM`, `read PATH`, `write PATH`, `hide PATH`),
# FOLDER where it runs, TMP what stands for /tmp.
set -eu
root=$1 places=$2 folder=$3 tmp=$4
shift 4

mount -t tmpfs -o mode=755,size=1m,nosuid,nodev pipi "$root"

place() { # as FROM is, under TO
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root${2%/*}"; [ -e "$root$2" ] || : >"$root$2"; fi
  mount --rbind "$1" "$root$2"
}

while IFS=' ' read -r how path; do
  case $how in
    link) ln -s "${path%% *}" "$root${path#* }" ;;
    read) place "$path" "$path" && mount -o remount,bind,ro "$root$path" ;;
    write) place "$path" "$path" ;;
    hide) if [ -d "$root$path" ]; then mount -t tmpfs -o size=64k,mode=755 pipi "$root$path"; fi ;;
  esac
done <"$places"

for name in null zero full random urandom; do place "/dev/$name" "/dev/$name"; done
mkdir -p "$root/proc" "$root/old" "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777,size=16m,nosuid,nodev pipi "$root/dev/shm"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# Where we ourselves live below it, it stays as it is: TMPDIR names the other one.
[ -e "$root/tmp" ] || place "$tmp" /tmp

cd "$root"
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,ro /

cd "$folder"
exec "$@"
