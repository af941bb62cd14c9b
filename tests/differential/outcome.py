"""What one step led to, in a form that compares."""

from __future__ import annotations

import io
from typing import Any

Outcome = tuple[Any, ...]

# Their messages name C functions and change from one Python to the next.
TYPE_ONLY = (TypeError, OverflowError, MemoryError)


def returned(value: object) -> Outcome:
    """A result, its type included at every depth: True is not 1, and bytes are not bytearray."""
    return ("returns", typed(value))


def typed(value: object) -> Any:
    """``value`` with its types spelled out."""
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [typed(item) for item in value])
    return (type(value).__name__, value)


def raised(error: BaseException) -> Outcome:
    """An exception: its exact type, and what CPython keeps stable of the rest."""
    kind = type(error)
    head = ("raises", f"{kind.__module__}.{kind.__qualname__}")
    if isinstance(error, (UnicodeDecodeError, UnicodeEncodeError)):
        # Object and position belong to the piece being decoded or encoded, whose size is nobody's
        # business.
        return (*head, error.encoding, error.reason)
    if isinstance(error, OSError) and not isinstance(error, io.UnsupportedOperation):
        names = (typed(error.filename), typed(error.filename2))
        return (*head, error.errno, error.strerror, *names, str(error))
    if isinstance(error, TYPE_ONLY):
        return head
    return (*head, str(error))


NO_MARK = [
    ("builtins.UnicodeError", f"UTF-{size} stream does not start with BOM") for size in (16, 32)
]


def is_decode_error(outcome: Outcome) -> bool:
    """Whether decoding failed in this step, if only for want of a byte order mark."""
    if outcome[0] != "raises":
        return False
    return outcome[1] == "builtins.UnicodeDecodeError" or outcome[1:] in NO_MARK


def brief(outcome: Outcome, most: int = 400) -> str:
    """An outcome for a person to read."""
    text = repr(outcome)
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"
