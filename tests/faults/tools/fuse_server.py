"""A FUSE filesystem that shows a directory, badly: `fuse_server.py <directory> <mount> <chunk>`.

`chunk` > 0: reads and writes move at most so many bytes each, as signals and slow disks make them.
On stdin: `stall <seconds> <OP …>` holds requests of these kinds (all, without names) until
`release`, at latest for so many seconds; the end of stdin releases, unmounts and ends. Every
command is answered with `ok`. It speaks the kernel's protocol itself: no library, root only.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import select
import stat
import struct
import sys
import time

from faults.tools import fuse_wire as wire
from faults.tools.fuse_nodes import Nodes
from faults.tools.fuse_wire import Op

LIBC = ctypes.CDLL(None, use_errno=True)
NEVER_STALLED = {Op.INIT, Op.FORGET, Op.BATCH_FORGET, Op.INTERRUPT, Op.DESTROY}


def mount(at: str) -> int:
    """Mount; returns the descriptor that requests come from."""
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
    if LIBC.mount(b"rapfiles-test", os.fsencode(at), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount", at)
    return fd


class Server:
    """One thread, one request after the other; a held one waits in a list and blocks no other."""

    def __init__(self, fd: int, nodes: Nodes) -> None:
        self.fd = fd
        self.nodes = nodes
        self.held: list[tuple[int, int, int, bytes]] = []
        self.stalled: set[Op] = set()
        self.until = 0.0

    def serve(self) -> None:
        """Until the end of stdin or of the mount."""
        commands = b""
        while True:
            wait = max(0.0, self.until - time.monotonic()) if self.stalled else None
            ready, _, _ = select.select([self.fd, 0], [], [], wait)
            if self.stalled and time.monotonic() >= self.until:
                self.release()
            if 0 in ready:
                data = os.read(0, 4096)
                commands += data
                while b"\n" in commands:
                    line, _, commands = commands.partition(b"\n")
                    self.command(line.decode().split())
                    os.write(1, b"ok\n")
                if not data:
                    return self.release()
            if self.fd in ready and not self.request():
                return None

    def command(self, words: list[str]) -> None:
        """`stall` or `release`."""
        if words[0] == "release":
            return self.release()
        self.until = time.monotonic() + float(words[1])
        self.stalled = {Op[name] for name in words[2:]} or set(Op) - NEVER_STALLED
        return None

    def release(self) -> None:
        """Answer everything that was held."""
        self.stalled = set()
        held, self.held = self.held, []
        for request in held:
            self.answer(*request)

    def request(self) -> bool:
        """Take one request; False when the filesystem is gone."""
        try:
            data = os.read(self.fd, wire.MAX_WRITE + 4096)
        except OSError as error:
            # ENOENT: the request was withdrawn before it was read.
            if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                return True
            if error.errno == errno.ENODEV:
                return False
            raise
        _, opcode, unique, node, *_ = wire.IN_HEADER.unpack_from(data)
        body = data[wire.IN_HEADER.size :]
        if opcode == Op.INTERRUPT:
            self.interrupt(*struct.unpack_from("<Q", body))
        elif opcode in self.stalled:
            self.held.append((opcode, unique, node, body))
        else:
            self.answer(opcode, unique, node, body)
        return bool(opcode != Op.DESTROY)

    def interrupt(self, unique: int) -> None:
        """The caller got a signal: a held request ends with EINTR, so that it can be killed."""
        for request in self.held:
            if request[1] == unique:
                self.held.remove(request)
                self.reply(unique, errno.EINTR, b"")
                return

    def answer(self, opcode: int, unique: int, node: int, body: bytes) -> None:
        """Do what the request asks and reply."""
        if opcode == Op.FORGET:
            return self.nodes.forget(node, *struct.unpack_from("<Q", body))
        if opcode == Op.BATCH_FORGET:
            (count,) = struct.unpack_from("<I", body)
            for at in range(count):
                self.nodes.forget(*struct.unpack_from("<QQ", body, 8 + 16 * at))
            return None
        try:
            method = getattr(self.nodes, Op(opcode).name.lower())
        except (ValueError, AttributeError):
            return self.reply(unique, errno.ENOSYS, b"")
        try:
            return self.reply(unique, 0, method(node, body))
        except OSError as error:
            return self.reply(unique, error.errno or errno.EIO, b"")

    def reply(self, unique: int, error: int, body: bytes) -> None:
        """Send an answer; a caller that is gone needs none."""
        header = wire.OUT_HEADER.pack(wire.OUT_HEADER.size + len(body), -error, unique)
        with contextlib.suppress(FileNotFoundError):
            os.writev(self.fd, [header, body])


def main() -> None:
    """Mount, say so, serve, unmount."""
    directory, at, chunk = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.umask(0)
    assert stat.S_ISDIR(os.stat(directory).st_mode)
    server = Server(mount(at), Nodes(directory, chunk))
    try:
        os.write(1, b"ok\n")
        server.serve()
    finally:
        LIBC.umount2(os.fsencode(at), 2)  # MNT_DETACH


if __name__ == "__main__":
    main()
