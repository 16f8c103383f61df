#!/bin/sh
# Make .venv with everything in requirements-dev.txt and with this checkout, editable, so that .venv/bin/blogkeep exists.
# By uv if it is there, else by pip, with or without the distribution's venv package.
set -eu
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=""
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if fits "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
    echo "blogkeep: needs Python 3.11 or newer (name one with PYTHON=…)" >&2
    exit 1
fi

echo "Setting up .venv, once; this takes a minute …" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
rm -rf .venv
if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --python "$python" .venv
    install="uv pip install --quiet --python .venv/bin/python"
elif "$python" -m venv .venv >/dev/null 2>&1; then
    install=".venv/bin/python -m pip install --quiet"
elif "$python" -m venv --clear --without-pip .venv && "$python" -m pip --version >/dev/null 2>&1; then
    install="$python -m pip --python .venv/bin/python install --quiet"
else
    rm -rf .venv
    echo "blogkeep: found neither uv nor pip: install one of them (Debian: apt install python3-pip)" >&2
    exit 1
fi
$install --require-hashes -r requirements-dev.txt
$install --no-deps --no-build-isolation --editable .
touch .venv/.ready
