"""The same operations on the same files: the same results, errors, and bytes left on disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .case import Case
from .compare import compare
from .conftest import Draw, also_on_aiofiles, tally
from .play import play
from .sides import Async, Blocking, run_blocking
from .strategies import MODES, cases, odd_openings

Compare = Callable[[Case], None]

# A longer run takes as long as was asked for.
pytestmark = [pytest.mark.timeout(0)] if "DIFFERENTIAL_SEQUENCES" in os.environ else []


@pytest.fixture
def loop(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for all sequences of a test."""
    loop = loop_factory()
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@pytest.fixture
def same(
    loop: asyncio.AbstractEventLoop, subject: Async, aiofiles: Async, tmp_path: Path
) -> Compare:
    """Compares the subject with the standard library on a case; aiofiles too on some."""
    path, blocking = tmp_path / "file", Blocking()

    def run(case: Case) -> None:
        expected = run_blocking(play(blocking, case, path))
        sides = [subject, aiofiles] if also_on_aiofiles(case) else [subject]
        for side in sides:
            got = loop.run_until_complete(play(side, case, path))
            compare(case, expected, got, (blocking.name, side.name))
        tally["operations"] += len(expected.steps)
        tally["of them errors"] += sum(step[0] == "raises" for step in expected.steps)
        tally["sequences on open files"] += len(expected.steps) > 1
        tally["sequences on aiofiles too"] += len(sides) - 1

    return run


@pytest.mark.parametrize("kind", MODES)
def test_operations_lead_to_the_same(kind: str, sequences: Draw, same: Compare) -> None:
    sequences(cases(kind), same)


def test_odd_openings_lead_to_the_same(sequences: Draw, same: Compare) -> None:
    sequences(odd_openings(), same)
