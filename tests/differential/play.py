"""Carries out a sequence on one side and notes the outcome of every step."""

from __future__ import annotations

import array
import contextlib
import os
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .case import Case, Op, Opening
from .differences import ends_comparison, left_out
from .outcome import Outcome, raised, returned
from .sides import Side

PROPERTIES = ("closed", "name", "mode", "encoding", "errors", "newlines", "line_buffering")


@dataclass
class Played:
    """What a sequence led to: an outcome for the opening and each operation, and what is left."""

    steps: list[Outcome] = field(default_factory=list)
    closing: Outcome = ()
    disk: tuple[int, bytes] | None = None
    descriptor_open: bool | None = None


@dataclass
class State:
    """What the operations of one sequence share."""

    path: Path
    kind: str
    cookies: list[int] = field(default_factory=lambda: [0])
    detached: list[Any] = field(default_factory=list)


async def play(side: Side, case: Case, path: Path) -> Played:
    """Run ``case`` on a fresh file at ``path``."""
    path.unlink(missing_ok=True)
    if case.before is not None:
        path.write_bytes(case.before)
    played = Played()
    target, options, descriptor = arguments(case.opening, path)
    state = State(path, case.opening.kind)
    handle = None
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            handle = await side.open(target, case.opening.mode, **options)
        noted = [(warning.category.__name__, str(warning.message)) for warning in caught]
        played.steps.append(returned(noted))
    except Exception as error:
        played.steps.append(raised(error))
    if handle is not None:
        for index, op in enumerate(case.ops):
            if left_out(case, index):
                played.steps.append(("left out",))
                continue
            played.steps.append(await step(side, handle, op, state))
            if ends_comparison(case, played.steps[-1]):
                break
        played.closing = await attempt(side.call(handle, state.kind, "close"))
        for stream in state.detached:
            with contextlib.suppress(ValueError):
                stream.close()
    if descriptor is not None:
        played.descriptor_open = still_open(descriptor, path)
    played.disk = on_disk(path)
    return played


async def step(side: Side, handle: Any, op: Op, state: State) -> Outcome:
    """The outcome of one operation."""
    own = OWN.get(op.do)
    if own is not None:
        return await attempt(own(side, handle, state, *op.args))
    return await attempt(side.call(handle, state.kind, op.do, *op.args))


async def attempt(work: Any) -> Outcome:
    """The outcome of awaiting ``work``."""
    try:
        return returned(await work)
    except AssertionError:
        raise
    except Exception as error:
        return raised(error)


async def readinto(side: Side, handle: Any, state: State, size: int, form: str) -> Any:
    """``readinto`` a buffer of one of several types, and what it holds afterwards."""
    buffer: Any = bytearray(b"." * size)
    if form == "array":
        buffer = array.array("H", [7] * size)
    result = await side.call(
        handle, state.kind, "readinto", memoryview(buffer) if form == "memoryview" else buffer
    )
    return result, bytes(buffer)


async def iterate(side: Side, handle: Any, state: State, most: int) -> Any:
    """At most ``most`` lines by iteration."""
    return await side.lines(handle, most)


async def mark(side: Side, handle: Any, state: State) -> Any:
    """``tell``, remembered for ``back``."""
    cookie = await side.call(handle, state.kind, "tell")
    state.cookies.append(cookie)
    return cookie


async def back(side: Side, handle: Any, state: State, which: int) -> Any:
    """``seek`` to a remembered position, which is what it must return."""
    cookie = state.cookies[which % len(state.cookies)]
    result = await side.call(handle, state.kind, "seek", cookie)
    return type(result), result == cookie


async def flushed(side: Side, handle: Any, state: State) -> Any:
    """``flush``, after which everything written is on disk."""
    await side.call(handle, state.kind, "flush")
    return on_disk(state.path)


async def written(side: Side, handle: Any, state: State, data: Any) -> Any:
    """``write`` where it reaches the disk at once: raw handles, lines on line-buffered text."""
    result = await side.call(handle, state.kind, "write", data)
    return result, on_disk(state.path)


async def properties(side: Side, handle: Any, state: State) -> Any:
    """The proxied properties. A handle of a descriptor is named after its number, which varies."""
    found = []
    for name in PROPERTIES if state.kind == "text" else PROPERTIES[:3]:
        try:
            value = getattr(handle, name)
        except Exception as error:
            found.append((name, raised(error)))
        else:
            number = name == "name" and isinstance(value, int)
            found.append((name, returned("a number" if number else value)))
    return found


async def inner(side: Side, handle: Any, state: State) -> Any:
    """The type of the stream below: ``buffer`` of text, ``raw`` of buffered handles."""
    return type(getattr(handle, "buffer" if state.kind == "text" else "raw")).__name__


async def detach(side: Side, handle: Any, state: State) -> Any:
    """``detach``: the stream below is the caller's from then on."""
    stream = await side.call(handle, state.kind, "detach")
    state.detached.append(stream)
    return type(stream).__name__


async def fileno(side: Side, handle: Any, state: State) -> Any:
    """``fileno`` is a descriptor of this very file."""
    number = await side.call(handle, state.kind, "fileno")
    return type(number).__name__, os.path.samestat(os.fstat(number), os.stat(state.path))


FUNCTIONS: list[Callable[..., Awaitable[Any]]] = [readinto, iterate, mark, back, flushed, written]
FUNCTIONS += [properties, inner, detach, fileno]
OWN = {function.__name__: function for function in FUNCTIONS}


def arguments(opening: Opening, path: Path) -> tuple[Any, dict[str, Any], int | None]:
    """The path in the form that is asked for, the options, and the descriptor if one was made."""
    options = dict(opening.options)
    if opening.via in ("descriptor", "borrowed descriptor"):
        append = os.O_APPEND if "a" in opening.mode else 0
        descriptor = os.open(path, os.O_RDWR | append | getattr(os, "O_BINARY", 0))
        return descriptor, options | {"closefd": opening.via == "descriptor"}, descriptor
    if opening.via == "opener":
        options["opener"] = lambda name, flags: os.open(name, flags, 0o640)
    forms: dict[str, Callable[[Path], Any]] = {"bytes": os.fsencode, "PathLike": Path}
    return forms.get(opening.via, str)(path), options, None


def still_open(descriptor: int, path: Path) -> bool:
    """Whether ``descriptor`` is still this file's; it is closed by now in any case."""
    try:
        same = os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False
    if same:
        os.close(descriptor)
    return same


def on_disk(path: Path) -> tuple[int, bytes] | None:
    """The file's mode and bytes, None if there is none."""
    try:
        return path.stat().st_mode, path.read_bytes()
    except FileNotFoundError:
        return None
