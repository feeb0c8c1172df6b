#!/bin/sh
# Installs this kit, without a network:  sh install.sh DIR
# PYTHON=/path/to/python names the Python; sh install.sh --help shows the options.
# This script checks install.py; install.py checks every other file before it does anything else.
set -eu
kit=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

stop() {
    printf 'install.sh: %s\n' "$1" >&2
    exit "$2"
}

# Prints the sha256 of a file: FILE
sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -c 1-64
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 <"$1" | cut -c 1-64
    else
        stop "expected the program sha256sum or shasum, found neither: install one, to check the kit" 2
    fi
}

[ -f "$kit/SHA256SUMS" ] || stop "SHA256SUMS is missing: copy the kit again" 1
[ -f "$kit/install.py" ] || stop "install.py is missing: copy the kit again" 1
expected=$(sed -n 's/^\([0-9a-f]*\)  install\.py$/\1/p' "$kit/SHA256SUMS")
found=$(sha256_of "$kit/install.py")
[ "$expected" = "$found" ] || stop "install.py was altered: expected sha256 $expected, found $found: copy the kit again" 1

for python in "${PYTHON:-python@PYTHON@}" python3 python; do
    if "$python" -c pass >/dev/null 2>&1; then
        exec "$python" -I -B "$kit/install.py" "$@"
    fi
    [ -z "${PYTHON:-}" ] || stop "expected Python @PYTHON@, found that $PYTHON does not run" 2
done
stop "expected Python @PYTHON@, found none: name it, PYTHON=/path/to/python sh install.sh DIR" 2
