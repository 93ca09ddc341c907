# What the parts of the set-up share. Sourced by run; the caller has set -euo pipefail and has cd'ed to the project's root.
# Everything here writes to stderr, so that stdout stays what the called program prints.

root=$PWD
cache=${ZHIYIN_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set: set it, or name a folder in ZHIYIN_CACHE}/.cache}/zhiyin}
export ZHIYIN_CACHE=$cache
export ONNXRUNTIME_ROOT=${ONNXRUNTIME_ROOT:-$cache/onnxruntime-1.29.0}
stamps=$root/build/setup

if [ -t 2 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
note() { printf '    %s\n' "$*" >&2; }

# fail WHAT [HOW TO MEND IT...]: the last words before exit 1.
fail() {
  printf '%srun: %s%s\n' "$red" "$1" "$plain" >&2
  shift
  for line in "$@"; do note "$line"; done
  exit 1
}

wrong_use() {
  printf '%srun: %s%s\n' "$red" "$1" "$plain" >&2
  exit 2
}

hash_of() { sha256sum | cut -d' ' -f1; }

# A stamp says that a step was done for the inputs that KEY stands for. It is written last, so a step that was cut off counts as not done.
is_stamped() { [ -f "$stamps/$1" ] && [ "$(<"$stamps/$1")" = "$2" ]; }
stamp() { mkdir -p "$stamps" && printf '%s\n' "$2" >"$stamps/$1.part" && mv "$stamps/$1.part" "$stamps/$1"; }
unstamp() { rm -f "$stamps/$1"; }

# with_cache_lock COMMAND...: one set-up at a time changes the cache, which clones of the project share.
with_cache_lock() {
  mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || fail "cannot write to the cache $cache" "Name another folder: ZHIYIN_CACHE=/some/folder ./run ..."
  (
    flock -n 9 || { note "waiting for another set-up that uses $cache"; flock 9; }
    trap 'rm -rf "$cache"/.part.*' EXIT # what a step was still making
    "$@"
  ) 9>"$cache/.lock"
}

# A folder to make something in, on the same file system as the cache, so that the finished thing is moved into place in one step.
new_part() { mktemp -d "$cache/.part.XXXXXX"; }
