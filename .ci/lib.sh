# Sourced by the scripts beside it: named, timed steps and a closing table.

set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STEPS=()
FAILED=0

# step NAME COMMAND…: runs the command and goes on whatever it says; `finish` tells.
step() {
    local name=$1 start=$SECONDS status=0
    shift
    printf '\n=== %s\n' "$name"
    "$@" || status=$?
    local verdict=ok
    if ((status != 0)); then
        verdict="FAILED ($status)"
        FAILED=1
    fi
    printf '=== %s: %s, %d s\n' "$name" "$verdict" $((SECONDS - start))
    STEPS+=("$(printf '%6d s  %-12s %s' $((SECONDS - start)) "$verdict" "$name")")
    return "$status"
}

# need NAME COMMAND…: a step without which the rest makes no sense.
need() {
    step "$@" || finish
}

# skip NAME REASON: a step that can't run here, said aloud.
skip() {
    printf '\n=== %s: SKIPPED, %s\n' "$1" "$2"
    STEPS+=("$(printf '%6d s  %-12s %s (%s)' 0 skipped "$1" "$2")")
}

finish() {
    printf '\n--- %s\n' "$(basename "$0"), $SECONDS s in all"
    printf '%s\n' "${STEPS[@]}"
    exit "$FAILED"
}
