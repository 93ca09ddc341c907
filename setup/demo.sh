# ./run demo: the whole path with real content and real behaviour, in the home demo-home/. Headings and results go to stdout.
# What an earlier demo already did (import, scan, train, the table) is kept and not repeated; --fresh begins anew.

demo_home=$root/demo-home
demo_user=42

zhiyin() { build/release/zhiyin --home "$demo_home" "$@"; }
heading() { if [ -t 1 ]; then printf '\n\e[1;36m── %s\e[0m\n' "$*"; else printf '\n── %s\n' "$*"; fi; }

demo() {
  local once='' argument
  for argument in "$@"; do
    case $argument in
      --once) once=yes ;;
      --fresh) rm -rf "$demo_home" ;;
      *) wrong_use "demo does not know '$argument': ./run demo [--once] [--fresh]" ;;
    esac
  done

  heading "What people did: 100,004 ratings of films"
  movielens_terms
  once_per_home import zhiyin import movielens "$cache/demo/movielens/ratings.csv"

  heading "What there is to play: 14 videos, 16 tracks, 176 sounds"
  echo "Videos: Planet Blupi, GPL-3+ · Music: Endgame: Singularity, CC BY-SA 3.0 · Sounds: LMMS, GPL-2+ · full texts: $cache/demo/licences/"
  once_per_home scan zhiyin scan "$cache/demo/planetblupi" "$cache/demo/singularity" "$cache/demo/lmms"

  heading "Learning from it"
  once_per_home train zhiyin train

  heading "How good is it? Films that were held back, ranked among all films (ndcg@100, higher is better)"
  once_per_home evaluation build/release/zhiyin evaluate t1 --data "$cache/demo/movielens" --models random,pop,itemknn,ease,ials

  heading "Next for user $demo_user, and why"
  zhiyin recommend --user "$demo_user" -n 10

  similar_to "a track" "Nebula"
  similar_to "a video" "A rocket passes the planet"

  heading "The page"
  if [ "$once" ]; then serve_once; else serve; fi
}

# once_per_home NAME COMMAND...: runs it and keeps its words; later demos in this home repeat the words instead.
# The words of a command that was cut off or failed are not kept.
once_per_home() {
  local name=$1 words=$demo_home/.demo/$1
  shift
  if [ -f "$words" ]; then cat "$words"; return 0; fi
  mkdir -p "$demo_home/.demo"
  "$@" | tee "$words.part" || fail "the demo stopped at: $name" "Again: ./run demo · anew: ./run demo --fresh · what is missing: ./run zhiyin doctor"
  mv "$words.part" "$words"
}

# similar_to WHAT TITLE: what is like the item of that title.
similar_to() {
  local id
  heading "Similar to $1: $2"
  id=$(zhiyin search "$2" -n 1 --json | grep -o '"id": *"[^"]*"' | head -1 | cut -d'"' -f4) || true
  [ -n "$id" ] || fail "the catalogue does not find '$2'" "Anew: ./run demo --fresh"
  zhiyin similar --item "$id" -n 5
}

serve() {
  echo "Open the address below in a browser; Ctrl-C ends the demo. Your own: ./run zhiyin --home my-home scan FOLDER"
  exec build/release/zhiyin --home "$demo_home" serve --port "${ZHIYIN_PORT:-8080}"
}

# serve_once: starts the server on a free port, asks it what a browser would, and stops it.
serve_once() {
  local words=$demo_home/.demo/serve address=''
  build/release/zhiyin --home "$demo_home" serve --port 0 >"$words" &
  server=$!
  trap 'kill "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 300); do
    address=$(grep -o 'http://[^ ]*' "$words" | head -1) || true
    if [ -n "$address" ] || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
  done
  [ -n "$address" ] || fail "the server did not start (its own words are above)"
  echo "served at $address"
  ask "$address" healthz
  ask "$address" "v1/recommend?user=$demo_user&n=1"
  ask "$address" '' | grep -qi '<html' || fail "the page is not there: web/dist is missing" "Build it: ./run build"
  kill "$server"
  wait "$server" || fail "the server did not stop cleanly (exit $?)"
  trap - EXIT
  heading "Done. To browse it yourself: ./run demo"
}

# ask ADDRESS PATH: the answer, on one line with what was asked.
ask() {
  local answer
  answer=$(curl -fsS --max-time 10 "$1${2}") || fail "GET /$2 failed"
  printf 'GET /%s\n%s\n' "$2" "$answer"
}
