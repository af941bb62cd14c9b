"""Whole small files through a handle."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import sequential
from benchmarks.harness.peers import Operations
from benchmarks.rows.read_small import all_right


async def read(ops: Operations, bench: Bench) -> Sample:
    """Open, read and close every file, comparing each content with the one it must have."""
    seconds, right = await sequential(
        ops.blocking, ops.get("open_read"), bench.small, bench.scale.passes
    )
    return Sample({"time": seconds}, right)


ROW = Row(
    name="open_read",
    place=20,
    work='`async with open(p, "rb") as f: await f.read()`, the same files',
    cases=(
        Case(
            "sequential",
            read,
            all_right,
            needs=("open_read",),
            title="Open, read, close a 4 KiB file",
            musts=(at_most(1.1, "sync"), faster(12, "aiofiles")),
            aims=(at_most(0.7, "sync"),),
        ),
    ),
)
