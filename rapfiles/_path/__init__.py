"""Paths with coroutines for what `pathlib` blocks for."""

from __future__ import annotations

from .changes import Changes
from .contents import Contents
from .copies import Copies
from .trees import Trees


class Path(Contents, Changes, Copies, Trees):
    """A path as those of `pathlib`, whose I/O is awaited.

    What needs no disk is `pathlib`'s own: it is a `PurePath`, equal to and sorted among others. All
    else has the names of `pathlib.Path` and is awaited; what gives many paths is a stream.

    ```python
    from rapfiles import Path

    path = Path("reports") / "2024" / "june.txt"
    await path.parent.mkdir(parents=True)
    await path.write_text("fine")
    print(await path.exists(), path.suffix, await path.read_text())
    #> True .txt fine

    async for found in Path("reports").rglob("*.txt"):
        print(found)
    #> reports/2024/june.txt
    ```

    It can be used wherever a path can, as a field of a Pydantic model and as a parameter of a
    FastAPI function.
    """

    __slots__ = ()


# Where it is found, and where pickles of it point to.
Path.__module__ = "rapfiles"
