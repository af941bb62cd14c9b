"""A disk that loses its power when told to: an ext4 in a file, shut down without its journal."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from . import need

# _IOR('X', 125, __u32), with the flag that leaves even the log where it is.
_SHUTDOWN = 0x8004587D
_WITHOUT_LOG = struct.pack("I", 2)

# Without `noauto_da_alloc` ext4 does by itself what a program that renames should do.
_OPTIONS = b"noauto_da_alloc"


def _run(*line: str) -> str:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        need.skip(f"{' '.join(line)}: {done.stderr.strip()}")
    return done.stdout.strip()


class Disk:
    """A filesystem on a loop device."""

    def __init__(self, device: str, at: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._device = os.fsencode(device)
        self.path = at

    def mount(self) -> None:
        """Mounts it, which is when the journal is replayed."""
        at = os.fsencode(self.path)
        if self._libc.mount(self._device, at, b"ext4", 0, _OPTIONS) != 0:
            raise OSError(ctypes.get_errno(), f"mount: {os.strerror(ctypes.get_errno())}")

    def cut(self) -> None:
        """From here on nothing reaches the disk any more, and every call fails."""
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, _WITHOUT_LOG)
        finally:
            os.close(fd)

    def unmount(self) -> None:
        """Waits for a moment for whoever has something open."""
        end = time.monotonic() + 10
        while self._libc.umount2(os.fsencode(self.path), 0) != 0:
            if time.monotonic() > end:
                raise OSError(ctypes.get_errno(), f"umount: {os.strerror(ctypes.get_errno())}")
            time.sleep(0.002)


@contextlib.contextmanager
def disk(image: Path, at: Path, *, megabytes: int = 32) -> Iterator[Disk]:
    """A mounted disk."""
    need.root()
    need.program("mkfs.ext4", "losetup")
    at.mkdir()
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-F", str(image))
    device = _run("losetup", "--find", "--show", str(image))
    try:
        made = Disk(device, at)
        try:
            made.mount()
        except OSError as error:
            need.skip(f"may not mount: {error}")
        try:
            yield made
        finally:
            subprocess.run(["umount", "--lazy", str(at)], capture_output=True, check=False)
    finally:
        subprocess.run(["losetup", "--detach", device], check=False)
