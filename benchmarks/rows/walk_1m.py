"""Every file of a tree of a million: how long it takes, and how much memory."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations
from benchmarks.peers import sync
from benchmarks.rows.walk import digest


async def all_files(ops: Operations, bench: Bench) -> Sample:
    """Go through the whole tree."""
    root = bench.wood
    with timed() as clock:
        found = await completed(ops, "walk_tree", root)
    return Sample({"time": clock.seconds}, digest(found))


async def memory(ops: Operations, bench: Bench) -> Sample:
    """The same in a fresh interpreter, and what that held at its most beyond what it had before."""
    *found, size = await completed(ops, "walk_growth", bench.wood)
    return Sample({"growth": float(size)}, digest((found[0], found[1])))


ROW = Row(
    name="walk_1m",
    place=175,
    work="a walk over 1,000,000 files in 175,000 directories, and the memory it takes",
    cases=(
        Case(
            "all files",
            all_files,
            lambda bench: digest(sync.walk_tree(bench.wood)),
            needs=("walk_tree",),
            unit="ms",
            peers=("sync", "fd"),
            musts=(at_most(1.3, "fd"),),
        ),
        Case(
            "memory",
            memory,
            lambda bench: digest(sync.walk_tree(bench.wood)),
            needs=("walk_growth",),
            unit="MB",
            metrics=("growth",),
            peers=("sync",),
            musts=(within(30e6, "growth"),),
        ),
    ),
)
