"""What each FUSE request means for the directory that the test server shows.

Every node is an O_PATH descriptor, known by device and inode: renames, hard links and unlinked
files that are still open need no bookkeeping.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from dataclasses import dataclass

from faults.tools import fuse_wire as wire

LIBC = ctypes.CDLL(None, use_errno=True)
# What the kernel has dealt with itself before it sends an open.
DONE_BY_KERNEL = os.O_APPEND | os.O_NOFOLLOW | os.O_CREAT | os.O_EXCL | getattr(os, "O_DIRECT", 0)


@dataclass
class _Node:
    fd: int
    key: tuple[int, int]
    lookups: int = 0

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self.fd}"


def _names(body: bytes, start: int = 0) -> tuple[bytes, bytes]:
    first, second, *_ = (body[start:] + b"\0").split(b"\0")
    return first, second


class Nodes:
    """One method for each request, named like it: node and body in, the answer's body out."""

    def __init__(self, directory: str, chunk: int) -> None:
        self.chunk = chunk
        self.open_flags = wire.FOPEN_DIRECT_IO if chunk else 0
        self.nodes: dict[int, _Node] = {}
        self.known: dict[tuple[int, int], int] = {}
        self.next = wire.ROOT
        self.listings: dict[int, list[tuple[str, int, int]]] = {}
        self._remember(os.open(directory, os.O_PATH))

    def _remember(self, fd: int) -> tuple[int, os.stat_result]:
        st = os.fstat(fd)
        key = st.st_dev, st.st_ino
        number = self.known.get(key)
        if number is None:
            number, self.next = self.next, self.next + 1
            self.nodes[number] = _Node(fd, key)
            self.known[key] = number
        else:
            os.close(fd)
        self.nodes[number].lookups += 1
        return number, st

    def _entry(self, parent: int, name: bytes) -> bytes:
        fd = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=self.nodes[parent].fd)
        return wire.entry_out(*self._remember(fd))

    def forget(self, node: int, count: int) -> None:
        """The kernel drops `count` of the references that lookups gave it."""
        found = self.nodes.get(node)
        if found is None or node == wire.ROOT:
            return
        found.lookups -= count
        if found.lookups <= 0:
            os.close(found.fd)
            del self.nodes[node], self.known[found.key]

    def init(self, node: int, body: bytes) -> bytes:
        return wire.init_out(wire.INIT_IN.unpack_from(body)[3])

    def destroy(self, node: int, body: bytes) -> bytes:
        return b""

    # Names and attributes.

    def lookup(self, node: int, body: bytes) -> bytes:
        return self._entry(node, _names(body)[0])

    def getattr(self, node: int, body: bytes) -> bytes:
        return wire.attr_out(os.fstat(self.nodes[node].fd))

    def setattr(self, node: int, body: bytes) -> bytes:
        (valid, _, fh, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid, _) = (
            wire.SETATTR_IN.unpack_from(body)
        )
        path = self.nodes[node].path
        if valid & (wire.SET_UID | wire.SET_GID):
            os.chown(path, uid if valid & wire.SET_UID else -1, gid if valid & wire.SET_GID else -1)
        if valid & wire.SET_MODE:
            os.chmod(path, stat.S_IMODE(mode))
        if valid & wire.SET_SIZE:
            os.truncate(fh if valid & wire.SET_FH else path, size)
        if valid & (wire.SET_ATIME | wire.SET_MTIME):
            st = os.fstat(self.nodes[node].fd)
            accessed = atime * 10**9 + atime_ns if valid & wire.SET_ATIME else st.st_atime_ns
            modified = mtime * 10**9 + mtime_ns if valid & wire.SET_MTIME else st.st_mtime_ns
            os.utime(path, ns=(accessed, modified))
        return self.getattr(node, b"")

    def readlink(self, node: int, body: bytes) -> bytes:
        return os.readlink(b"", dir_fd=self.nodes[node].fd)

    def statfs(self, node: int, body: bytes) -> bytes:
        return wire.statfs_out(os.statvfs(self.nodes[node].path))

    # Making, moving and removing entries.

    def symlink(self, node: int, body: bytes) -> bytes:
        name, target = _names(body)
        os.symlink(target, name, dir_fd=self.nodes[node].fd)
        return self._entry(node, name)

    def mknod(self, node: int, body: bytes) -> bytes:
        mode, device = struct.unpack_from("<II", body)
        name, _ = _names(body, 16)
        os.mknod(name, mode, device, dir_fd=self.nodes[node].fd)
        return self._entry(node, name)

    def mkdir(self, node: int, body: bytes) -> bytes:
        (mode,) = struct.unpack_from("<I", body)
        name, _ = _names(body, 8)
        os.mkdir(name, stat.S_IMODE(mode), dir_fd=self.nodes[node].fd)
        return self._entry(node, name)

    def unlink(self, node: int, body: bytes) -> bytes:
        os.unlink(_names(body)[0], dir_fd=self.nodes[node].fd)
        return b""

    def rmdir(self, node: int, body: bytes) -> bytes:
        os.rmdir(_names(body)[0], dir_fd=self.nodes[node].fd)
        return b""

    def rename(self, node: int, body: bytes) -> bytes:
        (parent,) = struct.unpack_from("<Q", body)
        return self._rename(node, parent, 0, *_names(body, 8))

    def rename2(self, node: int, body: bytes) -> bytes:
        parent, flags = struct.unpack_from("<QI", body)
        return self._rename(node, parent, flags, *_names(body, 16))

    def _rename(self, node: int, parent: int, flags: int, old: bytes, new: bytes) -> bytes:
        if LIBC.renameat2(self.nodes[node].fd, old, self.nodes[parent].fd, new, flags):
            raise OSError(ctypes.get_errno(), "renameat2")
        return b""

    def link(self, node: int, body: bytes) -> bytes:
        (source,) = struct.unpack_from("<Q", body)
        name, _ = _names(body, 8)
        target = self.nodes[node].fd
        os.link(self.nodes[source].path, name, dst_dir_fd=target, follow_symlinks=True)
        return self._entry(node, name)

    # Open files.

    def open(self, node: int, body: bytes) -> bytes:
        (flags,) = struct.unpack_from("<I", body)
        fd = os.open(self.nodes[node].path, flags & ~DONE_BY_KERNEL)
        return wire.open_out(fd, self.open_flags)

    def create(self, node: int, body: bytes) -> bytes:
        flags, mode = struct.unpack_from("<II", body)
        name, _ = _names(body, 16)
        flags = flags & ~DONE_BY_KERNEL | os.O_CREAT | os.O_NOFOLLOW | flags & os.O_EXCL
        fd = os.open(name, flags, stat.S_IMODE(mode), dir_fd=self.nodes[node].fd)
        return self._entry(node, name) + wire.open_out(fd, self.open_flags)

    def read(self, node: int, body: bytes) -> bytes:
        fh, offset, size, *_ = wire.READ_IN.unpack_from(body)
        return os.pread(fh, min(size, self.chunk or size), offset)

    def write(self, node: int, body: bytes) -> bytes:
        fh, offset, size, *_ = wire.WRITE_IN.unpack_from(body)
        data = body[wire.WRITE_IN.size :][: min(size, self.chunk or size)]
        return struct.pack("<II", os.pwrite(fh, data, offset), 0)

    def flush(self, node: int, body: bytes) -> bytes:
        return b""

    def fsync(self, node: int, body: bytes) -> bytes:
        os.fsync(struct.unpack_from("<Q", body)[0])
        return b""

    def release(self, node: int, body: bytes) -> bytes:
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    # Directories.

    def opendir(self, node: int, body: bytes) -> bytes:
        fd = os.open(self.nodes[node].path, os.O_RDONLY | os.O_DIRECTORY)
        with os.scandir(fd) as entries:
            listing = [(e.name, e.inode(), _kind(e)) for e in entries]
        here = os.fstat(fd).st_ino
        self.listings[fd] = [(".", here, stat.S_IFDIR >> 12), ("..", here, stat.S_IFDIR >> 12)]
        self.listings[fd] += listing
        return wire.open_out(fd, 0)

    def readdir(self, node: int, body: bytes) -> bytes:
        fh, offset, size, *_ = wire.READ_IN.unpack_from(body)
        return wire.dirents(self.listings[fh], offset, size)

    def fsyncdir(self, node: int, body: bytes) -> bytes:
        return self.fsync(node, body)

    def releasedir(self, node: int, body: bytes) -> bytes:
        (fh,) = struct.unpack_from("<Q", body)
        del self.listings[fh]
        os.close(fh)
        return b""


def _kind(entry: os.DirEntry[str]) -> int:
    return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode) >> 12
