#!/usr/bin/env bash
# Sets itself up as run_all.sh does, and the test tools beside, then runs the tests, one file on each core; arguments go
# to pytest instead.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$ROOT/runner/environment.sh"
find_environment --tests || make_environment --tests
cd "$ROOT"
[ $# -gt 0 ] || set -- -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder
exec "$PYTHON" -m pytest "$@"
