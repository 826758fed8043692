#!/usr/bin/env bash
# Rebuilds China's days off from the pinned package and checks them against the second one; run in CI.
# Fails if the files are not what the package and the listed corrections give, or differ from the check unexplained.
set -euo pipefail
cd "$(dirname "$0")"
venv="$(mktemp -d)"
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/pip" --quiet --disable-pip-version-check install --requirement requirements.txt
export PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" build_china.py
git diff --exit-code -- china
"$venv/bin/python" check_china.py
