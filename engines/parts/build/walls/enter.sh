#!/bin/sh
# Runs a command where nothing exists but the system's programs, read only, and the build's own folders, under /build.
#   enter.sh WORK CACHE COMMAND [ARGUMENT...]
# Called as the first process of new namespaces for mounts, processes and IPC, with the rights to mount in them. WORK holds
# `root` (empty), `source`, `home`, `tmp`, `enter` and the list `enter/places`; CACHE is one more folder, or empty.
# COMMAND drops all rights. When it ends, or when standard input is closed because the engine has died, this shell ends, and
# the kernel kills whatever else lives in these namespaces.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
work=$1
cache=$2
shift 2
exec 3<&0 </dev/null
root=$work/root

mount -t tmpfs -o mode=755,size=1m,nosuid,nodev pipi "$root"

place() { # as FROM is, under TO
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root${2%/*}"; [ -e "$root$2" ] || : >"$root$2"; fi
  mount --rbind "$1" "$root$2"
}

while IFS=' ' read -r how path; do
  case $how in
    # `link usr/lib /lib`: as in the system itself.
    link) ln -s "${path%% *}" "$root${path#* }" ;;
    read) place "$path" "$path" && mount -o remount,bind,ro "$root$path" ;;
    # What lies inside a folder that is shown, and is nobody's business.
    hide) if [ -d "$root$path" ]; then mount -t tmpfs -o size=64k,mode=755 pipi "$root$path"; fi ;;
  esac
done <"$work/enter/places"

for name in passwd group; do
  [ -e "$root/etc/$name" ] || continue
  mount --bind "$work/enter/$name" "$root/etc/$name"
  mount -o remount,bind,ro "$root/etc/$name"
done
for name in null zero full random urandom; do place "/dev/$name" "/dev/$name"; done
mkdir -p "$root/dev/shm" "$root/proc" "$root/run" "$root/old"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev pipi "$root/dev/shm"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"

for name in source home tmp; do place "$work/$name" "/build/$name"; done
place "$work/tmp" /tmp
place "$work/tmp" /var/tmp
place "$work/enter" /build/enter
mount -o remount,bind,ro "$root/build/enter"
[ -z "$cache" ] || place "$cache" /build/cache

cd "$root"
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,ro /

# Should memory become short, the kernel looks here first.
echo 900 >/proc/self/oom_score_adj || :

(
  read -r _ <&3 || :
  kill -KILL -1
) >/dev/null 2>&1 &
ended=0
"$@" 3<&- || ended=$?
exit "$ended"
