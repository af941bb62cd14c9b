"""The files that rows work on: made once per run from a fixed seed, the same for every peer."""

from __future__ import annotations

import errno
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from benchmarks.harness.ext4 import spread_out
from benchmarks.harness.forest import plant
from benchmarks.harness.library import write_big, write_small

WORDS = "the loop waits for no disk: une boîte à lettres, grüne Bäume, числа и буквы, 文件, café"


@dataclass(frozen=True)
class Scale:
    """How much work a sample is. `QUICK` is for trying the harness; its figures are nothing."""

    files: int = 1_000
    passes: int = 5
    tasks: int = 100
    lines: int = 100_000
    pieces: int = 100_000
    big: int = 64 * 2**20
    stream: int = 100_000_000
    gap_tasks: int = 1_000
    imports: int = 5
    noops: int = 5_000
    forest: int = 200_000
    folders: int = 35_000
    wood: int = 1_000_000
    clearings: int = 175_000
    texts: int = 100_000
    book: int = 2**30
    load: int = 3
    copied: int = 20_000


QUICK = Scale(
    *(100, 2, 100, 2_000, 2_000, 8 * 2**20, 10_000_000, 200, 1, 500),
    *(2_000, 350, 10_000, 1_750, 500, 2**22, 1, 500),
)


class Bench:
    """Where a row finds its files, and the contents it must find in them."""

    def __init__(self, directory: Path, scale: Scale) -> None:
        self.directory = directory
        self.scale = scale

    def _made(self, name: str, make: Callable[[], bytes]) -> tuple[str, bytes]:
        """A file of that name and its content; a worker process finds it made already."""
        path = self.directory / name
        if not path.exists():
            path.write_bytes(make())
        return str(path), path.read_bytes()

    @cached_property
    def small(self) -> list[tuple[str, bytes]]:
        """Files of 4 KiB, each with a content of its own."""
        folder = self.directory / "small"
        folder.mkdir(exist_ok=True)
        return [
            self._made(f"small/{number}", partial(random.Random(number).randbytes, 4096))
            for number in range(self.scale.files)
        ]

    @cached_property
    def big(self) -> tuple[str, bytes]:
        """One big file, to be read in one go."""
        return self._made("big", lambda: random.Random(64).randbytes(self.scale.big))

    @cached_property
    def stream(self) -> tuple[str, bytes]:
        """One big file, to be read in chunks."""
        return self._made("stream", lambda: random.Random(100).randbytes(self.scale.stream))

    def served(self, size: int) -> tuple[str, bytes]:
        """A file of that size, to be served."""
        return self._made(f"served-{size}.bin", partial(random.Random(size).randbytes, size))

    @cached_property
    def text(self) -> tuple[str, list[str]]:
        """A file of UTF-8 lines of many lengths, and the lines."""
        path, content = self._made("text", self._some_text)
        return path, content.decode("utf-8").splitlines(keepends=True)

    def _some_text(self) -> bytes:
        chance, words = random.Random(8), WORDS.split()
        lines = (
            f"{number} {' '.join(chance.choices(words, k=chance.randrange(0, 14)))}\n"
            for number in range(self.scale.lines)
        )
        return "".join(lines).encode("utf-8")

    @cached_property
    def tree(self) -> tuple[str, int]:
        """A small directory tree, and how many files are in it."""
        root = self.directory / "tree"
        for number in range(self.scale.files):
            folder = root / str(number % 10) / str(number % 7)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / str(number)).touch()
        return str(root), self.scale.files

    @cached_property
    def forest(self) -> str:
        """A tree as programmers have them: many directories, files of many sizes and ages."""
        root = self.directory / "forest"
        if not root.exists():
            plant(root, self.scale.forest, self.scale.folders)
        return str(root)

    @cached_property
    def wood(self) -> str:
        """A tree five times as big."""
        root = self.directory / "wood"
        if not root.exists():
            plant(root, self.scale.wood, self.scale.clearings)
        return str(root)

    @cached_property
    def texts(self) -> str:
        """A tree of small text files."""
        root = self.directory / "texts"
        if not root.exists():
            write_small(root, self.scale.texts)
        return str(root)

    @cached_property
    def copied(self) -> str:
        """A tree of small files, to be copied."""
        root = self.directory / "copied"
        if not root.exists():
            write_small(root, self.scale.copied)
        return str(root)

    @cached_property
    def book(self) -> str:
        """A big text file."""
        path = self.directory / "book.txt"
        if not path.exists():
            if shutil.disk_usage(self.directory).free < 2 * self.scale.book:
                raise OSError(errno.ENOSPC, "not enough room for the big file", str(path))
            write_big(path, self.scale.book)
        return str(path)

    @cached_property
    def _fresh(self) -> Path:
        parent = self.directory / "fresh"
        parent.mkdir(exist_ok=True)
        spread_out(parent)
        return parent

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """An empty directory for one sample, gone after it."""
        folder = Path(tempfile.mkdtemp(dir=self._fresh))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
