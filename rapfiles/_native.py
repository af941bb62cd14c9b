"""Coroutine functions whose bodies are written in Rust.

They are written as templates: an ``async def`` with its signature, its types and its docstring, and
nothing else. What reads source sees plain coroutine functions; when the module is imported each is
replaced by a native function that looks the same.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any, TypeVar

from ._rapfiles import handle_method, native_function

C = TypeVar("C", bound=type)


async def _documented() -> None:
    """What a template's body compiles to."""


async def _bare() -> None:
    # And what is left of it without docstrings, as `python -OO` runs.
    pass


_EMPTY = {_documented.__code__.co_code, _bare.__code__.co_code}


def _is_template(found: object, module: str) -> bool:
    """Whether it is a coroutine function of this module with nothing but a docstring."""
    if not isinstance(found, FunctionType) or not iscoroutinefunction(found):
        return False
    return found.__module__ == module and found.__code__.co_code in _EMPTY


def native_methods(cls: C) -> C:
    """Makes the templates of a handle class native: a method is named as what does its work."""
    for name, template in list(vars(cls).items()):
        if _is_template(template, cls.__module__):
            setattr(cls, name, handle_method(template, name))
    return cls


def native_functions(module: dict[str, Any], find: Callable[[str], Callable[..., Any]]) -> None:
    """Makes the templates of a module native: ``find`` knows what does the work of a name."""
    for name, template in list(module.items()):
        if _is_template(template, module["__name__"]):
            module[name] = native_function(template, find(name))


def native_members(work: dict[str, Callable[..., Any]]) -> Callable[[C], C]:
    """Makes the templates of a class native: ``work`` has what does that of each, by its name."""

    def decorate(cls: C) -> C:
        for name, template in list(vars(cls).items()):
            if _is_template(template, cls.__module__):
                setattr(cls, name, native_function(template, work[name]))
        return cls

    return decorate
