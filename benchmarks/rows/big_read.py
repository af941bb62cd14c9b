"""A big file in one go, and whether the loop went on meanwhile."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed, watched
from benchmarks.harness.peers import Operations


async def read(ops: Operations, bench: Bench) -> Sample:
    """Read the file twice: under the clock, then beside a ticker."""
    path, content = bench.big
    right = 0
    with timed() as clock:
        data = await completed(ops, "open_read", path)
    right += data == content
    del data
    async with watched() as ticks:
        data = await completed(ops, "open_read", path)
    right += data == content
    return Sample({"time": clock.seconds, "gap": ticks.longest}, right)


ROW = Row(
    name="big_read",
    place=70,
    work="64 MiB in one `read()`; the loop's longest gap meanwhile",
    cases=(
        Case(
            "whole file",
            read,
            lambda bench: 2,
            needs=("open_read",),
            unit="ms",
            title="Read 64 MiB at once",
            metrics=("time", "gap"),
            musts=(at_most(1.1, "sync"), within(0.002)),
            aims=(at_most(1, "sync"),),
        ),
    ),
)
