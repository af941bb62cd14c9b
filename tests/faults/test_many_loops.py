"""Promise 12: many loops in many threads at once, and every task keeps its own context."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tools.figures import record
from .tools.process import run

THREADS, OPERATIONS = 8, 10_000


@pytest.mark.parametrize("now", ["1", "0"])
def test_eight_threads_with_a_loop_each(now: str, loop_kind: str, tmp_path: Path) -> None:
    end = run(
        "many_loops.py",
        loop_kind,
        tmp_path,
        THREADS,
        OPERATIONS,
        timeout=120,
        env={"RAPFILES_NOW": now},
    )
    figures = end.clean().figures
    assert figures["operations"] == THREADS * OPERATIONS
    name = "now on" if now == "1" else "now off"
    text = f"{THREADS} threads × {OPERATIONS:,} operations, {loop_kind}, {name}"
    record("12 many loops", f"{text}: {end.seconds:.1f} s")


def test_loops_one_after_the_other(loop_kind: str, tmp_path: Path) -> None:
    figures = run("loops_in_turn.py", loop_kind, tmp_path, 300).clean().figures
    assert figures["descriptors"] <= 1
    assert figures["threads"] <= 64 + 8
    record("12 many loops", f"300 loops in turn, {loop_kind}: no descriptor left")
