"""Every file of a big tree, its path as a string; and how soon the first one comes."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations
from benchmarks.peers import sync


def digest(found: tuple[int, int]) -> str:
    """How many, and how long their paths are together: the order is nobody's promise."""
    return f"{found[0]} files, {found[1]} characters"


async def all_files(ops: Operations, bench: Bench) -> Sample:
    """Go through the whole tree."""
    root = bench.forest
    with timed() as clock:
        found = await completed(ops, "walk_tree", root)
    return Sample({"time": clock.seconds}, digest(found))


async def first_item(ops: Operations, bench: Bench) -> Sample:
    """Begin to go through it, and have a path."""
    root = bench.forest
    with timed() as clock:
        path = await completed(ops, "first_path", root)
    return Sample({"time": clock.seconds}, int(path.startswith(f"{root}/")))


ROW = Row(
    name="walk",
    place=170,
    work="a walk over 200,000 files in 35,000 directories, and its first item",
    cases=(
        Case(
            "all files",
            all_files,
            lambda bench: digest(sync.walk_tree(bench.forest)),
            needs=("walk_tree",),
            unit="ms",
            peers=("sync", "scandir", "pathlib", "aiofiles", "fd", "rg"),
            musts=(at_most(1.3, "fd"), faster(2, "sync"), faster(8, "aiofiles")),
            aims=(at_most(1, "fd"),),
            title="Walk a tree",
        ),
        Case(
            "first item",
            first_item,
            lambda bench: 1,
            needs=("first_path",),
            peers=("sync", "aiofiles"),
            musts=(within(0.001, "time"),),
            aims=(within(0.0003, "time"),),
        ),
    ),
)
