#!/bin/sh
# Prints a Python that Peygir can run on, or says what to install.

check='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

for python in "$PYTHON" python3.11 python3.12 python3.13 python3.14 python3 python; do
    if [ -n "$python" ] && "$python" -c "$check" >/dev/null 2>&1; then
        echo "$python"
        exit 0
    fi
done

if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    echo "peygir: this Python cannot make virtual environments." >&2
    echo "On Debian or Ubuntu: apt-get install python3-venv" >&2
else
    echo "peygir: Python 3.11 or later is needed, and was not found on the PATH." >&2
    echo "On Debian 12 or Ubuntu: apt-get install python3 python3-venv; on macOS: brew install python" >&2
    echo "If it lies elsewhere: PYTHON=/path/to/python3.12 make setup" >&2
fi
exit 3
