"""Limits and counters of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _rapfiles

if TYPE_CHECKING:
    from .types import Metrics


def configure(
    *, threads: int | None = None, fd_limit: int | None = None, now: bool | None = None
) -> None:
    """Changes what is given, at any time; it beats the environment.

    Args:
        threads: How many operations may wait for disks at once (``RAPFILES_THREADS``, default 64).
        fd_limit: How many files operations under way may hold open together
            (``RAPFILES_FD_LIMIT``, default a third of the process's limit, 1,024 at most).
        now: Whether operations are attempted at once (``RAPFILES_NOW=0`` turns it off): for tests
            and benchmarks.
    """
    for name, value in (("threads", threads), ("fd_limit", fd_limit)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    _rapfiles.configure(threads=threads, fd_limit=fd_limit, now=now)


def metrics() -> Metrics:
    """What the engine has done since the process began. It is always on and costs nanoseconds."""
    return _rapfiles.metrics()
