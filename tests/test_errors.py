"""Exceptions of the package's own."""

from __future__ import annotations

import pickle

import pytest

import rapfiles


@pytest.mark.parametrize("pattern", ["a[", b"a["])
def test_a_pattern_error_says_what_and_where(pattern: str | bytes) -> None:
    error = rapfiles.PatternError(pattern, 1, "never closed")
    assert isinstance(error, ValueError)
    assert (error.pattern, error.position, error.reason) == (pattern, 1, "never closed")
    assert str(error) == f"never closed, at character 1 of {pattern!r}"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.args) == (rapfiles.PatternError, error.args)


def test_long_patterns_are_shown_in_part() -> None:
    assert len(str(rapfiles.PatternError("a" * 100_000, None, "too long"))) < 200
