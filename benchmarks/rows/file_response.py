"""A file as the answer to an HTTP request: Starlette's FileResponse, and rapfiles'."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import Bound, faster, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed
from benchmarks.harness.peers import Operations

STARLETTE = "starlette_file_response"
PEERS = (STARLETTE, "starlette_static_files", "handler_blocking", "handler_constant")
WITHIN = within(0.005)


async def respond(size: int, ops: Operations, bench: Bench) -> Sample:
    """A server under load for some seconds; the evidence is what it answers."""
    path, _ = bench.served(size)
    load = await completed(ops, "respond", path, bench.scale.load)
    return Sample({"time": load.time, "p99": load.p99, "gap": load.gap}, load.answer)


def right(size: int, bench: Bench) -> str:
    """What is in the file."""
    return hashlib.sha256(bench.served(size)[1]).hexdigest()


def case(name: str, size: int, unit: str, *musts: Bound, aims: tuple[Bound, ...] = ()) -> Case:
    """Files of one size."""
    run: Callable[[Operations, Bench], Awaitable[Sample]] = partial(respond, size)
    return Case(
        name,
        run,
        partial(right, size),
        needs=("respond",),
        unit=unit,
        metrics=("time", "p99", "gap"),
        peers=PEERS,
        musts=musts,
        aims=aims,
        optional=True,
    )


ROW = Row(
    name="file_response",
    place=210,
    work="seconds per request of uvicorn, uvloop and httptools; wrk asks over 16 connections",
    cases=(
        case("4 KiB", 4096, "µs", faster(5, STARLETTE), WITHIN, aims=(faster(8, STARLETTE),)),
        case("256 KiB", 2**18, "µs", WITHIN),
        case("10 MiB", 10 * 2**20, "ms", faster(1.3, STARLETTE), WITHIN),
    ),
)
