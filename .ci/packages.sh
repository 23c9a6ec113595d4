# shellcheck shell=bash disable=SC2034
# The one list of what Balcão needs from Debian, and its installer. `run` and `test` read this file.
#
# An entry is a package, or package:command where any program of that name will do, wherever it came from (a Node from
# nodesource, a CMake from pip).

# CMake configures the program and its unit tests together, hence GoogleTest among the first.
build_packages=(
  clang-19:clang++-19 lld-19:ld.lld-19 mold:mold ccache:ccache cmake:cmake ninja-build:ninja pkg-config:pkg-config
  libssl-dev libargon2-dev libcrypt-dev libzxcvbn-dev libqrencode-dev libsqlite3-dev libpq-dev libcli11-dev
  libgtest-dev ca-certificates
)
test_packages=(libclang-rt-19-dev nodejs:node npm:npm sqlite3:sqlite3 postgresql redis-server:redis-server openssl:openssl curl:curl)
tidy_packages=(clang-format-19:clang-format-19 clang-tidy-19:clang-tidy-19)

# Adds the Boost of this Debian to what the build needs; says what is needed instead where this is another system.
choose_boost() {
  local boost
  case "$(. /etc/os-release 2>/dev/null && echo "${ID:-}-${VERSION_ID:-}")" in
    debian-12) boost=1.81 ;;
    debian-13) boost=1.83 ;;
    *)
      cat >&2 <<'NEEDS'
This script knows the packages of Debian 12 (bookworm) and 13 (trixie), and this is another system. Balcão needs:
  clang 19 (or GCC 13), CMake 3.25, Ninja, pkg-config
  Boost 1.81 with Asio, Beast, JSON, URL and Describe; OpenSSL 3, libargon2, libxcrypt, libzxcvbn, libqrencode,
  SQLite 3, libpq, CLI11
  for the tests: GoogleTest, Node.js 18 with npm, sqlite3, a PostgreSQL server, redis-server, openssl, curl
With those installed:  cmake --preset release && cmake --build --preset release
NEEDS
      return 1
      ;;
  esac
  build_packages+=("libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev")
}

# install_missing ENTRY...
install_missing() {
  local entry package missing=() libraries=() installed
  for entry in "$@"; do
    if [[ $entry != *:* ]]; then
      libraries+=("$entry")
    elif ! command -v "${entry#*:}" >/dev/null; then
      missing+=("${entry%%:*}")
    fi
  done
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "${libraries[@]}" 2>/dev/null || true)
  for package in "${libraries[@]}"; do
    grep -q "^$package ii" <<<"$installed" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  echo "Installing from Debian's packages: ${missing[*]}"
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if ((EUID)); then
    if ! command -v sudo >/dev/null; then
      printf 'This needs root, and there is no sudo here. As root:\n  apt-get update && apt-get install %s\n' "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo "${as_root[@]}")
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# configure PRESET: CMake itself notices later changes of its own files, but not those of the presets.
configure() {
  [[ build/$1/build.ninja -nt CMakePresets.json ]] || cmake --preset "$1"
}
