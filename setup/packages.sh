# Debian packages (setup/packages.txt) and Node.

# packages_of GROUP...: the names that the list has under these headings.
packages_of() {
  awk -v wanted=" $* " '{ sub(/#.*/, "") } /^\[/ { gsub(/[][ ]/, ""); take = index(wanted, " " $0 " "); next } take && NF { print $1 }' setup/packages.txt
}

# missing_packages GROUP...: those of them that are not installed.
missing_packages() {
  local names
  names=$(packages_of "$@" | sort -u)
  # shellcheck disable=SC2086  # one word per package
  { dpkg-query -W -f '${db:Status-Status} ${Package}\n' $names 2>/dev/null || true; } | awk '$1 == "installed" { print $2 }' | sort -u | comm -13 - <(printf '%s\n' "$names")
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
}

# packages GROUP...: installs what these groups lack; when they lack nothing, one quick dpkg query.
packages() {
  [ -z "${ZHIYIN_SKIP_PACKAGES:-}" ] || return 0
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || fail "this is not Debian: there is no apt-get" \
    "Install what setup/packages.txt lists (groups: $*) under the names it has here, then set ZHIYIN_SKIP_PACKAGES=1."
  local missing
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  step "Debian packages: $missing"
  (. /etc/os-release && [ "${ID:-}-${VERSION_ID:-}" = debian-12 ]) || note "Written for Debian 12; on this system some names may differ."
  local by_hand="apt-get update && apt-get install -y --no-install-recommends $missing"
  as_root true 2>/dev/null || fail "packages are missing, and this user may not install them" "Have an administrator run:" "$by_hand"
  apt_get update || fail "apt-get update failed (its own words are above)" "Check the network and /etc/apt/sources.list*, then start the same command again."
  # shellcheck disable=SC2086
  apt_get install -y --no-install-recommends $missing ||
    { note "once more, after mending what was left half-configured"; as_root dpkg --configure -a >&2 && apt_get install -y --no-install-recommends $missing; } ||
    fail "apt-get could not install the packages (its own words are above)" "If the network failed, start the same command again. By hand:" "$by_hand"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -z "$missing" ] || fail "still missing after the installation: $missing"
}

# node_tools: a node >= 18 with npm: the one that is there, or else Debian's.
node_tools() {
  command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null || packages node
}

# npm_ci FOLDER [NAME FOR MESSAGES]: what the folder's lock file names, checked against its hashes; no install scripts. Tried again when the network was at fault.
npm_ci() {
  local attempt words
  for attempt in 1 2 3; do
    if words=$(cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error 2>&1 </dev/null); then return 0; fi
    grep -qE 'E(CONN|TIMEDOUT|NOTFOUND|AI_AGAIN|SOCKET|5[0-9][0-9])|network' <<<"$words" && [ "$attempt" != 3 ] || break
    note "npm could not reach its registry; once more in $((attempt * 5)) seconds"
    sleep $((attempt * 5))
  done
  head -25 <<<"$words" >&2
  fail "npm could not provide what ${2:-$1/package-lock.json} names (its own words are above)" \
    "If the network or the registry is at fault (npm config get registry), start the same command again; nothing half-done is kept."
}
