"""Promise 15: a file that says it is huge gives MemoryError, and the program goes on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from .tools import need
from .tools.figures import record
from .tools.process import run

TERABYTES = 3 << 40


@pytest.mark.parametrize("how", ["whole bytes", "whole text", "binary", "text", "unbuffered"])
def test_a_sparse_file_of_three_terabytes(how: str, loop_kind: str, tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        try:
            file.truncate(TERABYTES)
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            need.skip("this filesystem has no files of 3 TB")
    figures = run("huge_read.py", loop_kind, how, path).clean().figures
    path.unlink()
    text = f"MemoryError, alive, at most {figures['peak_mib']:.0f} MiB were in use"
    record("15 memory", f"3 TB sparse, {how}, {loop_kind}: {text}")


@pytest.mark.parametrize("size", [1 << 40, (1 << 62), (1 << 63) - 1, 1 << 63, 1 << 70])
def test_a_huge_read_of_a_small_file_is_answered_as_by_a_blocking_file(
    size: int, loop_kind: str, tmp_path: Path
) -> None:
    (tmp_path / "small").write_bytes(b"small")
    run("huge_size.py", loop_kind, tmp_path / "small", size).clean()
