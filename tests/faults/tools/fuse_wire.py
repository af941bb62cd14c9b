"""The part of the kernel's FUSE protocol (linux/fuse.h, 7.31) that the test server speaks."""

from __future__ import annotations

import os
import struct
from enum import IntEnum


class Op(IntEnum):
    """Request numbers."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    READLINK = 5
    SYMLINK = 6
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    LINK = 13
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    INTERRUPT = 36
    DESTROY = 38
    BATCH_FORGET = 42
    RENAME2 = 45


ROOT = 1
MAX_WRITE = 128 * 1024
FOPEN_DIRECT_IO = 1
ATOMIC_O_TRUNC, BIG_WRITES, MAX_PAGES = 1 << 3, 1 << 5, 1 << 22
SET_MODE, SET_UID, SET_GID, SET_SIZE, SET_ATIME, SET_MTIME, SET_FH = (1 << n for n in range(7))
SET_ATIME_NOW, SET_MTIME_NOW = 1 << 7, 1 << 8

IN_HEADER = struct.Struct("<IIQQIIIHH")  # len opcode unique node uid gid pid extension padding
OUT_HEADER = struct.Struct("<IiQ")
INIT_IN = struct.Struct("<IIII")
SETATTR_IN = struct.Struct("<IIQQQqqqIIIIIIII")
READ_IN = struct.Struct("<QQIIQII")  # fh offset size flags owner open_flags padding
WRITE_IN = READ_IN

_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")


def attr(st: os.stat_result) -> bytes:
    """struct fuse_attr."""

    def split(ns: int) -> tuple[int, int]:
        return ns // 10**9, ns % 10**9

    (atime, atime_ns), (mtime, mtime_ns), (ctime, ctime_ns) = map(
        split, (st.st_atime_ns, st.st_mtime_ns, st.st_ctime_ns)
    )
    times = atime & (1 << 64) - 1, mtime & (1 << 64) - 1, ctime & (1 << 64) - 1
    parts = atime_ns, mtime_ns, ctime_ns
    device = os.major(st.st_rdev) << 8 | os.minor(st.st_rdev)
    owner = st.st_nlink, st.st_uid, st.st_gid, device, 4096, 0
    return _ATTR.pack(st.st_ino, st.st_size, st.st_blocks, *times, *parts, st.st_mode, *owner)


def attr_out(st: os.stat_result) -> bytes:
    """struct fuse_attr_out: attributes that the kernel asks for again each time."""
    return struct.pack("<QII", 0, 0, 0) + attr(st)


def entry_out(node: int, st: os.stat_result) -> bytes:
    """struct fuse_entry_out: a name that the kernel looks up again each time."""
    return struct.pack("<QQQQII", node, 0, 0, 0, 0, 0) + attr(st)


def open_out(fh: int, flags: int) -> bytes:
    """struct fuse_open_out."""
    return struct.pack("<QII", fh, flags, 0)


def init_out(flags: int) -> bytes:
    """struct fuse_init_out."""
    flags &= ATOMIC_O_TRUNC | BIG_WRITES | MAX_PAGES
    head = struct.pack("<IIIIHHII", 7, 31, MAX_WRITE, flags, 64, 48, MAX_WRITE, 1)
    return head + struct.pack("<HH32x", MAX_WRITE // 4096, 0)


def statfs_out(st: os.statvfs_result) -> bytes:
    """struct fuse_kstatfs."""
    blocks = st.f_blocks, st.f_bfree, st.f_bavail, st.f_files, st.f_ffree
    return struct.pack("<QQQQQIII28x", *blocks, st.f_bsize, st.f_namemax, st.f_frsize)


def dirents(names: list[tuple[str, int, int]], offset: int, size: int) -> bytes:
    """As many directory entries from `offset` on as go into `size` bytes."""
    out = b""
    for at, (name, inode, kind) in enumerate(names[offset:], offset + 1):
        raw = os.fsencode(name)
        entry = struct.pack("<QQII", inode, at, len(raw), kind) + raw
        entry += b"\0" * (-len(entry) % 8)
        if len(out) + len(entry) > size:
            break
        out += entry
    return out
