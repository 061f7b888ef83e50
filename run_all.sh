#!/usr/bin/env bash
# Everything from one command: the environment if there is none, then the chapters, then the report.
# ./run_all.sh --help tells what it takes.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$ROOT/runner/environment.sh"
if ! find_environment; then
    answer_first "$@"
    make_environment
fi
exec "$PYTHON" -m runner "$@"
