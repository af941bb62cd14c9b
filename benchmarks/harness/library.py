"""Text to be searched: many small files, and a big one."""

from __future__ import annotations

import random
from pathlib import Path

NEEDLE = "here is the Needle42 of it, and theRest77"
"""One line in some hundred files, and one in five thousand of the big one."""
PER_FOLDER = 100


def _lines(chance: random.Random) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(5_000)]
    return [" ".join(chance.choices(words, k=chance.randint(3, 14))) for _ in range(20_000)]


def write_small(root: Path, count: int) -> None:
    """So many files of up to 80 lines."""
    chance = random.Random(90)
    lines = _lines(chance)
    for number in range(count):
        folder = root / str(number // PER_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        first = chance.randrange(len(lines) - 80)
        some = lines[first : first + chance.randint(5, 80)]
        if number % 20 == 0:
            some.append(NEEDLE)
        (folder / f"{number}.txt").write_text("\n".join(some) + "\n", encoding="utf-8")


def write_big(path: Path, size: int) -> None:
    """A file of at least so many bytes."""
    chance = random.Random(91)
    lines = _lines(chance)
    with path.open("w", encoding="utf-8") as f:
        written = 0
        while written < size:
            text = "\n".join([*chance.choices(lines, k=5_000), NEEDLE]) + "\n"
            written += f.write(text)
