#!/usr/bin/env bash
# Sets itself up as run_all.sh does, and the test tools beside, then runs the tests, or those of the folders given, one
# file on each core. Other arguments go to pytest as they are.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$ROOT/runner/environment.sh"
find_environment --tests || make_environment --tests
cd "$ROOT"
side_by_side=(-n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder)
for argument in "$@"; do
    [ -d "$argument" ] || side_by_side=()
done
exec "$PYTHON" -m pytest ${side_by_side[@]+"${side_by_side[@]}"} "$@"
