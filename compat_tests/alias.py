"""``import aiofiles`` means rapfiles here, and the real aiofiles can't be reached."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Alias(MetaPathFinder, Loader):
    """Finds ``aiofiles`` and everything below it as the module of the same place in rapfiles."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "aiofiles" or fullname.startswith("aiofiles."):
            return ModuleSpec(fullname, self)
        return None

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes what stands in sys.modules afterwards, so rapfiles' own modules
        # are handed out themselves, their specs and names untouched.
        sys.modules[module.__name__] = importlib.import_module(
            module.__name__.replace("aiofiles", "rapfiles", 1)
        )


class Wall:
    """Stops every opening of a file of the installed aiofiles, and counts the attempts."""

    def __init__(self) -> None:
        spec = importlib.machinery.PathFinder.find_spec("aiofiles")
        places = spec.submodule_search_locations if spec else None
        self.places = tuple(os.path.join(os.path.realpath(place), "") for place in places or ())
        self.attempts: list[str] = []

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        """The audit hook."""
        if event == "open" and isinstance(args[0], str) and args[0].startswith(self.places):
            self.attempts.append(args[0])
            raise ImportError(f"the real aiofiles is out of reach in this run: {args[0]}")


def install() -> Wall:
    """Put the alias and the wall in place, for the rest of the process."""
    loaded = [name for name in sys.modules if name.partition(".")[0] == "aiofiles"]
    if loaded:
        raise RuntimeError(f"too late, already loaded: {loaded}")
    wall = Wall()
    if wall.places:
        sys.addaudithook(wall)
    sys.meta_path.insert(0, Alias())
    return wall


def intruders(wall: Wall) -> list[str]:
    """What shows, at the end of the session, that something other than rapfiles answered."""
    package = os.path.join(os.path.dirname(os.path.realpath(file_of(sys.modules["rapfiles"]))), "")
    found = [f"opened in spite of the wall: {path}" for path in wall.attempts]
    for name, module in list(sys.modules.items()):
        path = os.path.realpath(file_of(module))
        if name.partition(".")[0] == "aiofiles" and not path.startswith(package):
            found.append(f"{name} comes from {path}, not from {package}")
        elif path.startswith(wall.places):
            found.append(f"{name} comes from the real aiofiles, {path}")
    return found


def file_of(module: object) -> str:
    """The file of a module; empty for one without, and for other objects in sys.modules."""
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else ""
