"""A text file, line by line."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations


async def count(ops: Operations, bench: Bench) -> Sample:
    """Go through the lines; the evidence is their number and the last of them."""
    path, lines = bench.text
    with timed() as clock:
        counted, last = await completed(ops, "count_lines", path)
    return Sample({"time": clock.seconds / len(lines)}, f"{counted} {last}")


def counted(bench: Bench) -> str:
    """The right number and the right last line."""
    _, lines = bench.text
    return f"{len(lines)} {lines[-1]}"


async def same_lines(ops: Operations, bench: Bench) -> bool:
    """Whether every line is the right one."""
    path, lines = bench.text
    return bool(await completed(ops, "list_lines", path) == lines)


ROW = Row(
    name="lines",
    place=80,
    work="`async for line in f`, 100,000 lines of UTF-8 text",
    cases=(
        Case(
            "per line",
            count,
            counted,
            needs=("count_lines", "list_lines"),
            title="Read a line of text",
            musts=(at_most(4, "sync"), faster(150, "aiofiles")),
            aims=(at_most(2.5, "sync"),),
            check=same_lines,
        ),
    ),
)
