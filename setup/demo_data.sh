# The demo's content and behaviour, out of Debian packages (group [data] of packages.txt) that are unpacked into the cache and never installed:
#
#   demo/movielens/ratings.csv       movieId,title,year,genres,userId,rating,timestamp: 100,004 ratings of 9,066 films by 671 people
#   demo/planetblupi/*.webm          14 short animated videos with sound
#   demo/singularity/**/*.ogg        16 tracks with title, artist and album
#   demo/lmms/LABEL/*.ogg            176 sounds; the folder is the label
#   demo/licences/NAME.txt           what each package says about its rights

demo_sets='movielens planetblupi singularity lmms'
movielens_sha256=beed7527ae257be11fd48e3c6fac7f0cd025799041674e2e869ea9cff97df65e # of ratings.csv as r-cran-dslabs 0.7.4 gives it

# The cache says which version of this file prepared what it holds.
demo_data_key() { cat setup/demo_data.sh setup/movielens.mjs | hash_of; }
demo_data_is_ready() { [ "$(cat "$cache/demo/.prepared" 2>/dev/null)" = "$(demo_data_key)" ]; }

demo_data() {
  if demo_data_is_ready; then return 0; fi
  node_tools
  with_cache_lock fetch_demo_data
  movielens_terms >&2
}

# Two lines for whoever meets the ratings for the first time; ./run demo shows them on every run.
movielens_terms() {
  echo "Ratings: MovieLens small (10/2016) of GroupLens Research, University of Minnesota, as packaged in Debian's r-cran-dslabs. GroupLens' terms: name the data"
  echo "set in publications, imply no endorsement, pass it on only under the same terms, no commercial use without GroupLens' permission. grouplens.org/datasets/movielens"
}

fetch_demo_data() {
  if demo_data_is_ready; then return 0; fi
  step "Demo data (Debian packages, 87 MB, unpacked into the cache)"
  local part name package
  part=$(new_part)
  download_packages "$part"
  for name in $demo_sets; do
    mkdir -p "$part/demo/$name"
    "prepare_$name" "$part" "$part/demo/$name"
  done
  mkdir "$part/demo/licences"
  for package in $(packages_of data); do cp "$part/$package/usr/share/doc/$package/copyright" "$part/demo/licences/$package.txt"; done
  demo_data_key >"$part/demo/.prepared"
  rm -rf "$cache/demo"
  mv "$part/demo" "$cache/demo"
  rm -rf "$part"
}

# download_packages FOLDER: unpacks each package of group [data] to FOLDER/PACKAGE. apt checks the signatures and hashes.
download_packages() {
  local names package
  names=$(packages_of data)
  # shellcheck disable=SC2086
  (cd "$1" && { apt_download $names || { apt_get update && apt_download $names; }; }) ||
    fail "apt-get could not download: ${names//$'\n'/ } (its own words are above)" "Check the network, then start the same command again."
  for package in $names; do dpkg-deb -x "$1/$package"_*.deb "$1/$package"; done
}

apt_download() { apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$@" </dev/null >&2; }

# prepare_NAME PACKAGES FOLDER: fills FOLDER from the unpacked packages.
prepare_movielens() {
  note "movielens: reading the ratings"
  node setup/movielens.mjs "$1/r-cran-dslabs/usr/lib/R/site-library/dslabs/data" >"$2/ratings.csv"
  echo "$movielens_sha256  $2/ratings.csv" | sha256sum --check --status || note "ratings.csv is not the one this was written for: is r-cran-dslabs newer than 0.7.4?"
}

# The game's films are in codecs of 1997 (Cinepak, Microsoft Video 1) that no browser plays: VP8 in WebM, the sound as it is, and a title.
prepare_planetblupi() {
  local name title tags
  note "planetblupi: 14 videos to WebM"
  while IFS='|' read -r name title tags; do
    ffmpeg -nostdin -v error -i "$1/planetblupi-common/usr/share/planetblupi/movie/$name.mkv" -map_metadata -1 \
      -metadata title="$title" -metadata artist='Planet Blupi' -metadata album='Planet Blupi' -metadata genre=Animation -metadata keywords="$tags" \
      -fflags +bitexact -flags:v +bitexact -c:v libvpx -deadline realtime -cpu-used 5 -threads 1 -crf 10 -b:v 1500k -g 50 -c:a copy "$2/$name.webm" </dev/null
  done <<'FILMS'
history2|The robot leaves its den|robot, science fiction, menace
play101|A spider comes for the tomatoes|spider, forest, suspense
play103|An afternoon on the bridge|Blupi, river, forest, friends
play105|Watch at the tower|Blupi, tower, weights, exercise
play107|In the laboratory|Blupi, laboratory, glass, experiment
play108|Run!|Blupi, snow, wall, panic
play110|The bulldozer|bulldozer, machine, forest, menace
play113|A jeep in the spotlight|Blupi, jeep, stage, lights
play116|The teleporter|teleporter, machine, sparkle
play118|Blupi in armour|Blupi, armour, steel
play119|Snow before the house|Blupi, snow, winter, house
play124|The robot dances|robot, disco, dance, lights
win005|Disco|Blupi, disco, dance, crowd, party
win129|A rocket passes the planet|space, rocket, planet, science fiction
FILMS
}

prepare_singularity() { cp -r "$1/singularity-music/usr/share/games/singularity/music/." "$2/"; }

# Without shapes/ and waveforms/: single periods for synthesizers, a few milliseconds long.
prepare_lmms() {
  local label
  for label in basses bassloops beats drums effects instruments latin misc stringsnpads; do
    cp -r "$1/lmms-common/usr/share/lmms/samples/$label" "$2/"
  done
}
