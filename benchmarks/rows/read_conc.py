"""Whole small files from many tasks at once."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import spread
from benchmarks.harness.peers import Operations
from benchmarks.rows.read_small import all_right


async def read(ops: Operations, bench: Bench) -> Sample:
    """Share the files out to the tasks, comparing each content with the one it must have."""
    scale = bench.scale
    seconds, right = await spread(
        ops.blocking, ops.get("read_file"), bench.small, scale.tasks, scale.passes
    )
    return Sample({"time": seconds}, right)


ROW = Row(
    name="read_conc",
    place=30,
    work="read_small from 100 tasks",
    cases=(
        Case(
            "100 tasks",
            read,
            all_right,
            needs=("read_file",),
            title="Read 4 KiB files, 100 tasks",
            musts=(at_most(0.8, "sync"), faster(8, "aiofiles")),
            aims=(at_most(0.5, "sync"),),
        ),
    ),
)
