"""Small filesystems for a while: tmpfs, overlay, ext4 in a file, and one that is frozen."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import need

# Thaws when its stdin ends (the test is done, or dead) or when the time is up, whichever is first.
WATCHDOG = """
import select, subprocess, sys
select.select([sys.stdin], [], [], float(sys.argv[2]))
subprocess.run(["fsfreeze", "--unfreeze", sys.argv[1]], stderr=subprocess.DEVNULL)
"""


def _run(*line: str) -> None:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(line)}: {done.stderr.strip()}")


@contextlib.contextmanager
def mounted(at: Path, *line: str) -> Iterator[Path]:
    """Mount with `mount <line> <at>`; a machine that forbids mounting ends in a visible skip."""
    need.root()
    need.program("mount", "umount")
    at.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *line, str(at)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        need.skip(f"may not mount: {done.stderr.strip()}")
    try:
        yield at
    finally:
        tried = subprocess.run(["umount", str(at)], capture_output=True, check=False)
        if tried.returncode != 0:
            subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextlib.contextmanager
def tmpfs(at: Path, *, size: str = "64k", inodes: int | None = None) -> Iterator[Path]:
    """A tmpfs that is full after `size` bytes (or after `inodes` files)."""
    options = f"size={size}" + (f",nr_inodes={inodes}" if inodes else "")
    with mounted(at, "-t", "tmpfs", "-o", options, "rapfiles-test") as path:
        yield path


@contextlib.contextmanager
def overlay(base: Path, at: Path) -> Iterator[Path]:
    """An overlay whose layers are on a tmpfs of its own, as a container's root has them."""
    with tmpfs(base, size="512m"):
        lower, upper, work = base / "lower", base / "upper", base / "work"
        for directory in (lower, upper, work):
            directory.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        with mounted(at, "-t", "overlay", "-o", options, "rapfiles-test") as path:
            yield path


@contextlib.contextmanager
def ext4(image: Path, at: Path, *, megabytes: int = 16) -> Iterator[Path]:
    """An ext4 in a file, mounted through a loop device."""
    need.root()
    need.program("mkfs.ext4", "losetup")
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-F", str(image))
    with mounted(at, "-o", "loop", str(image)) as path:
        yield path


@contextlib.contextmanager
def frozen(at: Path, *, at_most: float = 20.0) -> Iterator[None]:
    """The filesystem stands still: whatever would change it waits, uninterruptibly.

    It is thawed on leaving, by a watchdog after `at_most` seconds, and by the same watchdog
    if this process dies first.
    """
    need.program("fsfreeze")
    os.sync()
    watchdog = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", WATCHDOG, str(at), str(at_most)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _run("fsfreeze", "--freeze", str(at))
        yield
    finally:
        # The watchdog is the one that thaws: one way, used every time, is one that works.
        assert watchdog.stdin is not None
        watchdog.stdin.close()
        watchdog.wait(timeout=10)
