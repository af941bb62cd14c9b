"""One empty operation: what the way to Rust and back costs by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.harness.bench import Bench
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import timed
from benchmarks.harness.peers import Operations

PEERS = ("future_into_py", "to_thread")


async def _some(call: Callable[[], Awaitable[Any]], count: int) -> int:
    for _ in range(count):
        await call()
    return count


async def in_turn(ops: Operations, bench: Bench) -> Sample:
    """One empty operation after the other."""
    with timed() as clock:
        done = await _some(ops.get("noop"), bench.scale.noops)
    return Sample({"time": clock.seconds / done}, done)


async def spread(ops: Operations, bench: Bench) -> Sample:
    """As many empty operations from 100 tasks."""
    tasks, call = bench.scale.tasks, ops.get("noop")
    with timed() as clock:
        counts = await asyncio.gather(
            *[_some(call, bench.scale.noops // tasks) for _ in range(tasks)]
        )
    return Sample({"time": clock.seconds / sum(counts)}, sum(counts))


def all_done(bench: Bench) -> int:
    """Every one of them."""
    return bench.scale.noops


ROW = Row(
    name="bridge",
    place=240,
    work="an empty operation on a worker: our bridge beside pyo3-async-runtimes' `future_into_py`",
    cases=(
        Case("sequential", in_turn, all_done, needs=("noop",), peers=PEERS, optional=True),
        Case("100 tasks", spread, all_done, needs=("noop",), peers=PEERS, optional=True),
    ),
)
