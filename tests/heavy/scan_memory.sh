#!/usr/bin/env bash
# Memory of a scan: as high after 500 files as after 100, in the program and in the workers that decode for it.
#
#   tests/heavy/scan_memory.sh ZHIYIN [FILES]     FILES: 500 unless said; the first fifth is the measure
#
# Makes short clips with ffmpeg, all different, scans them with every encoder that the cache allows, and reads the peak
# of resident memory (VmHWM) of the program and of its workers on the way. Fails where the peak of all files is more
# than 1.15 times that of the first fifth. Exit code 77 (not tested): no ffmpeg.
set -euo pipefail

zhiyin=$(realpath "$1")
files=${2:-500}
early=$((files / 5))
most_ratio=1.15

command -v ffmpeg > /dev/null || { echo "NOT TESTED: there is no ffmpeg here; apt-get install ffmpeg" >&2; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/media"

echo "making $files clips" >&2
for ((i = 0; i < files; i++)); do
  case $((i % 3)) in
    0) source=testsrc2=size=320x240:rate=10:duration=2 ;;
    1) source=mandelbrot=size=320x240:rate=10:start_scale=$((i + 1)) ;;
    2) source=life=size=320x240:rate=10:seed=$i ;;
  esac
  ffmpeg -nostdin -v error -f lavfi -i "$source" -f lavfi -i "sine=frequency=$((200 + i)):duration=2" -t 2 \
    -c:v mpeg4 -q:v 5 -c:a aac -shortest "$folder/media/$i.mp4"
done

"$zhiyin" --home "$folder/home" --json scan "$folder/media" > "$folder/report.json" 2> "$folder/log" &
scan=$!
peak_kib() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2> /dev/null || true; }
larger() { echo $(($1 > ${2:-0} ? $1 : ${2:-0})); }
program_early=0 program=0 worker_early=0 worker=0
while kill -0 "$scan" 2> /dev/null; do
  program=$(larger "$program" "$(peak_kib "$scan")")
  for child in $(pgrep -P "$scan" || true); do worker=$(larger "$worker" "$(peak_kib "$child")"); done
  done_files=$(tr '\r' '\n' < "$folder/log" | sed -n 's|.*scan: \([0-9]*\)/.*|\1|p' | tail -1)
  if ((${done_files:-0} <= early)); then
    program_early=$program
    worker_early=$worker
  fi
  sleep 0.1
done
wait "$scan" || { cat "$folder/log" >&2; exit 1; }
grep -q "\"analysed\":$files," "$folder/report.json" || { echo "not every clip was analysed:" >&2; cat "$folder/report.json" >&2; exit 1; }

judge() { # WHO EARLY ALL
  awk -v who="$1" -v early="$2" -v all="$3" -v n="$early" -v of="$files" -v most="$most_ratio" 'BEGIN {
    if (early == 0) { print who ": nothing was read in time: take more files" > "/dev/stderr"; exit 1 }
    printf "%-8s peak after %d files %.1f MiB, after %d %.1f MiB: %.3f times\n", who, n, early / 1024, of, all / 1024, all / early
    exit all > most * early
  }'
}
judge program "$program_early" "$program"
judge worker "$worker_early" "$worker"
