"""Many names at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _rapfiles
from ._long import carry

if TYPE_CHECKING:
    from .types import Progress, StrOrBytesPath


@dataclass(frozen=True)
class RenameReport:
    """What `rename_files` has done; with ``dry_run=True``, what it would do."""

    dry_run: bool
    """Whether nothing was done."""
    renames: tuple[tuple[StrOrBytesPath, StrOrBytesPath], ...]
    """Old and new paths, as they were given."""

    async def undo(self) -> RenameReport:
        """Gives everything its old path again: all of it, or nothing.

        Raises:
            OSError: Something isn't where it was put, or its old path isn't free any more.
            ValueError: It was a dry run.

        ```python
        import rapfiles

        report = await rapfiles.rename_files({"notes.txt": "old.txt"})
        await report.undo()
        print(await rapfiles.ospath.exists("notes.txt"))
        #> True
        ```
        """
        if self.dry_run:
            raise ValueError("nothing was renamed: it was a dry run")
        return await rename_files([(new, old) for old, new in self.renames])


async def rename_files(
    plan: Mapping[StrOrBytesPath, StrOrBytesPath]
    | Mapping[str, str]
    | Iterable[tuple[StrOrBytesPath, StrOrBytesPath]],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> RenameReport:
    """Gives many files and directories other paths: all of them, or none.

    The plan is looked at as a whole first: everything must be there, no two may get the same path,
    and a new path must be free, or be one that the plan frees. Names may be passed on and exchanged
    in any order: where they go round, one of them waits under a temporary name. If something fails
    then, time is up or the task is cancelled, what was renamed gets its old path again.

    Nothing is ever replaced, and nothing goes to another filesystem: that is for `move_files`.

    Args:
        plan: Old and new paths: a mapping, or pairs.
        dry_run: Whether the plan is only looked at.
        progress: Called now and then with the number of calls done, that of all, and 0. It may be
            asynchronous. An exception ends everything.
        timeout: Seconds after which everything is taken back.

    Returns:
        What was done, which can be undone.

    Raises:
        FileNotFoundError: Something isn't there, or the directory of a new path.
        FileExistsError: A new path isn't free.
        OSError: Something can't be renamed.
        ValueError: A path is there twice, or lies within a directory that is renamed too.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    plan = {"notes.txt": "config.json", "config.json": "notes.txt"}
    report = await rapfiles.rename_files(plan)
    print((await rapfiles.stat("notes.txt")).size, (await rapfiles.stat("config.json")).size)
    #> 31 44
    await report.undo()
    ```
    """
    pairs = list(plan.items() if isinstance(plan, Mapping) else plan)
    work = _rapfiles.rename_files(pairs, dry_run)
    renamed = await carry(work, progress, timeout)
    return RenameReport(dry_run, tuple((old, new) for old, new in renamed))
