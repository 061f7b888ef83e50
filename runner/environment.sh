# Sourced by run_all.sh and run_tests.sh, which set ROOT. find_environment sets PYTHON to an interpreter that has
# what pyproject.toml asks for: that of the activated environment, or that of .venv; make_environment makes the latter.
# Plain bash 3.2, so that it also runs where bash is old.

VENV="$ROOT/.venv"
LOCK="$ROOT/requirements.lock"
CPU_LOCK="$ROOT/requirements.cpu.lock"      # PyTorch for machines without an NVIDIA card
TESTS_LOCK="$ROOT/requirements.tests.lock"
HEADLESS="$ROOT/requirements.headless.lock"
PACKAGES="$ROOT/runner/packages.py"
STAMP="$VENV/installed"             # what .venv was made from: see stamp
UNFINISHED="$VENV/unfinished"       # there while packages are being installed; holds the process id
LOG="$VENV/setup.log"
CPU_INDEX="${IMAGE_COURSE_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
UV=""                               # the uv that installs, or nothing: then pip does
NOTE=""

say() { printf '%s\n' "$*" >&2; }
stop() { say "setting up: $*"; exit 1; }
have() { command -v "$1" > /dev/null 2>&1; }

# Whether there is an environment as it should be. --tests: with the test tools.
find_environment() {
    export PYTHONPATH="$ROOT${PYTHONPATH:+:$PYTHONPATH}"
    use_activated_environment "$@" && return
    case "${IMAGE_COURSE_TORCH:-cpu}" in
        cpu | cuda) ;;
        *) stop "IMAGE_COURSE_TORCH is '$IMAGE_COURSE_TORCH'; it can be cpu or cuda" ;;
    esac
    PYTHON="$VENV/bin/python"
    is_made "$@" || return
    [ -z "$NOTE" ] || say "$NOTE"
}

use_activated_environment() {
    local folder lacks
    for folder in "${VIRTUAL_ENV:-}" "${CONDA_PREFIX:-}"; do
        [ -n "$folder" ] && [ "$folder" != "$VENV" ] && [ -x "$folder/bin/python" ] || continue
        if lacks="$("$folder/bin/python" "$ROOT/runner/requirements.py" "$@" 2>&1)"; then
            PYTHON="$folder/bin/python"
            return 0
        fi
        NOTE="the activated environment $folder is not used: $lacks; using .venv"
    done
    return 1
}

is_made() {
    [ ! -e "$UNFINISHED" ] && has_course && "$PYTHON" -c pass 2>/dev/null || return 1
    [ $# -eq 0 ] || cmp -s "$TESTS_LOCK" "$STAMP.tests"
}

has_course() {
    local variant asked
    { read -r variant asked < "$STAMP"; } 2>/dev/null || return 1
    stamp "$variant" "$asked" | cmp -s - "$STAMP" || return 1
    case "${IMAGE_COURSE_TORCH:-}" in
        "") [ "$variant" != cpu ] || ! has_nvidia_driver ;;  # a card that came later
        *) [ "$IMAGE_COURSE_TORCH" = "$variant" ] || [ "$IMAGE_COURSE_TORCH" = "$asked" ] ;;
    esac
}

# Which build of PyTorch is there (cuda, or cpu), which was asked for, which folders of the project are linked, and the
# lock files.
stamp() { echo "$1 $2"; grep '^packages' "$ROOT/pyproject.toml"; cat "$LOCK"; [ "$1" != cpu ] || cat "$CPU_LOCK"; }

# Answers what needs no packages, and ends: with the status, words and time of `python -m runner`. Only where there
# is no environment yet: where there is one, the full program says the same itself.
answer_first() {
    local python status=0
    python="$(find_python)"
    [ -n "$python" ] || return 0
    "$python" -P -B -m runner.first "$@" || status=$?
    case "$status" in 0 | 2 | 130 | 141) exit "$status" ;; esac  # the last two: interrupted, or nobody reads on
}

make_environment() {
    local variant asked made=""
    [ -z "$NOTE" ] || say "$NOTE"
    [ ! -e "$UNFINISHED" ] || wait_or_wipe
    [ ! -d "$VENV" ] || "$PYTHON" -c pass 2>/dev/null || rm -rf "$VENV"
    { read -r made asked < "$STAMP" || true; } 2>/dev/null
    [ -d "$VENV" ] || create_venv
    variant="$(torch_variant "$made")"
    asked="${IMAGE_COURSE_TORCH:-$variant}"
    if ! has_course && [ "${made:-$variant}" != "$variant" ]; then
        rm -rf "$VENV"  # else what only the other build needs would stay
        create_venv
    fi
    echo $$ > "$UNFINISHED"
    : > "$LOG"
    choose_installer
    has_course || install_course
    [ $# -eq 0 ] || install_test_tools
    rm "$UNFINISHED"
    say "setting up: done"
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

# The name of a Python 3.11 or newer, or nothing. From 3.14 on packages are missing as wheels: those come last.
find_python() {
    local name limit
    for limit in "(3, 14)" "(4,)"; do
        for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
            if have "$name" && "$name" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < $limit)" 2>/dev/null; then
                echo "$name"
                return
            fi
        done
    done
}

create_venv() {
    local python
    python="$(find_python)"
    if have uv && { [ -z "$python" ] || ! pip_knows_where "$python"; }; then  # uv fetches a Python itself where there is none
        uv venv --quiet --python "$(command -v "$python" || echo '>=3.11,<3.14')" "$VENV" || stop "uv could not make .venv"
    elif [ -z "$python" ]; then
        stop "no Python 3.11 or newer was found; install one (https://www.python.org/downloads/) or uv, and run this again"
    elif ! "$python" -m venv "$VENV" > /dev/null 2>&1; then
        rm -rf "$VENV"
        stop "$python cannot make virtual environments; on Debian and Ubuntu 'apt install python3-venv' mends that"
    fi
}

# Whether pip, that of the Python named, has been told where packages come from, such as a school's mirror. uv does not
# read pip's settings; where it has settings of its own, those count.
pip_knows_where() {
    local settings own
    own="${UV_INDEX_URL:-}${UV_DEFAULT_INDEX:-}${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}${UV_FIND_LINKS:-}${UV_CONFIG_FILE:-}"
    [ -z "$own" ] && [ ! -e "${XDG_CONFIG_HOME:-${HOME:-}/.config}/uv/uv.toml" ] && [ ! -e /etc/uv/uv.toml ] || return 1
    settings="$([ -z "$1" ] || "$1" -m pip config list 2>/dev/null || true)
$(env | grep '^PIP_' || true)"
    case "$settings" in
        *index-url=* | *find-links=* | *no-index=* | *constraint=*) return 0 ;;
        *PIP_INDEX_URL=* | *PIP_EXTRA_INDEX_URL=* | *PIP_FIND_LINKS=* | *PIP_NO_INDEX=* | *PIP_CONSTRAINT=*) return 0 ;;
    esac
    return 1
}

# uv where it is there, or the one that the lock file names. Measured with the 216 packages of the lock file that are
# not PyTorch or NVIDIA's, into an empty environment without caches, twice: pip 132 and 327 s, uv 68 and 116 s, and 3
# and 7 s to fetch uv itself, so that uv takes half the time.
choose_installer() {
    UV=""
    if pip_knows_where "$PYTHON"; then
        :
    elif have uv; then
        UV=uv
    elif "$PYTHON" "$PACKAGES" uv-alone "$LOCK" > "$VENV/uv.lock" && [ -s "$VENV/uv.lock" ] &&
        with_pip install --no-deps --require-hashes -r "$VENV/uv.lock" >> "$LOG" 2>&1; then
        UV="$VENV/bin/uv"
    fi
}

# cpu: the build of PyTorch that its publisher has for machines without an NVIDIA card, for Linux, where it can be
# reached: it spares 3 GB to download and 5 GB of disk. Elsewhere, and where a card may be: that of the registry, called
# cuda. IMAGE_COURSE_TORCH=cuda or =cpu says which, IMAGE_COURSE_TORCH_INDEX where else the former lies.
# What .venv was made with, which is given, stays, unless a card has come.
torch_variant() {
    if [ -n "${IMAGE_COURSE_TORCH:-}" ]; then
        echo "$IMAGE_COURSE_TORCH"
    elif has_nvidia_driver || ! "$PYTHON" -c 'import sys; sys.exit(sys.platform != "linux")'; then
        echo cuda
    elif [ -n "$1" ]; then
        echo "$1"
    elif reaches "$CPU_INDEX"; then
        echo cpu
    else
        echo cuda
    fi
}

has_nvidia_driver() { have nvidia-smi || [ -e /proc/driver/nvidia ]; }

# Whether an index of packages answers within a few seconds; looking up its name can take longer than the time-out.
reaches() {
    "$PYTHON" -c 'import signal, sys, urllib.request as request
signal.alarm(6)
page = request.Request(sys.argv[1] + "/torch/", headers={"User-Agent": "image-course"})
request.urlopen(page, timeout=4).read(1)' "$1" > /dev/null 2>&1
}

# `variant`, `asked`: those of make_environment.
install_course() {
    if [ "$variant" = cpu ]; then
        "$PYTHON" "$PACKAGES" without-torch "$LOCK" > "$VENV/rest.lock"
        announce "$VENV/rest.lock" "$CPU_LOCK"
        if with_progress install_all "$VENV/rest.lock" "$CPU_LOCK"; then
            finish_course
            return
        fi
        say "setting up: PyTorch's build without CUDA could not be installed (.venv/setup.log says why):" \
            "the one with CUDA takes its place"
        variant=cuda
    fi
    announce "$LOCK"
    with_progress install_all "$LOCK" || give_up
    finish_course
}

finish_course() {
    replace_opencv_if_it_lacks_a_library
    stamp "$variant" "$asked" > "$STAMP"
}

install_test_tools() {
    announce "$TESTS_LOCK"
    with_progress install_locked "$TESTS_LOCK" || give_up
    cp "$TESTS_LOCK" "$STAMP.tests"
}

give_up() {
    rm "$UNFINISHED"  # not cut off: what is installed is whole, and the next call goes on from there
    tail -n 12 "$LOG" >&2
    stop "the packages could not be installed (all of it: .venv/setup.log); run this again when that is mended"
}

# Says what will be fetched, and stops where the disk has no room for it.
announce() {
    local sum name minutes status=0
    name="${LOCK##*/}"
    minutes="$(expected_minutes)"
    [ "$1" != "$TESTS_LOCK" ] || { name="${TESTS_LOCK##*/}"; minutes="1 minute"; }
    sum="$("$PYTHON" "$PACKAGES" need "$VENV" "$@" 2>> "$LOG")" || status=$?
    if [ "$status" -eq 3 ]; then
        rm "$UNFINISHED"
        stop "$sum"
    fi
    say "setting up: installing the packages of $name into .venv${sum:+: $sum};" \
        "about $minutes the first time (details: .venv/setup.log)"
}

expected_minutes() { if [ -n "$UV" ]; then echo "3 minutes"; else echo "8 minutes"; fi; }

# Runs a command with lock files while progress is shown. That is read from the log; its input is a pipe from this
# script, on which nothing is ever written: when this script ends, however that comes, reading ends, and so does it.
with_progress() {
    local status=0
    exec 9> >("$PYTHON" "$PACKAGES" watch "$LOG" "$VENV" "${@:2}")
    "$@" >> "$LOG" 2>&1 9>&- || status=$?
    exec 9>&-
    [ ! -t 2 ] || printf '\r\033[K' >&2
    return "$status"
}

# The project itself is linked, not copied, so that notebooks started by hand find `helpers` too; the lock file
# holds setuptools, which does it. PyTorch for machines without a card comes from an index of its own.
install_all() {
    install_locked "$1" &&
        { [ $# -eq 1 ] || install_locked "$2" --index-url "$CPU_INDEX"; } &&
        install --no-deps --no-build-isolation -e "$ROOT"
}

# Nothing is installed that the lock file has no checksum of. One package has to be built: that is done with the
# locked tools, too, if uv does it, or pip 25.3. Their file's name is relative, since a path with spaces would be split.
install_locked() {
    local lock="$1"
    shift
    (cd "$ROOT" && UV_BUILD_CONSTRAINT=requirements.lock PIP_BUILD_CONSTRAINT=requirements.lock \
        install --no-deps --require-hashes -r "$lock" "$@")
}

# With uv; what it fails at, pip tries.
install() {
    # Compiled once, as pip does: else, where Python may write no bytecode, every process would do it again.
    if [ -n "$UV" ]; then
        uv_pip install --python "$PYTHON" --compile-bytecode "$@" && return
        echo "uv failed; pip is tried"
    fi
    with_pip install "$@"
}

# uv brings its own certificates, and a company's network may need the system's.
uv_pip() {
    "$UV" pip "$@" && return
    grep -q 'invalid peer certificate' "$LOG" || return 1
    UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 "$UV" pip "$@"
}

with_pip() {
    local command="$1"
    shift
    "$PYTHON" -c 'import pip' 2>/dev/null || "$PYTHON" -m ensurepip || return  # uv makes environments without pip
    case "$command" in install) set -- --progress-bar off "$@" ;; uninstall) set -- --yes "$@" ;; esac
    "$PYTHON" -m pip "$command" --disable-pip-version-check "$@"
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
    { uninstall opencv-python && install --no-deps --require-hashes -r "$HEADLESS"; } >> "$LOG" 2>&1 ||
        stop "opencv-python-headless could not be installed (see .venv/setup.log)"
}

uninstall() {
    if [ -n "$UV" ]; then uv_pip uninstall --python "$PYTHON" "$@"; else with_pip uninstall "$@"; fi
}
