"""What is seldom asked, or needs what only Python knows: `pathlib` itself, in an executor."""

from __future__ import annotations

import errno
import os
import pathlib
from collections.abc import Callable
from typing import Any

from ..base import wrap

# What `pathlib` takes for the absence of a file, by errno and by Windows' own numbers.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP}
_ABSENT_ON_WINDOWS = {21, 123, 1921}


def blocking(name: str) -> Callable[..., Any]:
    """The coroutine function that runs a method of `pathlib.Path`, by its name."""

    def method(path: pathlib.PurePath, *args: Any, **kwargs: Any) -> Any:
        return getattr(pathlib.Path(path), name)(*args, **kwargs)

    return wrap(method)


def question(answer: Callable[[int], bool], follow: bool = True) -> Callable[..., Any]:
    """The coroutine function that answers a question from a path's mode, as `pathlib` does."""

    def ask(path: pathlib.PurePath, *, follow_symlinks: bool = follow) -> bool:
        try:
            status = os.stat(path, follow_symlinks=follow_symlinks)
        except OSError as error:
            windows = getattr(error, "winerror", None)
            if error.errno not in _ABSENT and windows not in _ABSENT_ON_WINDOWS:
                raise
            return False
        except ValueError:
            # No file can have such a name.
            return False
        return answer(status.st_mode)

    return wrap(ask)
