"""strace as a fault injector: errors, delays and signals at chosen system calls of one file."""

from __future__ import annotations

import os
from collections.abc import Sequence

READS = "read,readv,pread64,preadv,preadv2"
WRITES = "write,writev,pwrite64,pwritev,pwritev2"


def inject(
    calls: str,
    *,
    error: str | None = None,
    delay_us: int | None = None,
    signal: str | None = None,
    when: str = "1+",
) -> str:
    """One fault: `when` is strace's "first", "first+step" or "first..last", counted per thread."""
    parts = [calls]
    if error:
        parts.append(f"error={error}")
    if delay_us:
        parts.append(f"delay_enter={delay_us}")
    if signal:
        parts.append(f"signal={signal}")
    return "inject=" + ":".join([*parts, f"when={when}"])


def launcher(
    faults: Sequence[str], *, calls: str, paths: Sequence[str], log: str | os.PathLike[str]
) -> list[str]:
    """The start of a command line: the program after it runs with these faults.

    Only calls that touch one of `paths` are counted and tampered with, so the interpreter's own
    start is not. `--seccomp-bpf` lets every other call through at full speed. `log` gets the
    calls, injected ones marked `(INJECTED)` or `(DELAYED)`.
    """
    line = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", os.fspath(log), "-e", f"trace={calls}"]
    for path in paths:
        line += ["-P", path]
    for fault in faults:
        line += ["-e", fault]
    return line


def injected(log: str | os.PathLike[str]) -> int:
    """How many calls of the log were tampered with."""
    with open(log, errors="replace") as lines:
        return sum("(INJECTED)" in line or "(DELAYED)" in line for line in lines)
