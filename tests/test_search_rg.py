"""What is found is what ripgrep finds, on random trees.

More trees, or another rg: ``RAPFILES_SEARCH_TREES=300 RAPFILES_RG=/path/to/rg``.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import rapfiles
import search_cases
from search_cases import Query

RG = os.environ.get("RAPFILES_RG") or shutil.which("rg")
TREES = int(os.environ.get("RAPFILES_SEARCH_TREES", "20"))
QUERIES = 4


def version() -> int:
    """The first number of rg's version; 0 without rg."""
    if not RG:
        return 0
    said = subprocess.run([RG, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def ours(root: Path, query: Query) -> search_cases.Found:
    results = rapfiles.search(query.regex, root=root, hidden=True, **query.options)
    return search_cases.taken_apart(results)


@pytest.mark.skipif(not RG, reason="rg is not installed")
@pytest.mark.parametrize("seed", range(TREES))
def test_as_ripgrep(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    search_cases.make_tree(chance, tmp_path)
    for _ in range(QUERIES):
        query = search_cases.make_query(chance, old=version() < 14)
        theirs = search_cases.ask_rg(str(RG), tmp_path, query)
        if theirs is not None:
            assert ours(tmp_path, query) == theirs, query
