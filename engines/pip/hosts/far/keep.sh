#!/bin/sh
# keep.sh FOLDER NODE MAIN: starts the supervisor of FOLDER, and again whenever it ends otherwise than on request, for
# hosts without systemd. Whoever writes another number into FOLDER/keeper relieves it.
folder=$1
echo $$ >"$folder/keeper"
pause=1
while [ "$(cat "$folder/keeper" 2>/dev/null)" = $$ ]; do
  began=$(date +%s)
  "$2" --disable-warning=ExperimentalWarning "$3" "$folder" </dev/null && exit 0
  [ $(($(date +%s) - began)) -gt 60 ] && pause=1
  sleep $pause
  [ $pause -lt 30 ] && pause=$((pause * 2))
done
