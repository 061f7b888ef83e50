# Sourced by run_all.sh and run_tests.sh, which set ROOT. find_environment sets PYTHON to an interpreter that has
# what pyproject.toml asks for: that of the activated environment, or that of .venv, which it makes if need be.
# Plain bash 3.2, so that it also runs where bash is old.

VENV="$ROOT/.venv"
LOCK="$ROOT/requirements.lock"
HEADLESS="$ROOT/requirements.headless.lock"
STAMP="$VENV/installed.lock"        # the lock file that .venv was made from
UNFINISHED="$VENV/unfinished"       # there while packages are being installed; holds the process id
LOG="$VENV/setup.log"

say() { printf '%s\n' "$*" >&2; }
stop() { say "setting up: $*"; exit 1; }

find_environment() {
    export PYTHONPATH="$ROOT${PYTHONPATH:+:$PYTHONPATH}"
    use_activated_environment "$@" || use_own_environment
}

use_activated_environment() {
    local folder lacks
    for folder in "${VIRTUAL_ENV:-}" "${CONDA_PREFIX:-}"; do
        [ -n "$folder" ] && [ "$folder" != "$VENV" ] && [ -x "$folder/bin/python" ] || continue
        if lacks="$("$folder/bin/python" "$ROOT/helpers/cli/requirements.py" "$@" 2>&1)"; then
            PYTHON="$folder/bin/python"
            return 0
        fi
        say "the activated environment $folder is not used: $lacks; using .venv"
    done
    return 1
}

use_own_environment() {
    PYTHON="$VENV/bin/python"
    if [ -e "$UNFINISHED" ]; then
        wait_or_wipe
    fi
    if ! cmp -s "$LOCK" "$STAMP" || ! "$PYTHON" -c pass 2>/dev/null; then
        make_environment
    fi
}

wait_or_wipe() {
    local owner
    owner="$(cat "$UNFINISHED" 2>/dev/null || true)"
    if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then
        stop "process $owner is setting up .venv just now; run this again when it has finished"
    fi
    say "setting up: the last set-up was cut off, so .venv is made again"
    rm -rf "$VENV"
}

make_environment() {
    [ ! -d "$VENV" ] || "$PYTHON" -c pass 2>/dev/null || rm -rf "$VENV"
    if [ ! -d "$VENV" ]; then
        create_venv
    fi
    echo $$ > "$UNFINISHED"
    say "setting up: installing the packages of requirements.lock into .venv," \
        "about $(expected_minutes) the first time (details: .venv/setup.log)"
    install_packages
    replace_opencv_if_it_lacks_a_library
    cp "$LOCK" "$STAMP"
    rm "$UNFINISHED"
    say "setting up: done"
}

expected_minutes() { if have uv; then echo "3 minutes"; else echo "8 minutes"; fi; }
have() { command -v "$1" > /dev/null 2>&1; }

# The name of a Python 3.11 or newer, or nothing.
find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3.14 python3 python; do  # 3.14 lacks some built packages
        if have "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

create_venv() {
    local python
    python="$(find_python)"
    if have uv; then  # uv fetches a Python itself where there is none
        uv venv --quiet --python "$(command -v "$python" || echo '>=3.11')" "$VENV" || stop "uv could not make .venv"
    elif [ -z "$python" ]; then
        stop "no Python 3.11 or newer was found; install one (https://www.python.org/downloads/) or uv, and run this again"
    elif ! "$python" -m venv "$VENV" > /dev/null 2>&1; then
        rm -rf "$VENV"
        stop "$python cannot make virtual environments; on Debian and Ubuntu 'apt install python3-venv' mends that"
    fi
}

install_packages() {
    local status=0
    : > "$LOG"
    exec 9> >(show_progress)
    # Nothing is installed that the lock file has no checksum of. One package has to be built: that is done with the
    # locked tools, too, if uv does it, or pip 25.3. Their file's name is relative, since a path with spaces would be split.
    # The project itself is linked, not copied, so that notebooks started by hand find `helpers` too; the lock file
    # holds setuptools, which does it.
    cd "$ROOT"
    {
        UV_BUILD_CONSTRAINT=requirements.lock PIP_BUILD_CONSTRAINT=requirements.lock \
            pip_install --no-deps --require-hashes -r "$LOCK" &&
            pip_install --no-deps --no-build-isolation -e "$ROOT"
    } >> "$LOG" 2>&1 9>&- || status=$?
    cd "$OLDPWD"
    exec 9>&-
    if [ "$status" -ne 0 ]; then
        rm "$UNFINISHED"  # not cut off: what is installed is whole, and the next call goes on from there
        tail -n 12 "$LOG" >&2
        stop "the packages could not be installed (all of it: .venv/setup.log); run this again when that is mended"
    fi
}

pip_install() {
    if have uv; then
        # Compiled once, as pip does: else, where Python may write no bytecode, every process would do it again.
        uv_pip install --python "$PYTHON" --compile-bytecode "$@"
    else
        "$PYTHON" -m pip install --disable-pip-version-check --progress-bar off "$@"
    fi
}

# uv brings its own certificates, and a company's network may need the system's.
uv_pip() {
    uv pip "$@" && return
    grep -q 'invalid peer certificate' "$LOG" || return 1
    UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 uv pip "$@"
}

# Every half minute the time so far and what the installer said last. Its input is a pipe from this script, on which
# nothing is ever written: when this script ends, however that comes, reading ends, and so does this.
show_progress() {
    local seconds=0 status
    while true; do
        read -r -t 30 && status=0 || status=$?
        [ "$status" -gt 128 ] || return 0  # not a time-out: the pipe is closed
        seconds=$((seconds + 30))
        say "  $((seconds / 60)):$(printf %02d $((seconds % 60)))  $(tail -n 1 "$LOG" | cut -c 1-90)"
    done
}

# opencv-python needs libGL and libglib, which a server may lack; the headless build is the same without windows.
replace_opencv_if_it_lacks_a_library() {
    local problem
    problem="$("$PYTHON" -c 'import cv2' 2>&1)" && return
    case "$problem" in
        *"cannot open shared object file"*) ;;
        *) stop "OpenCV cannot be imported: ${problem##*$'\n'}" ;;
    esac
    say "setting up: this machine lacks a system library of OpenCV (${problem##*ImportError: });" \
        "opencv-python-headless takes its place in .venv"
    { pip_uninstall opencv-python && pip_install --no-deps --require-hashes -r "$HEADLESS"; } >> "$LOG" 2>&1 ||
        stop "opencv-python-headless could not be installed (see .venv/setup.log)"
}

pip_uninstall() {
    if have uv; then uv_pip uninstall --python "$PYTHON" "$@"; else "$PYTHON" -m pip uninstall --yes "$@"; fi
}
