"""New small files."""

from collections.abc import Callable
from typing import Any

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import sequential, spread
from benchmarks.harness.peers import Operations


def _writing(ops: Operations, content: bytes) -> Callable[[str], Any]:
    write = ops.get("write_file")
    return lambda path: write(path, content)


def _written(paths: list[str], content: bytes) -> int:
    """How many of the files hold what was written to them."""
    right = 0
    for path in paths:
        with open(path, "rb") as f:
            right += f.read() == content
    return right


async def write_in_turn(ops: Operations, bench: Bench) -> Sample:
    """Write the files one after the other."""
    content = bench.small[0][1]
    with bench.fresh() as folder:
        paths = [f"{folder}/{number}" for number in range(bench.scale.files)]
        jobs = [(path, None) for path in paths]
        seconds, _ = await sequential(ops.blocking, _writing(ops, content), jobs)
        right = _written(paths, content)
    return Sample({"time": seconds}, right)


async def write_spread(ops: Operations, bench: Bench) -> Sample:
    """Share the files out to the tasks."""
    content = bench.small[0][1]
    with bench.fresh() as folder:
        paths = [f"{folder}/{number}" for number in range(bench.scale.files)]
        jobs = [(path, None) for path in paths]
        seconds, _ = await spread(ops.blocking, _writing(ops, content), jobs, bench.scale.tasks)
        right = _written(paths, content)
    return Sample({"time": seconds}, right)


ROW = Row(
    name="write_file",
    place=100,
    work="1,000 new files of 4 KiB",
    cases=(
        Case(
            "sequential",
            write_in_turn,
            lambda bench: bench.scale.files,
            needs=("write_file",),
            musts=(at_most(0.6, "aiofiles"),),
        ),
        Case(
            "100 tasks",
            write_spread,
            lambda bench: bench.scale.files,
            needs=("write_file",),
            title="Write 4 KiB files, 100 tasks",
            musts=(at_most(0.6, "aiofiles"), at_most(1.2, "sync")),
            aims=(at_most(1, "sync"),),
        ),
    ),
)
