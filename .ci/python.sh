# Sourced by the scripts beside it: the interpreter, its environment, and the wheel in it.

# The interpreter to use: $PYTHON, or the first there is that rapfiles supports.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "no Python >= 3.10 found; set PYTHON=/path/to/python" >&2
    return 1
}

# use_python: chooses the interpreter; everything made for it stands in build/<version>.
#   OUT   that directory      PY   the interpreter of its environment
use_python() {
    local base version
    base=$(find_python) || exit 1
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    OUT=$ROOT/build/$version
    PY=$OUT/venv/bin/python
    mkdir -p "$OUT/scratch"
    export PIP_CONSTRAINT=$ROOT/.ci/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1
    # The checks of the Rust code build for this interpreter too: pyo3 is compiled once, not twice.
    export PYO3_PYTHON=$PY
    # Anything on it could shadow the wheel.
    unset PYTHONPATH
    "$PY" -c '' 2>/dev/null || "$base" -m venv --clear "$OUT/venv" || exit 1
}

# install_wheel EXTRAS: builds the release wheel and installs it with these extras' tools.
install_wheel() {
    local wheels=$OUT/wheels
    "$PY" -m pip install -q maturin || return
    rm -rf "$wheels"
    (cd "$ROOT" && "$OUT/venv/bin/maturin" build --release --locked --interpreter "$PY" \
        --out "$wheels") || return
    "$PY" -m pip install -q "$(echo "$wheels"/*.whl)[$1]" &&
        "$PY" -m pip install -q --force-reinstall --no-deps "$wheels"/*.whl
}

# away COMMAND…: runs it where the checkout's `rapfiles/` isn't the first to be imported.
away() {
    (cd "$OUT/scratch" && "$@")
}
