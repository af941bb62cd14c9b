"""What the tests of the benchmark harness share: a little work, honest peers, made-up reports."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Last, so that `rapfiles` is still the one that is installed.
sys.path.append(str(ROOT))

from benchmarks.harness.bench import Bench, Scale  # noqa: E402
from benchmarks.harness.case import Case, Row  # noqa: E402
from benchmarks.harness.measure import CaseResult, Outcome, measure  # noqa: E402
from benchmarks.harness.peers import Local, Operations, Peer, load  # noqa: E402
from benchmarks.harness.results import Report  # noqa: E402
from benchmarks.harness.serving import Load  # noqa: E402
from benchmarks.peers import NOW_OFF, STANDARD  # noqa: E402
from benchmarks.rows import all_rows  # noqa: E402
from benchmarks.rows.search import right  # noqa: E402

TINY = Scale(
    *(20, 2, 5, 50, 50, 100_000, 200_000, 10, 1, 10, 200, 35, 400, 70),
    texts=40,
    book=100_000,
    copied=40,
)
ROWS = {row.name: row for row in all_rows()}
RIGHT = dict(load("sync").operations.table)
# Blocking code is no peer there: it would take minutes.
RIGHT["search"] = lambda regex, root: tuple(map(int, right(regex, root).split()))
RIGHT["respond"] = lambda path, seconds: Load(1e-4, 1e-3, 1e-3, sha256(path))


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def blocking(name: str, **changed: Callable[..., Any]) -> Local:
    """A peer that does what blocking code does, but for what is changed."""
    return Local(name, Operations({**RIGHT, "noop": lambda: None, **changed}, blocking=True))


async def outcome_of(row: Row, case: Case, peer: Peer, bench: Bench, rounds: int = 1) -> Outcome:
    result = await measure(row, replace(case, ours="it", peers=()), {"it": peer}, bench, rounds)
    return result.outcomes["it"]


def whole_report(**seconds: float) -> Report:
    """A report of all rows in which every must and aim is met, but for the peers' figures given."""
    figures = dict.fromkeys(STANDARD, 10.0) | {"rapfiles": 0.001, NOW_OFF: 0.001} | seconds
    results = []
    for row in all_rows():
        for case in row.cases:
            names = [case.ours, *(STANDARD if case.peers is None else case.peers)]
            outcomes = {
                name: Outcome({metric: [figures.get(name, 5.0)] * 5 for metric in case.metrics})
                for name in names
            }
            results.append(CaseResult(row, case, outcomes))
    about = {"CPU": "A CPU", "cores": "2", "kernel": "Linux 6", "filesystem": "ext4", "Python": "3"}
    return Report(about, "asyncio", 5, False, {"aiofiles": "25.1.0"}, results)
