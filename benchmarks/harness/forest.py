"""A big tree, the same one every time: what walks, globs and finds go through."""

from __future__ import annotations

import os
import random
from pathlib import Path

SUFFIXES = (".py", ".txt", ".rs", ".md", ".json", "")
SIZES = (0, 50, 500, 4_000, 20_000)
"""Bytes. The files have holes, so that the disk holds them all."""

NEWEST = 1_760_000_000
OLDEST = NEWEST - 200_000_000
DEEPEST = 12


def plant(root: Path, files: int, folders: int) -> None:
    """Make the tree: `files` files in `folders` directories, the root among them."""
    chance = random.Random(3)
    root.mkdir()
    places = [(str(root), 0)]
    while len(places) < folders:
        # Rather in one made lately: trees are deep in some places and flat in most.
        parent, depth = chance.choice(places[-4_000:] if chance.random() < 0.7 else places)
        if depth < DEEPEST:
            place = f"{parent}/folder{len(places)}"
            os.mkdir(place)
            places.append((place, depth + 1))
    for number in range(files):
        path = f"{chance.choice(places)[0]}/file{number}{chance.choice(SUFFIXES)}"
        size, when = chance.choice(SIZES), chance.randrange(OLDEST, NEWEST)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.truncate(opened, size)
        os.utime(opened, (when, when))
        os.close(opened)
