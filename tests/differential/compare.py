"""Holds what two sides did against each other."""

from __future__ import annotations

from typing import Any

from .case import Case
from .differences import allowed, leads_apart, without_added_name
from .outcome import Outcome, brief
from .play import Played


def compare(case: Case, expected: Played, got: Played, names: tuple[str, str]) -> None:
    """Raise AssertionError with the shortest account of the first difference, if there is one."""
    difference = first_difference(case, expected, got)
    if difference is not None:
        where, wanted, found = difference
        place = where if isinstance(where, str) else f"step [{where}]"
        raise AssertionError(account(case, names, f"{place} differs", wanted, found))


Difference = tuple[int | str, Any, Any]


def first_difference(case: Case, expected: Played, got: Played) -> Difference | None:
    """Where two sides differ first, and what each did there."""
    if got.steps[0] != expected.steps[0]:
        return "opening", expected.steps[0], got.steps[0]
    steps = zip(case.ops, expected.steps[1:], got.steps[1:], strict=False)
    for index, (op, wanted, found) in enumerate(steps):
        if found != wanted and not allowed(case, index, found, wanted):
            return index, wanted, found
        if found != wanted and leads_apart(op, found, wanted):
            return None
    if without_added_name(got.closing, expected.closing) != expected.closing:
        return "closing", expected.closing, got.closing
    for where in ("disk", "descriptor_open"):
        wanted, found = getattr(expected, where), getattr(got, where)
        if wanted != found:
            return f"{where} at the end", wanted, found
    assert len(expected.steps) == len(got.steps), "equal steps end equally"
    return None


def account(case: Case, names: tuple[str, str], where: str, wanted: Outcome, found: Outcome) -> str:
    """A failure's report: the sequence, and the two answers."""
    width = max(map(len, names))
    return (
        f"{where}\n{case.script()}\n"
        f"{names[0]:>{width}}: {brief(wanted)}\n{names[1]:>{width}}: {brief(found)}"
    )
