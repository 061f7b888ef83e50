#!/usr/bin/env bash
# Sets itself up as run_all.sh does, then runs the tests; arguments go to pytest.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$ROOT/helpers/cli/environment.sh"
find_environment --tests
cd "$ROOT"
exec "$PYTHON" -m pytest "$@"
