"""Metadata of small files."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import sequential, timed
from benchmarks.harness.peers import Operations
from benchmarks.rows.read_small import all_right

MUSTS = (at_most(2, "sync"), faster(12, "aiofiles"))
AIMS = (at_most(1.3, "sync"),)


async def stat(ops: Operations, bench: Bench) -> Sample:
    """Stat every file, comparing each size with the one it must have."""
    jobs = [(path, len(content)) for path, content in bench.small] * bench.scale.passes
    call, size_of, right = ops.get("stat"), ops.get("size_of"), 0
    with timed() as clock:
        if ops.blocking:
            for path, wanted in jobs:
                if size_of(call(path)) == wanted:
                    right += 1
        else:
            for path, wanted in jobs:
                if size_of(await call(path)) == wanted:
                    right += 1
    return Sample({"time": clock.seconds / len(jobs)}, right)


async def exists(ops: Operations, bench: Bench) -> Sample:
    """Ask for every file, and as often for one that is not there."""
    jobs = [(path, True) for path, _ in bench.small] + [
        (f"{path}.gone", False) for path, _ in bench.small
    ]
    seconds, right = await sequential(ops.blocking, ops.get("exists"), jobs, bench.scale.passes)
    return Sample({"time": seconds}, right)


ROW = Row(
    name="stat_small",
    place=40,
    work="`await rapfiles.os.stat(p)` and `os.path.exists(p)` (half of them absent), 1,000 files",
    cases=(
        Case(
            "stat",
            stat,
            all_right,
            needs=("stat", "size_of"),
            musts=MUSTS,
            aims=AIMS,
            title="Stat a file",
        ),
        Case(
            "exists",
            exists,
            lambda bench: 2 * all_right(bench),
            needs=("exists",),
            musts=MUSTS,
            aims=AIMS,
        ),
    ),
)
