"""A copy of a tree of small files, in a directory that is new."""

import filecmp
import os

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations


def digest(root: str) -> str:
    """How much is in a tree."""
    directories = files = size = 0
    for top, _, names in os.walk(root):
        directories += 1
        files += len(names)
        size += sum(os.lstat(f"{top}/{name}").st_size for name in names)
    return f"{files} files, {directories} directories, {size} bytes"


def same(one: str, other: str) -> bool:
    """Whether every file of a tree has the same contents in another one."""
    for top, _, names in os.walk(one):
        beside = other + top[len(one) :]
        if filecmp.cmpfiles(top, beside, names, shallow=False)[0] != names:
            return False
    return True


async def copy(ops: Operations, bench: Bench) -> Sample:
    """Copy the tree."""
    with bench.fresh() as folder:
        target = f"{folder}/copy"
        with timed() as clock:
            await completed(ops, "copy_tree", bench.copied, target)
        return Sample({"time": clock.seconds}, digest(target))


async def check(ops: Operations, bench: Bench) -> bool:
    """Copy it and compare all contents."""
    with bench.fresh() as folder:
        await completed(ops, "copy_tree", bench.copied, f"{folder}/copy")
        return same(bench.copied, f"{folder}/copy")


ROW = Row(
    name="copy_tree",
    place=235,
    work="a copy of 20,000 small files in 200 directories",
    cases=(
        Case(
            "20,000 files",
            copy,
            lambda bench: digest(bench.copied),
            needs=("copy_tree",),
            unit="ms",
            peers=("sync", "to_thread", "cp"),
            musts=(at_most(1, "cp"),),
            aims=(at_most(0.6, "cp"),),
            title="Copy 20,000 files",
            check=check,
        ),
    ),
)
