"""Promise 8: short reads, short writes and interrupted calls are invisible."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tools import need, strace
from .tools.figures import record
from .tools.fuse import fuse
from .tools.process import run

CALLS = f"{strace.READS},{strace.WRITES},openat,openat2,ftruncate,fsync,fdatasync,copy_file_range"


@pytest.mark.root
def test_ten_bytes_at_a_time(tmp_path: Path, loop_kind: str) -> None:
    with fuse(tmp_path, chunk=10) as control:
        figures = run("transfer.py", loop_kind, control.path, 10_000).clean().figures
    record("8 short", f"FUSE, 10 bytes a call: {figures['transfers']:.0f} transfers, hashes equal")


@pytest.mark.root
def test_ten_bytes_at_a_time_in_a_storm_of_signals(tmp_path: Path, loop_kind: str) -> None:
    with fuse(tmp_path, chunk=10) as control:
        figures = run("transfer.py", loop_kind, control.path, 3_000, "storm").clean().figures
    assert figures["signals"] > 10
    record("8 short", f"the same under {figures['signals']:.0f} signals: hashes equal")


def test_a_storm_of_signals(tmp_path: Path, loop_kind: str) -> None:
    figures = run("transfer.py", loop_kind, tmp_path, 300_000, "storm").clean().figures
    assert figures["signals"] > 10


@pytest.mark.parametrize("when", ["1+2", "2+2"])
def test_every_second_call_is_interrupted(tmp_path: Path, loop_kind: str, when: str) -> None:
    need.strace()
    log, work = tmp_path / "log", tmp_path / "work"
    work.mkdir()
    fault = strace.inject(CALLS, error="EINTR", when=when)
    paths = [str(work / name) for name in ("source", "target")]
    wrap = strace.launcher([fault], calls=CALLS, paths=paths, log=log)
    run("transfer.py", loop_kind, work, 300_000, wrap=wrap).clean()
    assert strace.injected(log) >= 20
    text = f"EINTR at {strace.injected(log)} calls (every second): hashes equal"
    record("8 short", text)


@pytest.mark.parametrize("how", ["handle", "unbuffered", "text", "whole"])
def test_a_write_cut_short_by_a_file_size_limit(tmp_path: Path, how: str) -> None:
    run("size_limit.py", how, tmp_path / "out").clean()
