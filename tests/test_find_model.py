"""`find` against a plain model, on random trees."""

from __future__ import annotations

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from find_trees import NAMES, SIZES, START, entries, found, make_tree, passes

ROUNDS = int(os.environ.get("RAPFILES_FIND_ROUNDS", 12))
PATTERNS = [
    "*",
    "a*",
    "*.txt",
    "*.TXT",
    "?",
    "[ab]",
    "[!a]*",
    "*é*",
    "*.tar.gz",
    "R*",
    "r*",
    "*f?utf*",
]


def some_options(chance: random.Random) -> dict[str, Any]:
    """A few filters, so that something is left."""
    options: dict[str, Any] = {
        "pattern": chance.choice(PATTERNS) if chance.random() < 0.5 else "*",
        "hidden": chance.random() < 0.5,
        "threads": chance.choice([1, 2, 4]),
        "case_sensitive": chance.choice([None, True, False]),
    }
    more: dict[str, Any] = {
        "file_type": chance.sample(["file", "dir", "symlink", "fifo"], 2),
        "extension": chance.choice(["txt", "tar.gz", "gz", "hidden"]),
        "min_depth": chance.randrange(4),
        "max_depth": chance.randrange(5),
        "min_size": chance.choice(SIZES),
        "max_size": chance.choice(SIZES),
        "mtime_after": START + chance.randrange(1_000),
        "mtime_before": START + chance.randrange(1_000),
        "owner": chance.choice([os.getuid(), os.getuid() + 1]),
        "empty": chance.choice([True, False]),
    }
    for name in chance.sample(sorted(more), chance.randrange(4)):
        options[name] = more[name]
    return options


async def test_every_filter_says_what_the_model_says() -> None:
    compared = some = 0
    for number in range(ROUNDS):
        chance = random.Random(number)
        with TemporaryDirectory() as directory:
            root = Path(directory, "root")
            root.mkdir()
            make_tree(root, chance)
            for _ in range(40):
                options = some_options(chance)
                wanted = {
                    entry.path
                    for entry in entries(str(root), options["hidden"])
                    if passes(entry, options)
                }
                got = await found(root=root, **options)
                assert got == wanted, options
                compared += 1
                some += bool(wanted)
    # A model that lets nothing through would agree with anything that finds nothing.
    assert some > compared / 4
    assert set(NAMES)
