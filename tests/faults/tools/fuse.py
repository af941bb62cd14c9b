"""A directory shown through FUSE: 10 bytes at a time, or stalling when told to (root only)."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import need
from .process import HERE, command


class Control:
    """Tells the running server to hold requests, and to let them go."""

    def __init__(self, server: subprocess.Popen[str], path: Path) -> None:
        self.path = path
        self._server = server

    def _answered(self) -> bool:
        assert self._server.stdout is not None
        return self._server.stdout.readline() == "ok\n"

    def _tell(self, line: str) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()
        if not self._answered():
            raise OSError(f"the FUSE server died at {line!r}")

    def release(self) -> None:
        """Answer what was held; nothing is held from now on."""
        self._tell("release")

    @contextlib.contextmanager
    def stalled(self, *ops: str, at_most: float = 15.0) -> Iterator[None]:
        """Hold requests of these kinds (READ, OPEN, LOOKUP … or all) during the `with`.

        The server lets go by itself after `at_most` seconds: nothing that waits hangs for ever.
        """
        self._tell(f"stall {at_most} {' '.join(ops)}")
        try:
            yield
        finally:
            self.release()


@contextlib.contextmanager
def fuse(base: Path, *, chunk: int = 0) -> Iterator[Control]:
    """Mount at `base/mnt` what is in `base/backing`; `chunk`: bytes moved by a read or write."""
    need.root()
    if not Path("/dev/fuse").exists():
        need.skip("needs /dev/fuse")
    backing, at = base / "backing", base / "mnt"
    backing.mkdir(parents=True, exist_ok=True)
    at.mkdir(exist_ok=True)
    server = subprocess.Popen(
        command(str(HERE / "fuse_server.py"), backing, at, chunk),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    control = Control(server, at)
    try:
        if not control._answered():
            need.skip(f"may not mount FUSE: {server.communicate()[1].strip()[-200:]}")
        yield control
    finally:
        _, stderr = server.communicate(timeout=20)
        subprocess.run(["umount", "--lazy", str(at)], capture_output=True, check=False)
    if server.returncode != 0 or stderr:
        raise OSError(f"the FUSE server ended with {server.returncode}: {stderr}")
