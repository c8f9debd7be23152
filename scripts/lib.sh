# What the scripts share. They all run in the root of the project.
# shellcheck shell=sh

set -eu
cd "$(dirname "$0")/.."

step() {
  printf '\n==> %s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

need_rust() {
  has cargo || fail "cargo is missing: install Rust 1.95 or newer, see https://rustup.rs"
  has cc || fail "a C compiler is missing, which Rust links with: apt-get install build-essential"
}

need_node() {
  has node && has npm || fail "node or npm is missing: install Node.js 20 or newer, see https://nodejs.org"
  node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old: install 20 or newer"
}

need_python() {
  has python3 || fail "python3 is missing: install Python 3.9 or newer"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' ||
    fail "$(python3 --version) is too old: install 3.9 or newer"
  # Debian has these in packages of their own.
  python3 -c 'import ensurepip, venv' 2>/dev/null || fail "Python's venv is missing: apt-get install python3-venv"
}

# Installs the npm packages that a folder's lock file names, if it has one, unless they are there.
npm_packages() {
  [ -e "$1/package-lock.json" ] || return 0
  installed=$1/node_modules/.package-lock.json
  if [ ! -e "$installed" ] || [ "$1/package-lock.json" -nt "$installed" ]; then
    step "npm packages of $1"
    npm --prefix "$1" ci --no-audit --no-fund
  fi
}
