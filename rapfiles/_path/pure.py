"""What a path is without a disk: a pure path of `pathlib`, and how others take it."""

from __future__ import annotations

import os
import pathlib
import sys
from typing import TYPE_CHECKING, Any

if sys.platform == "win32":
    from pathlib import PureWindowsPath as _PurePath
else:
    from pathlib import PurePosixPath as _PurePath

if TYPE_CHECKING:
    from typing_extensions import Self


# Comparing, hashing, pickling are theirs.
class Pure(_PurePath):
    """The part of a path that asks no disk."""

    __slots__ = ()

    if TYPE_CHECKING:
        # For those who compare it with other kinds of paths.
        def __eq__(self, other: object, /) -> bool: ...
        def __hash__(self) -> int: ...

    def _made(self, *segments: str | os.PathLike[str]) -> Self:
        """Another path of this kind."""
        if sys.version_info >= (3, 12):
            return self.with_segments(*segments)
        return type(self)(*segments)

    def absolute(self) -> Self:
        """The path from the root on. Symbolic links and ``..`` are left as they are.

        This asks for the working directory, which waits for no disk.
        """
        if self.is_absolute():
            return self
        # Each drive has a working directory of its own.
        start = os.path.abspath(self.drive) if self.drive else os.getcwd()
        return self._made(start, self)

    if sys.version_info >= (3, 13):

        @classmethod
        def from_uri(cls, uri: str) -> Self:
            """The path that a ``file:`` URI stands for.

            Raises:
                ValueError: It is none of an absolute path.
            """
            return cls(pathlib.Path.from_uri(uri))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """How Pydantic makes one: of a str or any path; strictly, of its own kind only."""
        from pydantic_core import core_schema

        string = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        own = core_schema.is_instance_schema(cls)
        other = core_schema.no_info_after_validator_function(
            cls, core_schema.is_instance_schema(os.PathLike)
        )
        return core_schema.lax_or_strict_schema(
            lax_schema=core_schema.union_schema([own, string, other], mode="left_to_right"),
            strict_schema=core_schema.json_or_python_schema(json_schema=string, python_schema=own),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """What a schema of JSON says of it."""
        return {"type": "string", "format": "path"}
