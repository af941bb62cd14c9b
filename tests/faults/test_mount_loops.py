"""Bad input: a directory that is mounted within itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import rapfiles

from .tools import mounts
from .tools.figures import record


@pytest.mark.root
async def test_a_directory_mounted_within_itself(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "inner" / "again").mkdir(parents=True)
    (top / "file.txt").write_text("needle\n")
    with mounts.mounted(top / "inner" / "again", "--bind", str(top)):
        expected = {
            os.path.join(root, name)
            for root, dirs, files in os.walk(top)
            for name in (*dirs, *files)
        }
        assert any("again/inner" in path for path in expected)
        for follow in (False, True):
            stream = rapfiles.walk(top, follow_symlinks=follow)
            found = [entry.path async for entry in stream]
            assert set(found) <= expected and len(set(found)) == len(found)
            assert {entry.path for entry in await rapfiles.walk(top)} == expected
        texts = {path for path in expected if path.endswith(".txt")}
        assert {entry.path for entry in await rapfiles.find("*.txt", top)} == texts
        assert set(await rapfiles.glob(f"{top}/**/*.txt")) == texts
        assert {str(result.path) for result in await rapfiles.search("needle", root=top)} == texts
        one = {entry.path for entry in await rapfiles.walk(top, same_file_system=True)}
        assert one <= expected
    record("bad input", f"a directory mounted within itself: {len(expected)} entries, each once")
