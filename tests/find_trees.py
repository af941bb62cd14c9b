"""Made trees for `find`, a plain model of its filters, and repositories for git."""

from __future__ import annotations

import fnmatch
import os
import random
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rapfiles

NAMES = [
    "a",
    "b",
    "ab.txt",
    "b.TXT",
    "README.md",
    ".hidden",
    "été.py",
    "x.tar.gz",
    "no\udcffutf",
    "[x]",
]
SIZES = [0, 1, 100, 1_024, 5_000]
START = 1_700_000_000


async def found(*given: Any, **options: Any) -> set[str]:
    """The paths that `find` gives; none may come twice, and nothing may go wrong."""
    stream = rapfiles.find(*given, **options)
    paths = [os.fspath(entry) for entry in await stream]
    assert not stream.errors
    assert len(paths) == len(set(paths))
    return set(paths)


def make_tree(root: Path, chance: random.Random, depth: int = 0) -> None:
    """Files, directories, links and FIFOs of many sizes and times."""
    for name in chance.sample(NAMES, chance.randrange(1, 6)):
        path = root / name
        kind = chance.randrange(10)
        if kind < 4 and depth < 3:
            path.mkdir()
            make_tree(path, chance, depth + 1)
        elif kind == 4:
            path.symlink_to(chance.choice(["..", "a", "nowhere"]))
            continue
        elif kind == 5:
            os.mkfifo(path)
        else:
            path.write_bytes(bytes(chance.choice(SIZES)))
            path.chmod(chance.choice([0o644, 0o755]))
        when = START + chance.randrange(1_000)
        os.utime(path, ns=(when * 10**9, when * 10**9 + chance.randrange(10**9)))


@dataclass(frozen=True)
class Seen:
    """An entry, as `os` tells of it."""

    path: str
    name: str
    depth: int
    status: os.stat_result

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def type(self) -> str:
        kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "symlink"}
        return kinds.get(stat.S_IFMT(self.status.st_mode), "fifo")


def entries(root: str, hidden: bool) -> Iterator[Seen]:
    """Everything below a root, as os.walk finds it."""
    for top, directories, files in os.walk(root):
        if not hidden:
            directories[:] = [name for name in directories if name[0] != "."]
            files = [name for name in files if name[0] != "."]
        for name in directories + files:
            path = os.path.join(top, name)
            depth = os.path.relpath(path, root).count("/") + 1
            yield Seen(path, name, depth, os.lstat(path))


def is_empty(entry: Seen) -> bool:
    """A file or directory with nothing in it."""
    if entry.type == "dir":
        return not os.listdir(entry.path)
    return entry.is_file and entry.status.st_size == 0


def passes(entry: Seen, options: dict[str, Any]) -> bool:
    """What `find` promises of one entry."""
    mtime = entry.status.st_mtime_ns
    sizes = [options.get(name) for name in ("min_size", "max_size")]
    checks: dict[str, Callable[[Any], bool]] = {
        "pattern": lambda pattern: matches(entry.name, pattern, options.get("case_sensitive")),
        "file_type": lambda types: entry.type in types,
        "extension": lambda extension: (
            entry.name.lower().endswith("." + extension) and len(entry.name) > len(extension) + 1
        ),
        "min_depth": lambda depth: entry.depth >= depth,
        "max_depth": lambda depth: entry.depth <= depth,
        "min_size": lambda size: entry.status.st_size >= size,
        "max_size": lambda size: entry.status.st_size <= size,
        "mtime_after": lambda when: mtime >= when * 10**9,
        "mtime_before": lambda when: mtime < when * 10**9,
        "owner": lambda owner: entry.status.st_uid == owner,
        "empty": lambda empty: is_empty(entry) == empty,
    }
    given = {name: value for name, value in options.items() if value is not None}
    return (entry.is_file or sizes == [None, None]) and all(
        checks[name](value) for name, value in given.items() if name in checks
    )


def matches(name: str, pattern: str, case: bool | None) -> bool:
    """As fnmatch, with smart case."""
    if case is None:
        case = pattern != pattern.lower()
    if not case:
        name, pattern = name.lower(), pattern.lower()
    return fnmatch.fnmatchcase(name, pattern)


def make_repository(top: Path, config: str = "") -> None:
    """As little of one as git accepts."""
    for directory in ("objects", "refs", "info"):
        (top / ".git" / directory).mkdir(parents=True, exist_ok=True)
    (top / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (top / ".git/config").write_text(f"[core]\nrepositoryformatversion = 0\n{config}")


def listed_by_git(top: Path, environment: dict[str, str]) -> set[str]:
    """What `git ls-files` finds, other repositories aside."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "-z", "--exclude-standard"],
        cwd=top,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    paths = {os.fsdecode(path) for path in done.stdout.split(b"\0") if path}
    return {os.path.join(top, path) for path in paths if not path.endswith("/")}
