"""Shows what the tools do to a child, with blocking calls only: `tool_probe.py <what> [path]`."""

import errno
import os
import sys
import time
from collections.abc import Callable


def read(path: str) -> None:
    """Read by pread: the errors seen, in order."""
    fd = os.open(path, os.O_RDONLY)
    for _ in range(4):
        try:
            print(os.pread(fd, 5, 0).decode())
        except OSError as error:
            print(errno.errorcode[error.errno or 0])


def flags(path: str) -> None:
    """preadv with and without flags."""
    fd = os.open(path, os.O_RDONLY)
    for flag in (0, os.RWF_NOWAIT):
        try:
            print(os.preadv(fd, [bytearray(5)], 0, flag))
        except OSError as error:
            print(errno.errorcode[error.errno or 0])


def copy(path: str) -> None:
    """copy_file_range, which a profile may deny."""
    source, target = os.open(path, os.O_RDONLY), os.open(path + ".copy", os.O_CREAT | os.O_WRONLY)
    try:
        print(os.copy_file_range(source, target, 5))
    except OSError as error:
        print(errno.errorcode[error.errno or 0])


def slow(path: str) -> None:
    """How long one write takes."""
    fd = os.open(path, os.O_WRONLY)
    started = time.perf_counter()
    os.write(fd, b"hello")
    print(time.perf_counter() - started)


def hang(path: str) -> None:
    """Never ends."""
    time.sleep(600)


def noisy(path: str) -> None:
    """Ends well, but not quietly."""
    print("something is wrong", file=sys.stderr)


def fail(path: str) -> None:
    """Ends quietly, but not well."""
    sys.exit(3)


PROBES: dict[str, Callable[[str], None]] = {
    probe.__name__: probe for probe in (read, flags, copy, slow, hang, noisy, fail)
}
PROBES[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else "")
