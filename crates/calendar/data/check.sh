#!/usr/bin/env bash
# Builds China's days off anew from the pinned package and checks them against the second one; run in CI.
# Fails if the files are not what the package and the listed corrections give, or differ from the check unexplained.
# Exits with 69 where Python or the packages cannot be had.
set -euo pipefail
cd "$(dirname "$0")"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export PYTHONDONTWRITEBYTECODE=1

unavailable() {
  echo "check.sh: this machine cannot: $1" >&2
  exit 69
}

python="$folder/venv/bin/python"
python3 -m venv "$folder/venv" || unavailable "it needs Python 3 with venv: apt-get install python3-venv"
"$python" -m pip --quiet --disable-pip-version-check --retries 1 install --requirement requirements.txt ||
  unavailable "the packages of requirements.txt could not be installed"

failed=0
mkdir "$folder/china"
"$python" build_china.py "$folder/china"
diff --unified=0 --recursive china "$folder/china" || {
  echo "china/ is not what is built: write it anew with build_china.py, or list the difference in corrections.json"
  failed=1
}
"$python" check_china.py || failed=1
exit "$failed"
