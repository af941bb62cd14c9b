"""Making temporary files. What blocks here runs in an executor."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

from .. import _adopt
from .. import _rapfiles as core
from .._obtain import obtain
from ._closer import Closer
from ._wrap import kinds, wrap

_KNOWS_DELETE_ON_CLOSE = sys.version_info >= (3, 12)


class Place(NamedTuple):
    """Where a temporary file is made, and how it is called."""

    suffix: Any
    prefix: Any
    dir: Any


class Deletion(NamedTuple):
    """When a named file is removed."""

    delete: bool
    delete_on_close: bool


async def make(
    arguments: _adopt.Arguments,
    place: Place,
    deletion: Deletion | None,
    loop: AbstractEventLoop | None,
    executor: Executor | None,
) -> Any:
    """A handle for a new file, named if it is said when it is to be removed."""
    own = loop is None and executor is None and os.name != "nt"
    if own and kinds.have(arguments.mode, arguments.buffering) and arguments.are_native():
        if deletion is None:
            call, dispose = partial(_unnamed, arguments, place), _adopt.close
        else:
            call, dispose = partial(_named, arguments, place, deletion), _remove
        return await obtain(call, dispose, asyncio.get_running_loop(), None)
    loop = loop or asyncio.get_running_loop()
    call = partial(_from_standard_library, arguments, place, deletion)
    file = await obtain(call, _remove_file, loop, executor)
    return _handle(file, deletion, loop, executor)


def _unnamed(arguments: _adopt.Arguments, place: Place) -> Any:
    with tempfile.TemporaryFile("w+b", 0, **place._asdict()) as raw:
        fd = os.dup(raw.fileno())
    return _adopt.adopt(fd, fd, arguments)


def _named(arguments: _adopt.Arguments, place: Place, deletion: Deletion) -> Any:
    fd, path = tempfile.mkstemp(*place)
    try:
        handle = _adopt.adopt(fd, path, arguments)
    except BaseException:
        os.unlink(path)
        raise
    if all(deletion):
        core.handle_remove_when_closed(handle, path)
    handle.delete = deletion.delete
    handle._closer = Closer(path, *deletion)
    return handle


def _remove(handle: Any) -> None:
    core.handle_remove_when_closed(handle, handle.name)
    _adopt.close(handle)


def _from_standard_library(
    arguments: _adopt.Arguments, place: Place, deletion: Deletion | None
) -> Any:
    options = {**arguments._asdict(), **place._asdict()}
    if deletion is None:
        return tempfile.TemporaryFile(**options)
    if _KNOWS_DELETE_ON_CLOSE:
        return tempfile.NamedTemporaryFile(**options, **deletion._asdict())
    return tempfile.NamedTemporaryFile(**options, delete=all(deletion))


def _remove_file(file: Any) -> None:
    file.close()
    if isinstance(file.name, (str, bytes)) and os.path.exists(file.name):
        os.unlink(file.name)


def _handle(
    file: Any, deletion: Deletion | None, loop: AbstractEventLoop, executor: Executor | None
) -> Any:
    """By the type of what is inside of the standard library's wrapper, if there is one."""
    handle = wrap(getattr(file, "file", file), file, loop=loop, executor=executor)
    if deletion is not None:
        handle.delete = deletion.delete
        handle._closer = file._closer
        if not _KNOWS_DELETE_ON_CLOSE and deletion == (True, False):
            handle._closer = Closer(file.name, *deletion)
    return handle
