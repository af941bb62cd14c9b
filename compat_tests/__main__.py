"""The command line: which runs to make, one after the other, and the verdict on each."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import VERSION
from .fetch import FetchError, cached_archive
from .unpack import UnpackError, unpack
from .verdict import Seen, problems_of, summary_of

CHILD = Path(__file__).with_name("child.py")
LONGEST_RUN = 900


def main() -> int:
    """Make every run that was asked for; 0 if each of them counts as a pass."""
    asked = arguments().parse_args()
    try:
        archive = cached_archive()
    except FetchError as error:
        print(f"compat_tests: {error}", file=sys.stderr)
        return 2
    loops = ["asyncio", "uvloop"] if asked.loop == "both" else [asked.loop]
    # The real aiofiles has no fast path to switch off.
    nows = ["on", "off"] if asked.now == "both" and asked.subject == "rapfiles" else [asked.now]
    good = True
    with one_at_a_time():
        for loop in loops:
            for now in nows:
                good &= run(archive, asked.subject, loop, now)
    return 0 if good else 1


def arguments() -> argparse.ArgumentParser:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m compat_tests", description=f"aiofiles {VERSION}'s own tests."
    )
    parser.add_argument("--loop", choices=["asyncio", "uvloop", "both"], default="both")
    parser.add_argument("--now", choices=["on", "off", "both"], default="both")
    parser.add_argument("--subject", choices=["rapfiles", "aiofiles"], default="rapfiles")
    return parser


def run(archive: Path, subject: str, loop: str, now: str) -> bool:
    """One run in a fresh tree, its summary printed; whether it passed."""
    title = f"compat_tests: {subject}, {loop}" + (f", now {now}" if subject == "rapfiles" else "")
    if loop == "uvloop" and importlib.util.find_spec("uvloop") is None:
        print(f"{title}: SKIPPED, uvloop is not installed", flush=True)
        return True
    wanted = {"tests", "pyproject.toml"} | ({"src"} if subject == "aiofiles" else set())
    with tempfile.TemporaryDirectory(prefix="compat-") as scratch:
        try:
            tree = unpack(archive, Path(scratch).resolve(), wanted)
        except UnpackError as error:
            print(f"{title}: FAILED, {error}", flush=True)
            return False
        result = Path(scratch, "result.json")
        print(f"{title} ...", flush=True)
        command = [sys.executable, str(CHILD), str(tree), subject, loop, str(result)]
        try:
            code = subprocess.run(
                command, check=False, cwd=tree, env=environment(now), timeout=LONGEST_RUN
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
        seen = Seen.read(result, code)
    problems = problems_of(seen, loop)
    for problem in problems:
        print(f"{title}: {problem}", flush=True)
    print(f"{title}: {'FAILED' if problems else 'ok'}: {summary_of(seen)}", flush=True)
    return not problems


def environment(now: str) -> dict[str, str]:
    """The child's environment: nothing of the caller's that changes which tests run, or how."""
    outside = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONWARNINGS", "PYTHONASYNCIODEBUG"}
    env = {name: value for name, value in os.environ.items() if name not in outside}
    return env | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "RAPFILES_NOW": "1" if now == "on" else "0",
    }


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the machine's lock on these tests: one of them always listens on port 30001."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(os.path.join(tempfile.gettempdir(), "rapfiles-compat-tests.lock"), "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("compat_tests: waiting for another run to end", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
