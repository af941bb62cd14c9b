"""A pytest plugin that only watches: what was collected, left out, and on which loop it ran."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from collections import Counter
from collections.abc import Generator, Sequence

import pytest


class Watch:
    """Counts what a session did, for the verdict that the parent process gives."""

    def __init__(self) -> None:
        self.collected = 0
        self.deselected = 0
        self.outcomes: Counter[str] = Counter()
        self.coroutines_run = 0
        self.loops: Counter[str] = Counter()
        self.warnings = 0
        self.problems: list[str] = []

    def use_loop(self, kind: str) -> None:
        """Make ``kind`` of loop the process's, counting the loops that are made."""
        with warnings.catch_warnings():
            # Policies are deprecated from Python 3.14 on; pytest-asyncio still goes through them.
            warnings.simplefilter("ignore", DeprecationWarning)
            if kind == "uvloop":
                import uvloop

                base: type[asyncio.AbstractEventLoopPolicy] = uvloop.EventLoopPolicy
            else:
                base = asyncio.DefaultEventLoopPolicy
            loops = self.loops

            class Counting(base):  # type: ignore[misc, valid-type]
                def new_event_loop(self) -> asyncio.AbstractEventLoop:
                    loop: asyncio.AbstractEventLoop = super().new_event_loop()
                    loops[
                        "uvloop" if type(loop).__module__.startswith("uvloop") else "asyncio"
                    ] += 1
                    return loop

            asyncio.set_event_loop_policy(Counting())

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.deselected += len(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.problems.append(f"collection of {report.nodeid}: {report.outcome}")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = len(session.items)

    def pytest_warning_recorded(self) -> None:
        self.warnings += 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped or hasattr(report, "wasxfail"):
            self.outcomes["skipped"] += 1
            if call.when != "setup" or skip_reason(call) not in own_reasons(item):
                self.problems.append(
                    f"not skipped by its own mark: {item.nodeid}: {report.longrepr}"
                )
        elif report.failed:
            self.outcomes["failed" if call.when == "call" else "error"] += 1
        elif call.when == "call":
            self.outcomes["passed"] += 1
            self.coroutines_run += inspect.iscoroutinefunction(getattr(item, "obj", None))
        return report


def skip_reason(call: pytest.CallInfo[None]) -> str | None:
    """The message of the skip that ended ``call``."""
    skip = call.excinfo.value if call.excinfo else None
    return skip.msg if isinstance(skip, pytest.skip.Exception) else None


def own_reasons(item: pytest.Item) -> set[str]:
    """The reasons of the ``skipif`` marks that stand on the test itself."""
    return {mark.kwargs["reason"] for mark in item.iter_markers("skipif")}
