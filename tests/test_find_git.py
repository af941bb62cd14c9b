"""What `find` leaves out with ``ignore_git``, compared with git.

``RAPFILES_GIT_REPOSITORIES`` says on how many made repositories (15).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from find_trees import found, listed_by_git, make_repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")

REPOSITORIES = int(os.environ.get("RAPFILES_GIT_REPOSITORIES", 15))
NAMES = ["a", "b", "ab", "a.c", "b.c", "A", "foo", "a b", "x ", "#a", "!b", "[a]", "a\\b", "é"]
PIECES = [
    *("a", "b", "c", "foo", ".", ".c", "*", "*", "?", "**", "/", "/**/", "**/", "/**", "/*", "é"),
    *("[a]", "[!a]", "[^b]", "[a-c]", "[]a]", "[[:alpha:]]", "[[:foo:]]", "[", "[a", "]", "[a-"),
    *(
        "\\a",
        "\\*",
        "\\",
        "\\[",
        " ",
        "\\ ",
        "#",
        "\\#",
        "!",
        "\\!",
        "A",
        "**\\/",
        "[a\\]b]",
        "[b-a]",
    ),
]
line = st.tuples(
    st.sampled_from(["", "", "", "!", "/", "!/", "**/", "#", "\\"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join),
    st.sampled_from(["", "", "/", " ", "  ", "/ "]),
    st.sampled_from(["\n", "\n", "\r\n", ""]),
).map("".join)
patterns = st.lists(line, min_size=1, max_size=6).map("".join)
files = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join), min_size=3, max_size=15
)
ignore_files = st.dictionaries(
    st.lists(st.sampled_from(NAMES), max_size=2).map("/".join), patterns, min_size=1, max_size=4
)


def fill(top: Path, paths: list[str], rules: dict[str, str]) -> None:
    """Files and ignore files, as far as they don't stand in each other's way."""
    for path, content in [(path, "") for path in paths] + [
        (os.path.join(directory, ".gitignore"), content) for directory, content in rules.items()
    ]:
        target = top / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, newline="")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue


async def test_what_git_ignores_is_what_git_says(monkeypatch: pytest.MonkeyPatch) -> None:
    draws: list[tuple[list[str], dict[str, str], str, str, bool]] = []
    cases = st.tuples(files, ignore_files, patterns, patterns, st.booleans())

    @seed(0)
    @settings(
        max_examples=REPOSITORIES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def draw(case: tuple[list[str], dict[str, str], str, str, bool]) -> None:
        draws.append(case)

    draw()
    less = 0
    for paths, rules, exclude, excludes_file, fold in draws:
        with TemporaryDirectory() as directory:
            top, own = Path(directory, "top"), Path(directory, "own")
            make_repository(top, "ignoreCase\n" if fold else "")
            own.write_text(f"[core]\n\texcludesFile = {directory}/mine ; not a part of it\n")
            Path(directory, "mine").write_text(excludes_file, newline="")
            (top / ".git/info/exclude").write_text(exclude, newline="")
            fill(top, paths, rules)
            monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
            wanted = listed_by_git(top, {})
            kinds = {"file", "symlink"}
            got = await found(root=top, file_type=kinds, hidden=True, ignore_git=True)
            assert got == wanted, (paths, rules, exclude, excludes_file, fold)
            less += got < await found(root=top, file_type=kinds, hidden=True, exclude=".git")
    assert less > len(draws) / 3
