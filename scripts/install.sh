#!/usr/bin/env bash
# Makes .venv and installs everything that `make` needs into it. Uses uv when it is there, else venv and pip.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11, 4))' 2>/dev/null; then
  echo "error: Python 3.11.4 or newer is needed, found: $("$python" --version 2>&1 || echo none)" >&2
  echo "hint: make PYTHON=/path/to/python3.12 up" >&2
  exit 1
fi

# pip says nothing for minutes: a dot every five seconds shows that it works.
(while sleep 5; do printf '.'; done) &
dots=$!
trap 'kill "$dots" 2>/dev/null || true; printf "\n"' EXIT

wanted=(--constraint constraints.txt --editable '.[snowflake,aws,prefect,policies,flows,sandbox,browse,dev]' --editable ./sdks/prefect)
# The tests' policy packs run in this environment. Their SDK asks for a protobuf older than everything else here does,
# and works with this one; packs of one's own have an environment of their own.
pack_sdk=(--no-deps pulumi-policy==1.21.0)
if command -v uv >/dev/null; then
  [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
  uv pip install --quiet --python .venv/bin/python "${wanted[@]}"
  uv pip install --quiet --python .venv/bin/python "${pack_sdk[@]}"
else
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 "${wanted[@]}"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "${pack_sdk[@]}"
fi
