"""``rapfiles.os`` and ``rapfiles.ospath`` beside the standard library's, arguments good and bad."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Draw, tally
from .os_calls import CHANGING, FILE, OTHER, ROOT, Call, Fd, changing_calls, reading_calls
from .outcome import Outcome, brief, raised, returned
from .sides import Async, run_blocking
from .world import build, snapshot

Modules = dict[str, Any]

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the tree needs links, FIFOs and fds"),
    *([pytest.mark.timeout(0)] if "DIFFERENTIAL_SEQUENCES" in os.environ else []),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The world, as the current directory. Its neighbour stops the pruning of empty parents."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "neighbour").touch()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def modules(subject: Async) -> Modules:
    """The subject's modules, under the names of those they stand in for."""
    name = subject.module.__name__
    return {
        "os": importlib.import_module(f"{name}.os"),
        "os.path": importlib.import_module(f"{name}.ospath"),
    }


class World:
    """The tree, and the descriptors that calls may use; their numbers never change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        build(root)
        self.open = {name: os.open(name, self.flags(name)) for name in (ROOT, FILE, OTHER)}

    @staticmethod
    def flags(name: str) -> int:
        return os.O_RDONLY if name == ROOT else os.O_RDWR

    def afresh(self) -> None:
        """Undo what a call did."""
        build(self.root)
        for name, number in self.open.items():
            new = os.open(name, self.flags(name))
            os.dup2(new, number)
            os.close(new)

    def real(self, value: Any) -> Any:
        """``value`` with the descriptor it stands for in its place."""
        if isinstance(value, Fd):
            return self.open.get(value.of, 1_000_000)
        return value

    def filled(self, call: Call) -> Call:
        """``call`` with real descriptors."""
        options = {name: self.real(value) for name, value in call.options.items()}
        return Call(call.module, call.name, tuple(map(self.real, call.args)), options)

    def close(self) -> None:
        for number in self.open.values():
            os.close(number)


async def blocking(call: Call) -> Any:
    """The standard library's answer."""
    function = getattr(os if call.module == "os" else os.path, call.name)
    return plain(function(*call.args, **call.options))


async def awaited(modules: Modules, call: Call) -> Any:
    """The subject's answer."""
    return plain(await getattr(modules[call.module], call.name)(*call.args, **call.options))


def plain(result: Any) -> Any:
    """A result that compares: entries are looked into, and the file system's order is put aside."""
    if isinstance(result, os.stat_result):
        return [(name, getattr(result, name)) for name in dir(result) if name.startswith("st_")]
    if isinstance(result, os.statvfs_result):
        return [(name, getattr(result, name)) for name in ("f_bsize", "f_blocks", "f_namemax")]
    if isinstance(result, list):
        return sorted(result, key=repr)
    if hasattr(result, "__next__"):
        with result as entries:
            return sorted(map(entry_of, entries), key=repr)
    return result


def entry_of(entry: os.DirEntry[Any]) -> tuple[Any, ...]:
    """All that a directory entry tells."""
    kinds = [entry.is_dir(follow_symlinks=way) for way in (True, False)]
    kinds += [entry.is_file(follow_symlinks=way) for way in (True, False)]
    status = entry.stat(follow_symlinks=False)
    size = None if entry.is_dir() else status.st_size
    return (
        *(entry.name, entry.path, os.fspath(entry), *kinds, entry.is_symlink()),
        *(entry.inode(), status.st_mode, size, repr(entry)),
    )


async def attempt(work: Any) -> Outcome:
    """The outcome of ``work``."""
    try:
        return returned(await work)
    except Exception as error:
        return raised(error)


@pytest.fixture
def same(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], root: Path, modules: Modules
) -> Iterator[Callable[[Call], None]]:
    """Compares the answers to a call, and the tree afterwards."""
    loop, world = loop_factory(), World(root)

    def run(drawn: Call) -> None:
        call, changing, trees = world.filled(drawn), drawn.name in CHANGING, []
        answers: list[Outcome] = []
        for answer in (blocking(call), awaited(modules, call)):
            if changing:
                world.afresh()
            if answers:
                answers.append(loop.run_until_complete(attempt(answer)))
            else:
                answers.append(run_blocking(attempt(answer)))
            trees.append(snapshot() if changing else [])
        expected, got = answers
        assert got == expected, f"{drawn}\nos:      {brief(expected)}\nsubject: {brief(got)}"
        assert trees[0] == trees[1], f"{drawn} left another tree"
        tally["of them errors"] += expected[0] == "raises"

    yield run
    world.close()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_functions_that_look_answer_the_same(calls: Draw, same: Callable[[Call], None]) -> None:
    calls(reading_calls, same)


def test_functions_that_change_do_the_same(calls: Draw, same: Callable[[Call], None]) -> None:
    calls(changing_calls, same)
