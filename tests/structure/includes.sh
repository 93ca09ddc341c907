#!/usr/bin/env bash
# The walk: a folder of src/ includes only itself and what stands above it in this list, and an outside SDK is
# included in one folder, never in a header that others include.
set -euo pipefail
src=${1:?usage: includes.sh SRC}

walk='
  base base/kernels base/http base/nn base/measure
  domain
  state/store state/store/sqlite state/bus state/bus/local state/index state/index/faiss
  understand/media understand
  understand/embed/onnx understand/embed/text understand/embed/vision understand/embed/sound understand/embed/remote understand/embed understand/interest
  match match/linear match/factors match/sequence match/content match/rank match/registry
  feed/snapshot feed/live feed/ingest feed/recommend
  learn learn/eval
  app/operate app/serve app/serve/gorse app/bench app/config app/cli
'
# Headers of an SDK, and the folder that may see them.
sdks='
  sqlite3\.h             base
  sodium                 base
  simdjson\.h            base
  spdlog/                base
  zlib\.h                base
  toml\+\+/              base
  (cblas|lapacke)        base/kernels
  boost/                 base/http
  openssl/               base/http
  (faiss/|omp\.h)        state/index/faiss
  (libav|libsw)          understand/media
  onnxruntime            understand/embed/onnx
  unicode/               understand/embed/text
  (chromaprint|pocketsphinx|sphinxbase) understand/embed/sound
  archive(_entry)?\.h    app/operate
  CLI/                   app/cli
'
find "$src" -name '*.h' -o -name '*.cpp' | sort | xargs awk -v src="$src/" -v walk="$walk" -v sdks="$sdks" '
  function fail(words) { print words > "/dev/stderr"; failures++ }
  function folder_of(path) { sub("/[^/]*$", "", path); return path }
  BEGIN {
    count = split(walk, names)
    for (i = 1; i <= count; i++) place[names[i]] = i
    count = split(sdks, words)
    for (i = 1; i < count; i += 2) owner[words[i]] = words[i + 1]
  }
  FNR == 1 {
    folder = folder_of(substr(FILENAME, length(src) + 1))
    if (folder in place) checked++
    else fail(FILENAME ": folder " folder " has no place in the walk (tests/structure/includes.sh)")
  }
  /^ *#include "/ {
    split($0, quoted, "\"")
    there = folder_of(quoted[2])
    if (!(there in place)) fail(FILENAME ": includes \"" quoted[2] "\", which is in no folder of the walk")
    else if (place[there] > place[folder]) fail(FILENAME ": includes \"" quoted[2] "\", which stands below it in the walk")
  }
  /^ *#include [<"]/ {
    for (sdk in owner) {
      if ($0 !~ "^ *#include [<\"]" sdk) continue
      if (folder != owner[sdk]) fail(FILENAME ": sees <" sdk ">, which belongs to " owner[sdk] " alone")
      if (FILENAME !~ /(_sdk\.h|\.cpp)$/) fail(FILENAME ": a header must not show <" sdk "> to others")
    }
  }
  END {
    if (!checked) fail("no source file was checked under " src)
    if (failures) { print failures " includes point the wrong way" > "/dev/stderr"; exit 1 }
    print checked " files keep the walk"
  }'
