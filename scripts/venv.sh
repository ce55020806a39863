# Makes a virtual environment from a hashed lock; sourced by ./nova and ./test, which set `root`.
# Knows Python, pip and one marker file. Refuses to know what is installed, or why.

# say TEXT...: progress goes to standard error, so that --json on standard output stays clean.
say() { printf '%s\n' "$*" >&2; }

# The first Python >= 3.11 that can make virtual environments; NOVA_PYTHON wins.
find_python() {
  for candidate in ${NOVA_PYTHON:+"$NOVA_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$candidate"
      return 0
    fi
  done
  say "nova: no Python >= 3.11 with venv was found."
  say "      Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python),"
  say "      or name it: NOVA_PYTHON=/path/to/python3 $0"
  return 1
}

# venv_current FOLDER LOCK: true when FOLDER was finished from exactly this LOCK for exactly this checkout,
# and the Python it was made with is still there.
venv_current() {
  [ -x "$1/bin/python" ] && [ -f "$1/.finished" ] && [ "$(cat "$1/.finished")" = "$(fingerprint "$2")" ]
}

fingerprint() { cksum < "$1" | tr ' ' '-'; printf '%s\n' "$root"; }

# make_venv FOLDER LOCK WHAT: builds FOLDER beside the checkout, or leaves nothing that counts as finished.
make_venv() {
  folder=$1 lock=$2 what=$3
  venv_current "$folder" "$lock" && return 0
  if [ -e "$folder" ] && ! [ -f "$folder/pyvenv.cfg" ] && [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
    say "nova: $folder holds other things than a virtual environment; nothing in it was touched."
    say "      Name a folder that does not exist yet: NOVA_VENV=/path/to/folder ./nova (for ./test: NOVA_TEST_VENV)."
    return 1
  fi
  if ! mkdir "$folder.making" 2>/dev/null; then
    if ! [ -d "$folder.making" ]; then
      say "nova: $(dirname "$folder") cannot be written to. Clone the repository into a folder of your own,"
      say "      or name another place: NOVA_VENV=/path/to/folder ./nova (for ./test: NOVA_TEST_VENV)."
      return 1
    fi
    builder=$(cat "$folder.making/pid" 2>/dev/null || true)
    if [ -z "$builder" ] || kill -0 "$builder" 2>/dev/null; then
      say "nova: another set-up is at work in $folder (process ${builder:-unknown})."
      say "      Wait for it; if none is running: rm -r '$folder.making' and start again."
      return 1
    fi
    say "The set-up before this one was killed; this one begins anew."
  fi
  printf '%s\n' "$$" > "$folder.making/pid"
  trap 'unlock "$folder"' EXIT
  trap 'say "nova: set-up was interrupted; start it again and it begins anew."; exit 130' INT TERM
  python=$(find_python)
  say "Setting up $what (once; about a minute) ..."
  say "  1/3 virtual environment with $("$python" -c 'import sys; print("Python %d.%d.%d" % sys.version_info[:3])')"
  rm -rf "$folder"
  "$python" -m venv "$folder"
  say "  2/3 packages, each checked against its hash in ${lock#"$root"/}"
  if ! install_lock "$folder" "$lock"; then
    say "nova: the packages could not be installed (see pip's message above)."
    say "      Without a network: fill pip's cache or a wheel folder elsewhere and set PIP_FIND_LINKS to it."
    return 1
  fi
  site=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$root/src" > "$site/nova.pth"
  printf '#!/bin/sh\nexec "%s" -m nova "$@"\n' "$folder/bin/python" > "$folder/bin/nova"
  chmod +x "$folder/bin/nova"
}

# install_lock FOLDER LOCK: what the lock says, hash by hash, into FOLDER.
# A --user or --target from the person's pip settings would put the packages elsewhere.
install_lock() {
  env -u PIP_TARGET -u PIP_PREFIX -u PYTHONPATH -u PYTHONHOME PIP_USER=0 "$1/bin/python" -m pip install \
    --quiet --no-deps --no-compile --only-binary :all: --require-hashes \
    --disable-pip-version-check --no-warn-script-location -r "$2"
}

# trim FOLDER: the packages' own test suites and type stubs are of no use to who runs Nova; they are 11 MB.
trim() {
  packages=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  find "$packages" -type d -name tests -prune -exec rm -rf {} +
  find "$packages" -type f -name '*.pyi' -exec rm -f {} +
}

# drop_pip FOLDER: the installer leaves when its work is done; it is 27 MB, and ensurepip brings it back when needed.
drop_pip() {
  "$1/bin/python" -m pip --quiet --disable-pip-version-check uninstall --yes setuptools pip >/dev/null 2>&1 || true
}

# finish_venv FOLDER LOCK: written last, so that a half-made environment is made again.
finish_venv() {
  fingerprint "$2" > "$1/.finished"
  unlock "$1"
  trap - EXIT INT TERM
}

# unlock FOLDER: another set-up may begin there.
unlock() { rm -f "$1.making/pid" && rmdir "$1.making" 2>/dev/null || true; }
