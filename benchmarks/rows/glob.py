"""Paths that match a pattern, in a big tree."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations
from benchmarks.peers import sync
from benchmarks.rows.find import digest

PATTERN = "/**/*.py"


async def recursive(ops: Operations, bench: Bench) -> Sample:
    """Glob them all, as strings."""
    pattern = bench.forest + PATTERN
    with timed() as clock:
        paths = await completed(ops, "glob", pattern)
    return Sample({"time": clock.seconds}, digest(paths))


ROW = Row(
    name="glob",
    place=185,
    work="`**/*.py` on 200,000 files in 35,000 directories",
    cases=(
        Case(
            "recursive",
            recursive,
            lambda bench: digest(sync.glob_all(bench.forest + PATTERN)),
            needs=("glob",),
            unit="ms",
            peers=("sync",),
            musts=(faster(3, "sync"),),
            aims=(faster(5, "sync"),),
        ),
    ),
)
