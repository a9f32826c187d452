#!/bin/sh
# Runs a program of an unpacked image where nothing exists but that image: no other process, no file of this machine's.
#   enter.sh FOLDER IMAGE NAME AT UID GID OWNER COMMAND [ARGUMENT...]
# Called as the first process of new namespaces for mounts, processes and IPC, with the rights to mount in them. FOLDER is of
# this run alone and holds the empty folders `stage`, `upper`, `work`, `tmp`, the list `places` (folders that are seen and
# written as they are, one a line) and `environment` (a script that exports what the program sees). IMAGE is the image's
# files, with the folders for all that is mounted; NAME cannot be guessed by who made it. The program starts in AT as UID and
# GID, without any rights. OWNER: as root, who that is outside; empty: we stay who we are.
# It is not the first process, so that it ends when it is told to, and this shell buries what it leaves.
set -eu
folder=$1 image=$2 name=$3 at=$4 uid=$5 gid=$6 owner=$7
shift 7
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
stage=$folder/stage
root=$stage/$name

# A place to stand on: the system's programs and nothing else of it, read only. What climbs out of the image is here.
mount -t tmpfs -o mode=755,size=4m,nosuid,nodev pipi "$stage"
for path in /usr /bin /sbin /lib /lib32 /lib64 /libx32 /nix; do
  if [ -L "$path" ]; then
    ln -s "$(readlink "$path")" "$stage$path"
  elif [ -d "$path" ]; then
    mkdir "$stage$path"
    mount --rbind "$path" "$stage$path"
    mount -o remount,bind,ro "$stage$path"
  fi
done
mkdir "$root" "$stage/proc" "$stage/dev" "$stage/old"
: >"$stage/dev/null"
mount --bind /dev/null "$stage/dev/null"
mount -t proc -o nosuid,nodev,noexec proc "$stage/proc"
cat "$folder/environment" >"$stage/environment"

# What it writes lies over the image, in a folder that goes with this run.
own=
[ -n "$owner" ] || own=,userxattr
layers=lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work$own
if ! mount -t overlay -o "nosuid,nodev,$layers" pipi "$root" 2>/dev/null; then
  mount --rbind "$image" "$root"
  mount -o remount,bind,ro,nosuid,nodev "$root"
  echo 'It can write to /tmp and its stores alone: this machine lays nothing over an image.' >&2
else
  # The kernel closes the folder that it works in, and who ends this run has to clear it.
  chmod 700 "$folder/work/work"
fi

mount -t tmpfs -o mode=755,size=64k,nosuid pipi "$root/dev"
for each in null zero full random urandom tty; do
  [ -e "/dev/$each" ] || continue
  : >"$root/dev/$each"
  mount --bind "/dev/$each" "$root/dev/$each"
done
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=16m,nosuid,nodev pipi "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
for each in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${each%:*}" "$root/dev/${each#*:}"; done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# Settings of the whole machine.
for each in sys sysrq-trigger bus fs irq; do
  [ -e "$root/proc/$each" ] || continue
  mount --bind "$root/proc/$each" "$root/proc/$each"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc/$each"
done
mount --bind "$folder/tmp" "$root/tmp"
while IFS= read -r path; do mount --bind "$path" "$root$path"; done <"$folder/places"
# It is on this machine's network, so names are looked up as this machine does.
for each in resolv.conf hosts; do
  from=$(readlink -f "/etc/$each") || continue
  [ -f "$from" ] && [ -f "$root/etc/$each" ] || continue
  mount --bind "$from" "$root/etc/$each"
  mount -o remount,bind,ro "$root/etc/$each"
done

cd "$stage"
pivot_root . old
cd /
# Nothing here has a place for notes of what is mounted.
umount -n -l /old
rmdir /old
mount -n -o remount,bind,ro,nosuid,nodev pipi /

unshare=$(command -v unshare)
setpriv="$(command -v setpriv) --no-new-privs"
if [ -z "$owner" ]; then
  # Whoever we are is the image's user inside, and nobody else exists.
  /bin/sh -c '. /environment; exec "$@"' pipi \
    $setpriv "$unshare" --user --map-user="$uid" --map-group="$gid" --root="/$name" --wd="$at" -- "$@" &
  child=$!
else
  # A namespace of users has a list of them once: root, to get in, and the image's user, who is the owner outside.
  "$unshare" --user --keep-caps -- \
    /bin/sh -c 'until read -r _ </proc/self/gid_map; do sleep 0.01; done; . /environment; exec "$@"' pipi \
    $setpriv "$unshare" --root="/$name" --wd="$at" --setgid="$gid" --setuid="$uid" -- "$@" &
  child=$!
  ours=$(readlink /proc/self/ns/user)
  while [ "$(readlink "/proc/$child/ns/user")" = "$ours" ]; do sleep 0.01; done
  printf '0 0 1\n%s %s 1\n' "$uid" "$owner" >"/proc/$child/uid_map"
  printf '0 0 1\n%s %s 1\n' "$gid" "$owner" >"/proc/$child/gid_map"
fi
ended=0
wait "$child" || ended=$?
exit "$ended"
