"""How many sequences to run, on what, and the count of those that were.

The environment says otherwise, for a longer run by hand:

``DIFFERENTIAL_SEQUENCES``   how many in all (5,000), over every test and loop that runs
``DIFFERENTIAL_SEED``        which ones; without it the same ones every time, or new ones when a
                             number was asked for
``DIFFERENTIAL_SUBJECT``     ``aiofiles`` to check the comparison itself (rapfiles)
"""

from __future__ import annotations

import importlib
import os
import random
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from .sides import Async

AT_LEAST = 5_000
# The share that is compared with aiofiles too: it takes a hundred times longer than the blocking
# objects it wraps.
ONE_IN = 16

total = int(os.environ.get("DIFFERENTIAL_SEQUENCES", AT_LEAST))
chosen = os.environ.get("DIFFERENTIAL_SEED")
if chosen is None:
    chosen = str(random.getrandbits(32)) if "DIFFERENTIAL_SEQUENCES" in os.environ else "0"
tally: Counter[str] = Counter()
share = pytest.StashKey[dict[str, int]]()

Run = Callable[[Any], None]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Divide the sequences, and half as many calls, among the tests that were selected."""
    shares = {}
    for what, count in (("sequences", total), ("calls", total // 2)):
        tests = [item for item in session.items if what in getattr(item, "fixturenames", ())]
        shares[what] = -(-count // max(1, len(tests)))
    session.config.stash[share] = shares


Draw = Callable[[SearchStrategy[Any], Run], None]


def drawing(request: pytest.FixtureRequest, what: str) -> Draw:
    """What hands drawn cases to a function, a share of all ``what``, and counts them."""
    examples = request.config.stash[share][what]

    def draw(strategy: SearchStrategy[Any], run: Run) -> None:
        done = 0

        @seed(zlib.crc32(f"{chosen} {request.node.name}".encode()))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def each(case: Any) -> None:
            nonlocal done
            run(case)
            done += 1

        each()
        tally[what] += done
        assert done >= examples, f"only {done} of {examples} {what} were drawn"

    return draw


@pytest.fixture
def sequences(request: pytest.FixtureRequest) -> Draw:
    """Draws this test's share of the sequences."""
    return drawing(request, "sequences")


@pytest.fixture
def calls(request: pytest.FixtureRequest) -> Draw:
    """Draws this test's share of the single calls."""
    return drawing(request, "calls")


@pytest.fixture(scope="session")
def subject() -> Async:
    """The module under test."""
    return Async(importlib.import_module(os.environ.get("DIFFERENTIAL_SUBJECT", "rapfiles")))


@pytest.fixture(scope="session")
def aiofiles() -> Async:
    """The real aiofiles."""
    return Async(importlib.import_module("aiofiles"))


def also_on_aiofiles(case: Any) -> bool:
    """Whether this case is of the share that aiofiles runs too: the same ones every time."""
    return zlib.crc32(repr(case).encode("utf-8", "surrogatepass")) % ONE_IN == 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was compared."""
    if tally["sequences"]:
        counts = ", ".join(f"{count:,} {what}" for what, count in tally.items())
        terminalreporter.write_line(f"differential (seed {chosen}): {counts}")
