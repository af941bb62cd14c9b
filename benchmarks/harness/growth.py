"""The memory that a walk takes, in an interpreter of its own, which has none left from before."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

ROOT = str(Path(__file__).parents[2])


class Grown:
    """Bytes that the process held at its most within `growing()`, beyond those it had before."""

    size = 0


@contextmanager
def growing() -> Iterator[Grown]:
    """Watch the memory of this process while the block runs (Linux)."""
    grown = Grown()
    Path("/proc/self/clear_refs").write_text("5")  # the most is from now on
    before = _most_memory()
    yield grown
    grown.size = _most_memory() - before


def _most_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def walk_growth(peer: str, root: str) -> tuple[int, int, int]:
    """What a peer's walk finds (files and characters), and how many bytes it needs for that."""
    text = "import sys; sys.path.insert(0, sys.argv[1]); import benchmarks.harness.growth as it; "
    command = [sys.executable, "-I", "-c", text + "it.main(*sys.argv[2:])", ROOT, peer, root]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    files, characters, size = map(int, done.stdout.split())
    return files, characters, size


def main(peer: str, root: str) -> None:
    """The part of the other interpreter."""
    walk = import_module(f"benchmarks.peers.{peer}").OPERATIONS["walk_tree"]
    with growing() as grown:
        found = walk(root)
        if inspect.isawaitable(found):
            found = asyncio.run(_result(found))
    print(*found, grown.size)


async def _result(found: object) -> object:
    return await found  # type: ignore[misc]
