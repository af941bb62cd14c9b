"""How long the loop stands still while many tasks work.

The tasks begin 50 in a turn of the loop: 1,000 that do nothing but `asyncio.sleep(0)` hold it up
for 3.5 to 7.5 ms on the machine of the table when all begin in one turn, as a last case shows.
"""

import asyncio
from functools import partial
from pathlib import Path

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import begun, completed, watched
from benchmarks.harness.peers import Operations

MUSTS = (within(0.005), at_most(1, "aiofiles", metric="gap"))
AIMS = (within(0.002),)
WALKERS = 10
PER_TURN = 50


async def _read_and_write(ops: Operations, bench: Bench, folder: Path, number: int) -> int:
    """One task: two files read, one written; how many of the three were right."""
    path, content = bench.small[number % len(bench.small)]
    other, other_content = bench.small[number * 7 % len(bench.small)]
    right = int(await completed(ops, "read_file", path) == content)
    await completed(ops, "write_file", f"{folder}/{number}", content)
    return right + int(await completed(ops, "read_file", other) == other_content)


async def read_and_write(
    ops: Operations, bench: Bench, walkers: int = 0, per_turn: int = PER_TURN
) -> Sample:
    """All tasks beside a ticker, which must go on ticking."""
    root, tree_files = bench.tree
    tasks = range(bench.scale.gap_tasks)
    with bench.fresh() as folder:
        async with watched() as ticks:
            jobs = [_read_and_write(ops, bench, folder, number) for number in tasks]
            jobs += [completed(ops, "count_tree", root) for _ in range(walkers)]
            results: list[int] = await begun(jobs, per_turn)
        right = sum(results[: len(tasks)])
        for number in tasks:
            _, wanted = bench.small[number % len(bench.small)]
            right += (folder / str(number)).read_bytes() == wanted
    right += sum(found == tree_files for found in results[len(tasks) :])
    return Sample({"gap": ticks.longest}, right)


async def in_one_turn(ops: Operations, bench: Bench) -> Sample:
    """All begin in the same turn; beside it the gap of as many tasks that do nothing."""
    async with watched() as ticks:
        await asyncio.gather(*[_nothing() for _ in range(bench.scale.gap_tasks)])
    sample = await read_and_write(ops, bench, per_turn=bench.scale.gap_tasks)
    return Sample({**sample.values, "of nothing": ticks.longest}, sample.evidence)


async def _nothing() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


ROW = Row(
    name="loop_gap",
    place=190,
    work="longest gap of a 1 ms ticker while 1,000 tasks, 50 begun per turn, read and write",
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
            partial(read_and_write, walkers=WALKERS),
            lambda bench: 3 * bench.scale.gap_tasks + WALKERS,
            needs=("read_file", "write_file", "count_tree"),
            unit="ms",
            metrics=("gap",),
            musts=MUSTS,
            aims=AIMS,
            optional=True,
        ),
        Case(
            "read, write, all begin in one turn",
            in_one_turn,
            lambda bench: 3 * bench.scale.gap_tasks,
            needs=("read_file", "write_file"),
            unit="ms",
            metrics=("gap", "of nothing"),
        ),
    ),
)
