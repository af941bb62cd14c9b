"""How long the loop stands still while many tasks work."""

import asyncio
from pathlib import Path

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, watched
from benchmarks.harness.peers import Operations

MUSTS = (within(0.005), at_most(1, "aiofiles", metric="gap"))
AIMS = (within(0.002),)
WALKERS = 10


async def _read_and_write(ops: Operations, bench: Bench, folder: Path, number: int) -> int:
    """One task: two files read, one written; how many of the three were right."""
    path, content = bench.small[number % len(bench.small)]
    other, other_content = bench.small[number * 7 % len(bench.small)]
    right = int(await completed(ops, "read_file", path) == content)
    await completed(ops, "write_file", f"{folder}/{number}", content)
    return right + int(await completed(ops, "read_file", other) == other_content)


async def read_and_write(ops: Operations, bench: Bench, walkers: int = 0) -> Sample:
    """All tasks at once beside a ticker, which must go on ticking."""
    root, tree_files = bench.tree
    tasks = range(bench.scale.gap_tasks)
    with bench.fresh() as folder:
        async with watched() as ticks:
            jobs = [_read_and_write(ops, bench, folder, number) for number in tasks]
            jobs += [completed(ops, "count_tree", root) for _ in range(walkers)]
            results: list[int] = await asyncio.gather(*jobs)
        right = sum(results[: len(tasks)])
        for number in tasks:
            _, wanted = bench.small[number % len(bench.small)]
            right += (folder / str(number)).read_bytes() == wanted
    right += sum(found == tree_files for found in results[len(tasks) :])
    return Sample({"gap": ticks.longest}, right)


async def and_walk(ops: Operations, bench: Bench) -> Sample:
    """The same, with some tasks more that walk a tree."""
    return await read_and_write(ops, bench, WALKERS)


ROW = Row(
    name="loop_gap",
    place=190,
    work="longest gap of a 1 ms ticker while 1,000 tasks read and write (and 10 more walk)",
    cases=(
        Case(
            "read, write",
            read_and_write,
            lambda bench: 3 * bench.scale.gap_tasks,
            needs=("read_file", "write_file"),
            unit="ms",
            metrics=("gap",),
            musts=MUSTS,
            aims=AIMS,
        ),
        Case(
            "read, write, walk",
            and_walk,
            lambda bench: 3 * bench.scale.gap_tasks + WALKERS,
            needs=("read_file", "write_file", "count_tree"),
            unit="ms",
            metrics=("gap",),
            musts=MUSTS,
            aims=AIMS,
            optional=True,
        ),
    ),
)
