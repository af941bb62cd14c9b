"""What goes wrong, as an answer to the client."""

from __future__ import annotations

from starlette.exceptions import HTTPException


class FileNotServed(HTTPException, RuntimeError):
    """There is no such file, or it isn't a regular one.

    Starlette's own response raises a `RuntimeError` then, which the client sees as an error of the
    server. This is one too; applications answer it with 404.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(status_code=404)
        self.problem = problem
        """What is wrong with it: for logs, since it names the path."""

    def __str__(self) -> str:
        return self.problem


class MalformedRange(Exception):
    """A range that is none: 400."""


class RangeNotSatisfiable(Exception):
    """A range outside of the file: 416."""


class UploadTooLarge(HTTPException):
    """An upload has more bytes than it may have. Applications answer 413."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(status_code=413)
        self.max_bytes = max_bytes
        """How many it may have."""
