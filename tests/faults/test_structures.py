"""Directory structures on disks that are full, elsewhere or closed: no file is lost."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import rapfiles
from rapfiles import StructurePattern
from scan_model import contents

from .tools import mounts

RUN = StructurePattern("run-*", required_files=["config.json"])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A run with a small file before and behind a big one."""
    run = tmp_path / "in/run-1"
    (run / "data").mkdir(parents=True, mode=0o750)
    (run / "config.json").write_text("{}")
    (run / "data/big.bin").write_bytes(os.urandom(1 << 20))
    (run / "data/link").symlink_to("big.bin")
    (run / "notes.txt").write_text("small")
    return tmp_path / "in"


@pytest.mark.root
@pytest.mark.parametrize("mode", ["copy", "move"])
async def test_a_full_disk_leaves_whole_files(source: Path, tmp_path: Path, mode: str) -> None:
    before = contents(source)
    with mounts.tmpfs(tmp_path / "mnt", size="256k") as small:
        with pytest.raises(OSError) as caught:
            await rapfiles.shuffle(source, RUN, small / "out", mode=mode)  # type: ignore[arg-type]
        assert caught.value.errno == errno.ENOSPC
        assert caught.value.filename == str(source / "run-1/data/big.bin")
        assert caught.value.filename2 == str(small / "out/run-1/data/big.bin")
        there = {str(path.relative_to(small / "out")) for path in (small / "out").rglob("*")}
        assert there == {"run-1", "run-1/config.json", "run-1/data"}
        # Each file is here or there.
        gone = {"run-1/config.json"} if mode == "move" else set()
        assert set(contents(source)) == set(before) - gone


@pytest.mark.root
async def test_the_rest_goes_on(source: Path, tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="256k") as small:
        report = await rapfiles.shuffle(source, RUN, small / "out", mode="move", on_error="collect")
        assert [error.errno for error in report.errors] == [errno.ENOSPC]
        assert set(contents(source)) == {"run-1", "run-1/data", "run-1/data/big.bin"}
        assert set(contents(small / "out")) == {
            "run-1",
            "run-1/config.json",
            "run-1/data",
            "run-1/data/link",
            "run-1/notes.txt",
        }


@pytest.mark.root
@pytest.mark.parametrize("same_device", [False, True], ids=["tmpfs", "bind mount"])
async def test_moves_between_filesystems(source: Path, tmp_path: Path, same_device: bool) -> None:
    before = contents(source)
    (tmp_path / "elsewhere").mkdir()
    line = ["--bind", str(tmp_path / "elsewhere")] if same_device else ["-t", "tmpfs", "none"]
    with mounts.mounted(tmp_path / "mnt", *line) as other:
        plan = await rapfiles.shuffle(source, RUN, other / "out", mode="move", dry_run=True)
        report = await rapfiles.shuffle(source, RUN, other / "out", mode="move")
        assert report.steps == plan.steps
        assert contents(other / "out") == before
    assert os.listdir(source) == []


@pytest.mark.root
def test_what_may_not_be_read_is_reported_once(
    source: Path, tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for path in (tmp_path, source, source / "run-1"):
        path.chmod(0o755)
    (source / "run-1/data").chmod(0)
    child = """
import asyncio, os
import rapfiles, rapfiles._scan, rapfiles._shuffle, rapfiles.errors
from rapfiles import StructurePattern
os.setgroups([]); os.setgid(65534); os.setuid(65534)

async def main():
    data = StructurePattern("data")
    run = StructurePattern("run-*", optional_directories=[data])
    stream = rapfiles.scan("in", [run, data, StructurePattern("r*", required_directories=[data])])
    print([match.path for match in await stream])
    print([(type(error).__name__, error.filename) for error in stream.errors])
    for attempt in (rapfiles.scan("in", run, strict=True), run.matches("in/run-1"),
                    rapfiles.shuffle("in", StructurePattern("run-*"), "out")):
        try:
            print(await attempt)
        except PermissionError as error:
            print(error.filename)
asyncio.run(main())
"""
    done = python(child)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['in/run-1']",
        "[('PermissionError', 'in/run-1/data')]",
        *["in/run-1/data"] * 3,
    ]
