"""Markers, loops and the summary of the fault proofs."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tools import figures, need

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """The markers of this room."""
    config.addinivalue_line("markers", "faults: a proof under injected faults (tests/faults)")
    config.addinivalue_line("markers", "root: needs root, skipped visibly without it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory is a fault proof."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`loop_kind`: the event loop a child runs, as chosen with --loop."""
    if "loop_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--loop", default="both")
        kinds = ["asyncio", "uvloop"] if chosen == "both" else [chosen]
        metafunc.parametrize("loop_kind", kinds)


@pytest.fixture(autouse=True)
def _where_it_can_run(request: pytest.FixtureRequest) -> None:
    need.linux()
    if request.node.get_closest_marker("root"):
        need.root()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was proved, with its figures, and where only a share of them ran."""
    if figures.LINES:
        terminalreporter.section("proved under faults")
        for line in figures.LINES:
            terminalreporter.write_line(line)
