# The page and the binaries.

# web: web/dist out of web/, when a source is new or changed.
web() {
  [ -f web/package.json ] || return 0
  local key
  key=$(find web \( -name node_modules -o -path web/dist \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | hash_of)
  if [ -f web/dist/index.html ] && is_stamped web "$key"; then return 0; fi
  step "The page (web/)"
  node_tools
  web_packages
  unstamp web
  (cd web && npm run build --silent </dev/null >&2) || fail "the page could not be built (messages above)" "By hand: cd web && npm ci && npm run build"
  stamp web "$key"
}

web_packages() {
  local key
  key=$(hash_of <web/package-lock.json)
  if [ -f web/node_modules/.package-lock.json ] && is_stamped web-packages "$key"; then return 0; fi
  unstamp web-packages
  npm_ci web
  stamp web-packages "$key"
}

# gorse_client: the client that tests/gorse drives the server with. Without a network that test is skipped, and says so.
gorse_client() {
  local key
  key=$(hash_of <tests/gorse/package-lock.json)
  if [ -f tests/gorse/node_modules/.package-lock.json ] && is_stamped gorse-client "$key"; then return 0; fi
  step "Gorse's client for the tests (npm)"
  unstamp gorse-client
  if (node_tools && npm_ci tests/gorse); then
    stamp gorse-client "$key"
  else
    note "the test of Gorse's client will be skipped"
  fi
}

# As many compilers as there are cores, and no more than memory carries at 1.5 GiB each.
compile_jobs() {
  awk -v cores="$(nproc)" '/^MemAvailable/ { jobs = int($2 / 1572864) } END { if (jobs > cores) jobs = cores; print (jobs < 1 ? 1 : jobs) }' /proc/meminfo
}

# build PRESET TARGET: configures and compiles what changed. When neither a source nor a commit is newer than the last
# success, not even ninja is asked.
build() {
  local preset=$1 target=$2 folder=build/$1
  local done=$folder/.done-$target
  local head # git's log of HEAD: the program says which commit it was built from
  head=$(git rev-parse --git-path logs/HEAD 2>/dev/null) || head=
  [ -f "$head" ] || head=
  if [ -f "$done" ] && [ -f "$folder/build.ninja" ] && [ -z "$(find src tests cmake CMakeLists.txt CMakePresets.json encoders "$ONNXRUNTIME_ROOT/include" /var/lib/dpkg/status ${head:+"$head"} \
    -name node_modules -prune -o -newer "$done" -print -quit 2>/dev/null)" ]; then
    return 0
  fi
  step "Building $target ($preset)"
  grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" || rm -rf "$folder" # none yet, or the project's folder was moved
  mkdir -p "$folder"
  touch "$done.part" # before the build, so that a file saved meanwhile counts as newer
  if [ ! -f "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ]; then
    cmake --preset "$preset" >&2 || fail "cmake could not configure the build (messages above)" "What is missing? ./run setup"
  fi
  cmake --build "$folder" --parallel "${ZHIYIN_JOBS:-$(compile_jobs)}" --target "$target" >&2 || fail "the build failed (messages above)"
  mv "$done.part" "$done"
}
