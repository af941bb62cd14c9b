"""What the rooms of trees take and return: checked by mypy and pyright, never run."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from typing_extensions import assert_type

import rapfiles
from rapfiles import SearchResult, Stream, StructureMatch, StructurePattern, WalkEntry


async def walks(either: str | Path) -> None:
    assert_type(rapfiles.walk(), Stream[WalkEntry[str]])
    assert_type(rapfiles.walk(Path(), sort=True), Stream[WalkEntry[str]])
    assert_type(rapfiles.walk(either), Stream[WalkEntry[str]])
    assert_type(rapfiles.walk(b".", filter="*.py"), Stream[WalkEntry[bytes]])
    assert_type(rapfiles.scan_dir(), Stream[WalkEntry[str]])
    assert_type(rapfiles.scan_dir(b"."), Stream[WalkEntry[bytes]])
    assert_type(await rapfiles.walk_dir(), list[tuple[str, bool]])
    assert_type(await rapfiles.walk_dir(b"."), list[tuple[bytes, bool]])
    async for path, directories, files in rapfiles.walk_triples(b"."):
        assert_type((path, directories, files), tuple[bytes, list[bytes], list[bytes]])


async def finds(many: list[Path], bytes_path: PathLike[bytes]) -> None:
    assert_type(rapfiles.find(), Stream[WalkEntry[str]])
    assert_type(rapfiles.find(b"*.py", Path()), Stream[WalkEntry[str]])
    assert_type(rapfiles.find("*.py", b"."), Stream[WalkEntry[bytes]])
    assert_type(rapfiles.find(root=bytes_path), Stream[WalkEntry[bytes]])
    assert_type(rapfiles.find(root=["a", Path("b")]), Stream[WalkEntry[str]])
    assert_type(rapfiles.find(root=many), Stream[WalkEntry[str]])
    assert_type(rapfiles.find(["a", "b"], root=[b"a", b"b"]), Stream[WalkEntry[bytes]])
    async for entry in rapfiles.find(root=b"."):
        assert_type(entry.path, bytes)


async def searches(many: list[Path]) -> None:
    assert_type(rapfiles.search("x"), Stream[SearchResult[str]])
    assert_type(rapfiles.search("x"), Stream[SearchResult])
    assert_type(rapfiles.search("x", "*.py", Path()), Stream[SearchResult[str]])
    assert_type(rapfiles.search("x", root=many), Stream[SearchResult[str]])
    assert_type(rapfiles.search("x", root=b".", regex=True), Stream[SearchResult[bytes]])
    async for found in rapfiles.search("x"):
        assert_type(found.path, str)


async def others() -> None:
    pattern = StructurePattern("*")
    assert_type(rapfiles.glob("*"), Stream[str])
    assert_type(rapfiles.globs([b"*"]), Stream[bytes])
    assert_type(await rapfiles.scan(Path(), pattern), list[StructureMatch[str]])
    assert_type(rapfiles.scan(b".", [pattern]), Stream[StructureMatch[bytes]])
