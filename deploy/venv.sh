#!/bin/sh
# Makes the virtual environment: `sh deploy/venv.sh PYTHON DIR`.
# Debian ships `venv` apart from Python; where we may, we install it, else we say how.
set -eu
python=$1
dir=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Treaty needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=python3.11 ..." >&2
    exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $version, which Debian ships apart from Python ..." >&2
        apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$version" >&2
    else
        echo "Python's venv module is missing. Install it with: sudo apt install $version" >&2
        exit 2
    fi
fi
"$python" -m venv "$dir"
