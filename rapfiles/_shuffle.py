"""Copying and moving directories that look as patterns say."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, AnyStr, Literal, cast

from . import _rapfiles
from ._long import carry, checked, outcome
from ._scan import start
from ._structure import StructureMatch, StructurePattern, absolute, patterns_of

if TYPE_CHECKING:
    from os import PathLike

    from .types import Progress, StrOrBytesPath

    _Action = Literal[
        "make_dir", "copy_file", "copy_link", "move_dir", "move_file", "finish_dir", "remove_dir"
    ]


@dataclass(frozen=True)
class ShuffleStep:
    """One thing that a shuffle does."""

    action: _Action
    """What: ``make_dir``, ``copy_file``, ``copy_link``, ``move_dir`` (with all that is in it),
    ``move_file``, ``finish_dir`` (it gets the mode and times of the original), ``remove_dir`` (an
    original that is empty by now)."""
    source: str | bytes | None
    """The original; None for a directory around the copies."""
    target: str | bytes | None
    """What becomes of it; None for what is removed."""
    size: int
    """Bytes of a file."""
    replaces: bool
    """Whether a file that is there is replaced."""

    def to_dict(self) -> dict[str, Any]:
        """The step as what JSON knows."""
        source = None if self.source is None else os.fsdecode(self.source)
        target = None if self.target is None else os.fsdecode(self.target)
        return {
            "action": self.action,
            "source": source,
            "target": target,
            "size": self.size,
            "replaces": self.replaces,
        }


@dataclass(frozen=True)
class ShuffleReport:
    """What a shuffle has done; with ``dry_run=True``, what it would do."""

    dry_run: bool
    """Whether nothing was done."""
    steps: tuple[ShuffleStep, ...]
    """What was done, in order."""
    errors: tuple[OSError, ...]
    """What went wrong, with ``on_error="collect"``."""
    bytes: int
    """Bytes that were copied."""

    def to_dict(self) -> dict[str, Any]:
        """The report as what JSON knows."""
        return {
            "dry_run": self.dry_run,
            "steps": [step.to_dict() for step in self.steps],
            "errors": [str(error) for error in self.errors],
            "bytes": self.bytes,
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """The report as JSON, in ASCII."""
        return json.dumps(self.to_dict(), indent=indent)


@dataclass(frozen=True)
class _How:
    mode: str
    dry_run: bool
    overwrite: bool
    on_error: str
    progress: Progress | None

    def __post_init__(self) -> None:
        checked("mode", self.mode, "copy", "move")
        checked("on_error", self.on_error, "raise", "collect")


async def shuffle(
    root: AnyStr | PathLike[AnyStr],
    patterns: StructurePattern | Iterable[StructurePattern],
    destination: StrOrBytesPath,
    *,
    mode: Literal["copy", "move"] = "copy",
    dry_run: bool = False,
    overwrite: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    max_depth: int | None = None,
    hidden: bool = False,
    threads: int | None = None,
) -> ShuffleReport:
    """Copies or moves every directory of a tree that matches into a destination.

    A directory keeps its name and goes whole, with every file in it, at any depth, and so do
    directories within it that match. Files are copied with mode and times, without their owners;
    symbolic links as links. A file has its name when it is whole: what is cancelled or fails leaves
    whole files only.

    Everything is planned before anything is done. The destination itself is not looked at.

    Args:
        root: Where to look for directories.
        patterns: One pattern or several.
        destination: The directory they go to. It is made if it isn't there.
        mode: ``"copy"``, or ``"move"``: by renaming, or between filesystems by copying and removing
            file by file.
        dry_run: Whether only the plan is made.
        overwrite: Whether a directory of that name at the destination is added to, and files in it
            replaced. Otherwise it is an error that it is there.
        on_error: ``"raise"`` ends everything with the first error. ``"collect"`` leaves out what
            can't be done and tells why in the report.
        progress: Called now and then with the number of steps done, that of all steps, and the
            bytes copied. It may be asynchronous. An exception ends everything.
        max_depth: As for `scan`.
        hidden: As for `scan`.
        threads: As for `scan`.

    Raises:
        OSError: Something can't be read, written, or is there already.
        ValueError: A directory would go into itself.

    ```python
    import rapfiles
    from rapfiles import StructurePattern

    await rapfiles.os.makedirs("in/run-1")
    await rapfiles.write_file("in/run-1/values.csv", "1,2")
    run = StructurePattern("run-*", required_files=["*.csv"])
    report = await rapfiles.shuffle("in", run, "archive")
    print([step.action for step in report.steps], report.bytes)
    #> ['make_dir', 'make_dir', 'copy_file', 'finish_dir'] 3
    ```
    """
    how = _How(mode, dry_run, overwrite, on_error, progress)
    but = None if os.fspath(destination) in ("", b"") else destination
    matches, errors = await _scan(root, patterns, but, how, max_depth, hidden, threads)
    return await _carry(_into(_outermost(matches), destination), errors, how)


async def shuffle_to(
    matches: StructureMatch[AnyStr]
    | Iterable[StructureMatch[AnyStr]]
    | AsyncIterable[StructureMatch[AnyStr]],
    destination: StrOrBytesPath,
    *,
    mode: Literal["copy", "move"] = "copy",
    dry_run: bool = False,
    overwrite: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
) -> ShuffleReport:
    """Copies or moves directories that were found into a destination. See `shuffle`.

    Args:
        matches: One match, or several: also the stream that `scan` returns.
        destination: The directory they go to. It is made if it isn't there.
        mode: As for `shuffle`.
        dry_run: As for `shuffle`.
        overwrite: As for `shuffle`.
        on_error: As for `shuffle`.
        progress: As for `shuffle`.

    ```python
    import rapfiles
    from rapfiles import StructurePattern

    await rapfiles.os.makedirs("in/run-1")
    await rapfiles.write_file("in/run-1/values.csv", "1,2")
    match = await StructurePattern("run-*").matches("in/run-1")
    await rapfiles.shuffle_to(match, "archive", mode="move")
    print(await rapfiles.os.listdir("archive"), await rapfiles.os.listdir("in"))
    #> ['run-1'] []
    ```
    """
    how = _How(mode, dry_run, overwrite, on_error, progress)
    if isinstance(matches, StructureMatch):
        found = [matches]
    elif isinstance(matches, AsyncIterable):
        found = [match async for match in matches]
    else:
        found = list(matches)
    return await _carry(_into(_outermost(found), destination), [], how)


async def shuffle_with(
    root: AnyStr | PathLike[AnyStr],
    patterns: StructurePattern | Iterable[StructurePattern],
    compute: Callable[
        [StructureMatch[AnyStr]], Awaitable[StrOrBytesPath | None] | StrOrBytesPath | None
    ],
    *,
    mode: Literal["copy", "move"] = "copy",
    dry_run: bool = False,
    overwrite: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    max_depth: int | None = None,
    hidden: bool = False,
    threads: int | None = None,
) -> ShuffleReport:
    """Copies or moves every directory of a tree that matches to where ``compute`` says.

    See `shuffle`.

    Args:
        root: Where to look for directories.
        patterns: One pattern or several.
        compute: Called with each match, in the order of their paths. It returns the path that the
            directory itself gets, or None to leave it where it is. It may be asynchronous.
        mode: As for `shuffle`.
        dry_run: As for `shuffle`.
        overwrite: As for `shuffle`.
        on_error: As for `shuffle`.
        progress: As for `shuffle`.
        max_depth: As for `scan`.
        hidden: As for `scan`.
        threads: As for `scan`.

    ```python
    import rapfiles
    from rapfiles import StructurePattern

    await rapfiles.os.makedirs("in/run-1")
    await rapfiles.write_file("in/run-1/values.csv", "1,2")
    run = StructurePattern("run-*", required_files=["*.csv"])
    await rapfiles.shuffle_with("in", run, lambda match: f"archive/2025/{match.name}")
    print(await rapfiles.os.listdir("archive/2025/run-1"))
    #> ['values.csv']
    ```
    """
    how = _How(mode, dry_run, overwrite, on_error, progress)
    matches, errors = await _scan(root, patterns, None, how, max_depth, hidden, threads)
    errands: list[tuple[Any, Any]] = []
    taken: AnyStr | None = None
    for match in _sorted(matches):
        if taken is None or not _goes_with(match.path, taken):
            target = await outcome(compute(match))
            if target is not None:
                errands.append((match.path, target))
                taken = match.path
    return await _carry(errands, errors, how)


async def _scan(
    root: AnyStr | PathLike[AnyStr],
    patterns: StructurePattern | Iterable[StructurePattern],
    but: StrOrBytesPath | None,
    how: _How,
    max_depth: int | None,
    hidden: bool,
    threads: int | None,
) -> tuple[list[StructureMatch[AnyStr]], list[OSError]]:
    strict = how.on_error == "raise"
    stream = start(root, patterns_of(patterns), but, max_depth, False, hidden, threads, strict)
    return await stream, list(stream.errors)


def _sorted(matches: Sequence[StructureMatch[AnyStr]]) -> list[StructureMatch[AnyStr]]:
    """By path: a directory just before those within it, whatever they are called."""
    sep = os.fsencode(os.sep)
    return sorted(matches, key=lambda match: os.fsencode(absolute(match.path)).split(sep))


def _goes_with(path: AnyStr, taken: AnyStr) -> bool:
    path, taken = absolute(path), absolute(taken)
    return os.path.commonpath([path, taken]) == taken


def _outermost(matches: Sequence[StructureMatch[AnyStr]]) -> list[StructureMatch[AnyStr]]:
    """The matches without those that go with another one."""
    found: list[StructureMatch[AnyStr]] = []
    for match in _sorted(matches):
        if not found or not _goes_with(match.path, found[-1].path):
            found.append(match)
    return found


def _into(
    matches: Sequence[StructureMatch[AnyStr]], destination: StrOrBytesPath
) -> list[tuple[Any, Any]]:
    """Each match, and where it goes in the destination."""
    into = os.fsencode(destination)
    if not into:
        raise FileNotFoundError(2, os.strerror(2), os.fspath(destination))
    return [(match.path, os.path.join(into, os.fsencode(match.name))) for match in matches]


async def _carry(errands: list[tuple[Any, Any]], errors: list[OSError], how: _How) -> ShuffleReport:
    shuffle = _rapfiles.Shuffle(
        errands, how.mode == "move", how.overwrite, how.on_error == "collect"
    )
    await shuffle.plan()
    if not how.dry_run:
        await carry(shuffle, how.progress)
    steps = tuple(ShuffleStep(*cast("Any", step)) for step in shuffle.steps(not how.dry_run))
    return ShuffleReport(how.dry_run, steps, (*errors, *shuffle.troubles()), shuffle.progress()[2])
