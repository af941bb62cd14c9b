"""Whole small files, one after the other."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import sequential
from benchmarks.harness.peers import Operations


async def read(ops: Operations, bench: Bench) -> Sample:
    """Read every file, comparing each content with the one it must have."""
    seconds, right = await sequential(
        ops.blocking, ops.get("read_file"), bench.small, bench.scale.passes
    )
    return Sample({"time": seconds}, right)


def all_right(bench: Bench) -> int:
    """Every file, in every pass."""
    return bench.scale.files * bench.scale.passes


ROW = Row(
    name="read_small",
    place=10,
    work="`await read_file_bytes(p)`, 1,000 files of 4 KiB, sequential",
    cases=(
        Case(
            "sequential",
            read,
            all_right,
            needs=("read_file",),
            title="Read a 4 KiB file",
            musts=(at_most(0.7, "sync"), faster(20, "aiofiles")),
            aims=(at_most(0.45, "sync"),),
        ),
    ),
)
