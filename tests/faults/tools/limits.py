"""Resource limits of this process, lowered for a while and put back."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def soft_limit(kind: int, value: int) -> Iterator[None]:
    """Lower the soft limit `kind` (a `resource.RLIMIT_*`) to `value`; the hard limit stays."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))
