"""rapfiles itself. What it doesn't have yet is None here and shows as n/a in the table."""

from functools import partial
from importlib import import_module
from operator import attrgetter
from typing import Any

from benchmarks.harness.growth import walk_growth
from benchmarks.harness.serving import missing, under_load
from benchmarks.peers.handles import with_handles

rapfiles: Any = import_module("rapfiles")

DISTRIBUTION = "rapfiles"


def _found(module: str, name: str) -> Any:
    """The attribute of that module, or None where one of them is not there."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None


async def _count_tree(root: str) -> int:
    files = 0
    async for entry in rapfiles.walk(root):
        files += not entry.is_dir()
    return files


async def _walk_tree(root: str) -> tuple[int, int]:
    files = characters = 0
    async for entry in rapfiles.walk(root):
        if not entry.is_dir():
            files += 1
            characters += len(entry.path)
    return files, characters


async def _walk_growth(root: str) -> tuple[int, int, int]:
    return walk_growth("rapfiles", root)


async def _first_path(root: str) -> str:
    entry = await anext(rapfiles.walk(root))
    return str(entry.path)


async def _find(root: str, glob: str, least: int, most: int, since: int) -> list[str]:
    stream = rapfiles.find(
        glob,
        root,
        file_type="file",
        hidden=True,
        min_size=least,
        max_size=most,
        mtime_after=since,
    )
    return [entry.path async for entry in stream]


async def _glob(pattern: str) -> list[str]:
    return [path async for path in rapfiles.glob(pattern)]


def imports() -> str:
    return "rapfiles"


async def _search(regex: str, root: str) -> tuple[int, int]:
    found = rapfiles.search(regex, root=root, hidden=True, case_sensitive=True)
    numbers = [result.line_number async for result in found]
    return len(numbers), sum(numbers)


async def _copy_tree(source: str, target: str) -> None:
    await rapfiles.copy_dir(source, target)


OPERATIONS = {
    **(with_handles(rapfiles.open) if hasattr(rapfiles, "open") else {}),
    "read_file": _found("rapfiles", "read_file_bytes"),
    "write_file": _found("rapfiles", "write_file_bytes"),
    "stat": _found("rapfiles.os", "stat"),
    "size_of": attrgetter("st_size"),
    "exists": _found("rapfiles.ospath", "exists"),
    "count_tree": _count_tree if hasattr(rapfiles, "walk") else None,
    "glob": _glob if hasattr(rapfiles, "glob") else None,
    "walk_tree": _walk_tree if hasattr(rapfiles, "walk") else None,
    "walk_growth": _walk_growth if hasattr(rapfiles, "walk") else None,
    "first_path": _first_path if hasattr(rapfiles, "walk") else None,
    "find": _find if hasattr(rapfiles, "find") else None,
    "copy_tree": _copy_tree if hasattr(rapfiles, "copy_dir") else None,
    "imports": imports,
    "noop": _found("rapfiles._rapfiles", "_bench_noop"),
    "search": _search,
    "respond": partial(under_load, "rapfiles") if missing() is None else None,
}
