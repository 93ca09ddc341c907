#!/usr/bin/env bash
# The walk: a folder of src/ includes only itself and what stands above it in this list, and an outside SDK is
# included in one folder, never in a header that others include.
set -euo pipefail
src=${1:?usage: includes.sh SRC}

walk=(
  base base/kernels base/http base/nn base/measure
  domain
  state/store state/store/sqlite state/bus state/bus/local state/index
  understand/media understand/embed understand/interest
  match
  feed/snapshot feed/live feed/ingest feed/recommend
  learn learn/eval
  app/operate app/serve app/bench app/config app/cli
)
# An SDK's headers, and the folder that may see them.
sdks=(
  'sqlite3\.h base'
  'sodium base'
  'simdjson\.h base'
  'spdlog/ base'
  'boost/ base/http'
  'libav|libsw understand/media'
  'onnxruntime understand/embed'
  'unicode/ understand/embed'
  'zlib\.h base'
  'cblas|lapacke base/kernels'
  'CLI/ app/cli'
)
failures=0
fail() { echo "$1" >&2; failures=$((failures + 1)); }
position() {
  local i
  for i in "${!walk[@]}"; do [ "${walk[$i]}" = "$1" ] && { echo "$i"; return; }; done
  echo ""
}

checked=0
while IFS= read -r file; do
  folder=$(dirname "${file#"$src"/}")
  here=$(position "$folder")
  [ -n "$here" ] || { fail "$file: folder $folder has no place in the walk (tests/structure/includes.sh)"; continue; }
  checked=$((checked + 1))
  while IFS= read -r included; do
    [ -n "$included" ] || continue
    there=$(position "$(dirname "$included")")
    if [ -z "$there" ]; then
      fail "$file: includes \"$included\", which is in no folder of the walk"
    elif [ "$there" -gt "$here" ]; then
      fail "$file: includes \"$included\", which stands below it in the walk"
    fi
  done < <(sed -nE 's/^#include "([^"]+)".*/\1/p' "$file")
  for sdk in "${sdks[@]}"; do
    pattern=${sdk% *} owner=${sdk##* }
    if grep -qE "^ *#include [<\"]($pattern)" "$file"; then
      [ "$folder" = "$owner" ] || fail "$file: sees <$pattern>, which belongs to $owner alone"
      case "$file" in *_sdk.h | *.cpp) ;; *) fail "$file: a header must not show <$pattern> to others" ;; esac
    fi
  done
done < <(find "$src" -name '*.h' -o -name '*.cpp' | sort)

[ "$checked" -gt 0 ] || fail "no source file was checked under $src"
[ "$failures" -eq 0 ] || { echo "$failures includes point the wrong way" >&2; exit 1; }
echo "$checked files keep the walk"
