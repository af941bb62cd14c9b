"""What every test may use: the loops, counts of what a process holds, a fresh interpreter."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `benchmarks` and `compat_tests` are imported from the checkout. At the end of the path, so that
# `rapfiles` is still the one that is installed.
sys.path.append(str(Path(__file__).resolve().parents[1]))

HAS_UVLOOP = importlib.util.find_spec("uvloop") is not None  # never on Windows
LoopFactory = Callable[[], asyncio.AbstractEventLoop]

# Disks and continuous-integration machines pause when they like: no deadline per example.
SLOW_MACHINES = [HealthCheck.too_slow]
for _name, _examples in {"dev": 50, "ci": 200, "long": 5_000}.items():
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=SLOW_MACHINES,
    )
settings.load_profile("dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--loop",
        choices=["asyncio", "uvloop", "both"],
        default="both",
        help="the event loops that asynchronous tests run on",
    )


def loop_factories(config: pytest.Config) -> dict[str, LoopFactory]:
    """The loops asked for, by name; asking for uvloop alone without having it is an error."""
    wanted = config.getoption("--loop")
    factories: dict[str, LoopFactory] = {}
    if wanted in ("asyncio", "both"):
        factories["asyncio"] = asyncio.new_event_loop
    if wanted in ("uvloop", "both") and HAS_UVLOOP:
        import uvloop

        factories["uvloop"] = uvloop.new_event_loop
    if not factories:
        raise pytest.UsageError("--loop=uvloop: uvloop is not installed")
    return factories


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, LoopFactory]:
    """Every asynchronous test runs once on each of these."""
    return loop_factories(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``loop_factory``: for plain tests that make and drive loops of their own."""
    if "loop_factory" in metafunc.fixturenames:
        factories = loop_factories(metafunc.config)
        metafunc.parametrize("loop_factory", factories.values(), ids=factories)


def pytest_report_header(config: pytest.Config) -> list[str]:
    import rapfiles

    now = "off" if os.environ.get("RAPFILES_NOW") == "0" else "on"
    loops = ", ".join(loop_factories(config))
    lines = [f"rapfiles: now {now}; loops {loops}; from {Path(rapfiles.__file__).parent}"]
    if config.getoption("--loop") == "both" and not HAS_UVLOOP:
        lines.append("rapfiles: SKIPPED on uvloop, which is not installed")
    return lines


def open_fds() -> int:
    """How many file descriptors this process has open now."""
    directory = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    return len(os.listdir(directory)) - 1  # the listing's own


def native_threads() -> int:
    """How many threads this process has, those Python doesn't know included (Linux)."""
    if os.path.isdir("/proc/self/task"):
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


def settles(count: Callable[[], int], at_most: int, within: float = 10.0) -> int:
    """Wait until ``count()`` is down to ``at_most``; the last count, for the assertion.

    What a cancelled operation held is given back by the thread that runs it: there is no event to
    wait for from outside.
    """
    end = time.monotonic() + within
    while (now := count()) > at_most and time.monotonic() < end:
        time.sleep(0.01)
    return now


@pytest.fixture
def no_fd_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test if it leaves more file descriptors open than it found."""
    import rapfiles.os

    async def work() -> None:
        await rapfiles.os.listdir(".")

    # The engine's own: the mount table, and what wakes a loop, which the next loop's replaces. And
    # uvloop's, which keeps some from its first loop on.
    for factory in loop_factories(request.config).values():
        loop = factory()
        loop.run_until_complete(work())
        loop.close()
    before = open_fds()
    yield
    after = settles(open_fds, before)
    assert after <= before, f"{after - before} file descriptors were left open"


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program text in a fresh interpreter, in the test's directory, warnings as errors."""

    def run(
        text: str, *args: str, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", text, *args],
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
