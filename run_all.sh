#!/usr/bin/env bash
# Everything from one command: the environment if there is none, then the chapters, then the report.
# ./run_all.sh --help tells what it takes.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$ROOT/helpers/cli/environment.sh"
find_environment
exec "$PYTHON" -m helpers.cli "$@"
