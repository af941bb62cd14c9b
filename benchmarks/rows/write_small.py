"""Many small writes to one handle."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations

PIECE = bytes(range(64))


async def write(ops: Operations, bench: Bench) -> Sample:
    """Open, write all pieces, close; the evidence is what the file then holds."""
    count = bench.scale.pieces
    with bench.fresh() as folder:
        path = folder / "pieces"
        with timed() as clock:
            await completed(ops, "write_pieces", str(path), PIECE, count)
        right = path.read_bytes() == PIECE * count
    return Sample({"time": clock.seconds / count}, "as written" if right else "something else")


ROW = Row(
    name="write_small",
    place=90,
    work="100,000 writes of 64 B to one handle, opening and closing included",
    cases=(
        Case(
            "per write",
            write,
            lambda bench: "as written",
            needs=("write_pieces",),
            title="Write 64 bytes to a handle",
            musts=(at_most(4, "sync"), faster(100, "aiofiles")),
            aims=(at_most(2, "sync"),),
        ),
    ),
)
