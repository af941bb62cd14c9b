"""Files by name, size and age, in a big tree."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.forest import NEWEST, OLDEST
from benchmarks.harness.peers import Operations
from benchmarks.peers import sync

WANTED = ("*.py", 100, 5_000, (OLDEST + NEWEST) // 2)
"""A name, at least and at most so many bytes, changed since."""


def digest(paths: list[str]) -> str:
    """How many, and which: the order is nobody's promise."""
    return f"{len(paths)} paths, {sum(hash(path) & 0xFFFFFFFF for path in paths):x}"


async def filters(ops: Operations, bench: Bench) -> Sample:
    """Find them all, as strings."""
    root = bench.forest
    with timed() as clock:
        paths = await completed(ops, "find", root, *WANTED)
    return Sample({"time": clock.seconds}, digest(paths))


ROW = Row(
    name="find",
    place=190,
    work="name, size and mtime filters on 200,000 files in 35,000 directories",
    cases=(
        Case(
            "filters",
            filters,
            lambda bench: digest(sync.find(bench.forest, *WANTED)),
            needs=("find",),
            unit="ms",
            peers=("sync", "fd"),
            musts=(at_most(1.3, "fd"),),
        ),
    ),
)
