"""Many globs at once, for paths that are there already."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from rapfiles import PatternError, PatternMatcher

MATCHES = [
    ("*.py", "a.py", True),
    ("*.py", "src/deep/a.py", True),
    ("*.py", "./a.py", True),
    ("*.py", "a.pyc", False),
    ("src/*.py", "src/a.py", True),
    ("src/*.py", "src/deep/a.py", False),
    ("src/**/*.py", "src/a.py", True),
    ("src/**/*.py", "src/very/deep/a.py", True),
    ("**/a.py", "a.py", True),
    ("?", "é", True),
    ("??", "é", False),
    ("[!a-c]x", "dx", True),
    ("[!a-c]x", "bx", False),
    ("*.{py,p[xy]i}", "a.pyi", True),
    ("build/", "build/", True),
    ("build/", "build", False),
    ("*", ".hidden", True),
    ("a\\*", "a*", True),
    ("README", "readme", False),
    ("\udcff?", "\udcff\udcfe", True),
    ("line\nbreak", "line\nbreak", True),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), MATCHES)
def test_a_pattern_and_a_path(pattern: str, path: str, expected: bool) -> None:
    assert PatternMatcher([pattern]).matches(path) is expected
    assert PatternMatcher(pattern).matches(path.encode("utf-8", "surrogateescape")) is expected
    if not path.endswith("/"):
        assert PatternMatcher(pattern).matches(Path(path)) is expected


def test_many_patterns() -> None:
    matcher = PatternMatcher(["*.py", "test_*", "src/**"])
    assert len(matcher) == 3
    assert matcher.matching_patterns("src/test_one.py") == ["*.py", "test_*", "src/**"]
    assert matcher.matching_patterns("test_one.txt") == ["test_*"]
    assert matcher.matching_patterns("x") == []
    assert matcher.matches_all("src/test_one.py")
    assert not matcher.matches_all("test_one.py")


def test_no_patterns() -> None:
    none = PatternMatcher([])
    assert len(none) == 0
    assert not none.matches("x")
    assert none.matches_all("x")


def test_case() -> None:
    assert PatternMatcher("*.PY", case_sensitive=False).matches("a.py")
    smart = PatternMatcher(["readme*", "Make*"], case_sensitive=None)
    assert smart.matches("README.md")
    assert not smart.matches("makefile")


def test_it_is_a_value() -> None:
    matcher = PatternMatcher(iter(["*.py", "*.c"]))
    same = PatternMatcher(("*.py", "*.c"))
    assert matcher == same
    assert hash(matcher) == hash(same)
    assert matcher != PatternMatcher(["*.py", "*.c"], case_sensitive=False)
    other: object = ["*.py", "*.c"]
    assert matcher != other
    assert matcher.patterns == ("*.py", "*.c")
    assert repr(matcher) == "PatternMatcher(['*.py', '*.c'])"
    for case in (True, False, None):
        one = PatternMatcher("a", case_sensitive=case)
        assert eval(repr(one)) == one
        assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one)
        assert one.case_sensitive is case


@pytest.mark.parametrize(
    ("pattern", "position"), [("a[b", 1), ("{a", 0), ("a}", 1), ("a\\", 1), ("[z-a]", 1), ("é[", 1)]
)
def test_a_pattern_that_is_none_says_where(pattern: str, position: int) -> None:
    with pytest.raises(PatternError) as caught:
        PatternMatcher(["*.py", pattern])
    assert (caught.value.pattern, caught.value.position) == (pattern, position)


@pytest.mark.parametrize("pattern", ["{a," * 100, "a" * 70_000])
def test_bombs_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        PatternMatcher(pattern)


@pytest.mark.parametrize("given", [1, None, [1], [b"*.py"]])
def test_what_is_no_pattern(given: object) -> None:
    with pytest.raises(TypeError):
        PatternMatcher(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [1, None])
def test_what_is_no_path(given: object) -> None:
    with pytest.raises(TypeError):
        PatternMatcher("*").matches(given)  # type: ignore[arg-type]
