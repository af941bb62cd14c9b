"""What directories look like, and those that do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, AnyStr, Generic

from . import _rapfiles
from .errors import PatternError

if TYPE_CHECKING:
    from os import PathLike


_VERSION = 1
_DEEPEST = 64
_FILES = ("required_files", "optional_files")
_DIRECTORIES = ("required_directories", "optional_directories")


@dataclass(frozen=True)
class StructurePattern:
    """What a directory looks like: its name, the files in it, the directories in it.

    Names are globs: ``*``, ``?``, ``[…]`` and ``{a,b}``, in the case they are written in. A file is
    a regular file or a symbolic link to one. Patterns with the same parts are equal.

    Args:
        directory: The directory's name.
        required_files: Each must match a file in the directory at least.
        optional_files: Those that may be there.
        required_directories: Each must match a directory in the directory at least.
        optional_directories: Those that may be there.

    Raises:
        PatternError: A glob is none, or has a slash.
        ValueError: A part is there twice, or there are more than 64 directories within directories.

    ```python
    from rapfiles import StructurePattern

    run = StructurePattern(
        "run-*",
        required_files=["config.json"],
        required_directories=[StructurePattern("data", required_files=["*.csv"])],
    )
    print(run == StructurePattern.from_json(run.to_json()))
    #> True
    ```
    """

    directory: str = "*"
    required_files: tuple[str, ...] = field(default=(), kw_only=True)
    optional_files: tuple[str, ...] = field(default=(), kw_only=True)
    required_directories: tuple[StructurePattern, ...] = field(default=(), kw_only=True)
    optional_directories: tuple[StructurePattern, ...] = field(default=(), kw_only=True)

    if TYPE_CHECKING:

        def __init__(
            self,
            directory: str = "*",
            *,
            required_files: Iterable[str] = (),
            optional_files: Iterable[str] = (),
            required_directories: Iterable[StructurePattern] = (),
            optional_directories: Iterable[StructurePattern] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        _check_glob("directory", self.directory)
        for name in _FILES + _DIRECTORIES:
            given = getattr(self, name)
            if isinstance(given, (str, bytes, StructurePattern)):
                raise TypeError(f"{name} must be several, not one: {given!r}")
            parts = tuple(given)
            for part in parts:
                if name in _FILES:
                    _check_glob(name, part)
                elif not isinstance(part, StructurePattern):
                    raise TypeError(f"{name} must be of StructurePattern: {part!r}")
            if len(set(parts)) < len(parts):
                raise ValueError(f"{name} has the same part twice: {list(parts)!r}")
            object.__setattr__(self, name, parts)
        if _depth(self) > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} directories within directories")

    def __repr__(self) -> str:
        parts = [
            f"{name}={list(value)!r}"
            for name in _FILES + _DIRECTORIES
            if (value := getattr(self, name))
        ]
        return f"StructurePattern({', '.join([repr(self.directory), *parts])})"

    def to_dict(self) -> dict[str, Any]:
        """The pattern as what JSON knows, with the version of this format."""
        return {"version": _VERSION, **_parts(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StructurePattern:
        """A pattern out of what `to_dict` made of it.

        Raises:
            ValueError: A key isn't known, a value isn't what it should be, or the version isn't 1;
                it says where.
            PatternError: A glob is none.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"not a structure pattern: {data!r}")
        if "version" not in data:
            raise ValueError("version: is missing")
        version = data["version"]
        if version != _VERSION or isinstance(version, bool):
            raise ValueError(f"version: must be {_VERSION}: {version!r}")
        return _read({key: value for key, value in data.items() if key != "version"}, "")

    def to_json(self, *, indent: int | None = None) -> str:
        """The pattern as JSON, in ASCII."""
        return json.dumps(self.to_dict(), indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> StructurePattern:
        """A pattern out of what `to_json` made of it; errors as of `from_dict` and `json`."""
        try:
            return cls.from_dict(json.loads(text))
        except RecursionError:
            raise ValueError(f"more than {_DEEPEST} directories within directories") from None

    async def matches(
        self, directory: AnyStr | PathLike[AnyStr], *, follow_symlinks: bool = False
    ) -> StructureMatch[AnyStr] | None:
        """Whether a directory looks like this: the match, or None.

        Args:
            directory: A directory.
            follow_symlinks: Whether links to directories in it count as directories.

        Raises:
            OSError: The directory, or one in it that the pattern asks for, can't be read.
        """
        return await _rapfiles.structure_matches(directory, self, follow_symlinks)

    async def parents_of(
        self, file: AnyStr | PathLike[AnyStr], *, follow_symlinks: bool = False
    ) -> list[StructureMatch[AnyStr]]:
        """The directories above a file that look like this, the nearest first, with absolute paths.

        Raises:
            FileNotFoundError: There is no such file.
        """
        return await _rapfiles.structures_above(absolute(file), (self,), follow_symlinks)


def absolute(path: AnyStr | PathLike[AnyStr]) -> AnyStr:
    """The path from the root of everything on; nothing remains nothing, and isn't there."""
    plain = os.fspath(path)
    return os.path.abspath(plain) if plain else plain


def _check_glob(name: str, glob: object) -> None:
    if not isinstance(glob, str):
        raise TypeError(f"{name} must be of str: {glob!r}")
    _rapfiles.check_name_glob(glob)


def _depth(pattern: StructurePattern) -> int:
    inner = pattern.required_directories + pattern.optional_directories
    return 1 + max(map(_depth, inner), default=0)


def _parts(pattern: StructurePattern) -> dict[str, Any]:
    parts: dict[str, Any] = {"directory": pattern.directory}
    parts.update((name, list(getattr(pattern, name))) for name in _FILES)
    parts.update(
        (name, [_parts(inner) for inner in getattr(pattern, name)]) for name in _DIRECTORIES
    )
    return parts


def _read(data: Mapping[str, Any], place: str) -> StructurePattern:
    """The pattern that stands at a place of a bigger one."""
    for key, value in data.items():
        at = f"{place}{key}"
        if key == "directory":
            _read_glob(value, at)
        elif key not in _FILES + _DIRECTORIES:
            raise ValueError(f"{at}: unknown key")
        elif not isinstance(value, (list, tuple)):
            raise ValueError(f"{at}: must be a list: {value!r}")
    made: dict[str, Any] = {name: [] for name in _FILES + _DIRECTORIES}
    for name in _FILES:
        for number, glob in enumerate(data.get(name, [])):
            made[name].append(_read_glob(glob, f"{place}{name}[{number}]"))
    for name in _DIRECTORIES:
        for number, inner in enumerate(data.get(name, [])):
            at = f"{place}{name}[{number}]"
            if not isinstance(inner, Mapping):
                raise ValueError(f"{at}: must be an object: {inner!r}")
            if at.count("[") >= _DEEPEST:
                raise ValueError(f"more than {_DEEPEST} directories within directories")
            made[name].append(_read(inner, f"{at}."))
    try:
        return StructurePattern(data.get("directory", "*"), **made)
    except PatternError:
        raise
    except ValueError as error:
        raise ValueError(f"{place}{error}") from None


def _read_glob(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{at}: must be a string: {value!r}")
    try:
        _rapfiles.check_name_glob(value)
    except PatternError as error:
        raise PatternError(error.pattern, error.position, f"{at}: {error.reason}") from None
    return value


@dataclass(frozen=True)
class StructurePart(Generic[AnyStr]):
    """The part of a pattern that a file is there for."""

    match: StructureMatch[AnyStr]
    """The directory that the file is in: the match itself, or one within it."""
    glob: str
    """The glob that its name matches."""
    required: bool
    """Whether one such file is required."""


@dataclass(frozen=True)
class StructureMatch(Generic[AnyStr]):
    """A directory that looks as a pattern says, as it was when it was looked at.

    It is an `os.PathLike`.
    """

    path: AnyStr
    """The directory: the root as it was given, and the way from there."""
    pattern: StructurePattern
    """What it looks like."""
    required_files: dict[str, tuple[AnyStr, ...]]
    """For each glob, the files that match it."""
    optional_files: dict[str, tuple[AnyStr, ...]]
    """For each glob, the files that match it; there may be none."""
    required_directories: dict[StructurePattern, tuple[StructureMatch[AnyStr], ...]]
    """For each pattern, the directories within that match it."""
    optional_directories: dict[StructurePattern, tuple[StructureMatch[AnyStr], ...]]
    """For each pattern, the directories within that match it; there may be none."""

    def __fspath__(self) -> AnyStr:
        return self.path

    def __hash__(self) -> int:
        return hash((self.path, self.pattern))

    def __repr__(self) -> str:
        return f"<StructureMatch {self.path!r} of {self.pattern!r}>"

    @property
    def name(self) -> AnyStr:
        """The directory's name."""
        return os.path.basename(absolute(self.path))

    @property
    def within(self) -> tuple[StructureMatch[AnyStr], ...]:
        """The matches directly within this one."""
        found: list[StructureMatch[AnyStr]] = []
        for directories in (self.required_directories, self.optional_directories):
            for matches in directories.values():
                found.extend(matches)
        return tuple(found)

    @property
    def files(self) -> tuple[AnyStr, ...]:
        """The files that parts of the pattern name, here and within, each once, sorted."""
        files: set[AnyStr] = set()
        for named in (self.required_files, self.optional_files):
            files.update(*named.values())
        files.update(*(match.files for match in self.within))
        return tuple(sorted(files))

    async def all_files(self) -> list[AnyStr]:
        """Every file in the directory, at any depth, sorted: also those that no part of the pattern
        names.

        It is looked up anew each time. Symbolic links are not followed: they are files here, as is
        everything that is no directory.

        Raises:
            OSError: A directory can't be read.
        """
        return await _rapfiles.all_files(self.path)

    def parents_of(self, file: AnyStr | PathLike[AnyStr]) -> tuple[StructureMatch[AnyStr], ...]:
        """The matches that a path is in, the nearest first; this one is the last. Asks no disk.

        Raises:
            ValueError: The path isn't in this directory.
        """
        path, here = absolute(file), absolute(self.path)
        if not _is_in(path, here):
            raise ValueError(f"{path!r} is not in {here!r}")
        parents: list[StructureMatch[AnyStr]] = []
        for match in self.within:
            if not parents and _is_in(path, absolute(match.path)):
                parents.extend(match.parents_of(path))
        parents.append(self)
        return tuple(parents)

    def parts_of(self, file: AnyStr | PathLike[AnyStr]) -> tuple[StructurePart[AnyStr], ...]:
        """The parts of the pattern, here and within, that a file is there for. Asks no disk."""
        path = absolute(file)
        parts: list[StructurePart[AnyStr]] = []
        for required, named in ((True, self.required_files), (False, self.optional_files)):
            for glob, files in named.items():
                if path in map(absolute, files):
                    parts.append(StructurePart(self, glob, required))
        for match in self.within:
            parts.extend(match.parts_of(path))
        return tuple(parts)


def _is_in(path: AnyStr, directory: AnyStr) -> bool:
    """Whether an absolute path is in a directory."""
    return path != directory and os.path.commonpath([path, directory]) == directory


@dataclass(frozen=True)
class Assessment(Generic[AnyStr]):
    """What a file is part of."""

    file: AnyStr
    """The file, by its absolute path."""
    match: StructureMatch[AnyStr]
    """A directory above it that matches a pattern."""
    parts: tuple[StructurePart[AnyStr], ...]
    """The parts of the pattern that it is there for; none if it is merely in the directory."""

    @property
    def pattern(self) -> StructurePattern:
        """The pattern that the directory matches."""
        return self.match.pattern


def patterns_of(
    given: StructurePattern | Iterable[StructurePattern],
) -> tuple[StructurePattern, ...]:
    """One pattern or several."""
    patterns = (given,) if isinstance(given, StructurePattern) else tuple(given)
    for pattern in patterns:
        if not isinstance(pattern, StructurePattern):
            raise TypeError(f"not a StructurePattern: {pattern!r}")
    return patterns
