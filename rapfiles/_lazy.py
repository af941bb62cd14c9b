"""Submodules that are imported when they are first asked for: most programs need few of them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

_SUBMODULES = {"os", "ospath", "tempfile", "types"}


def submodule(name: str) -> ModuleType:
    """The package's ``__getattr__``."""
    if name in _SUBMODULES:
        return import_module(f"{__package__}.{name}")
    raise AttributeError(f"module {__package__!r} has no attribute {name!r}")
