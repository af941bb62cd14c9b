"""Fresh interpreters: start one with a script, wait, look at its exit code and its stderr."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHILDREN = HERE.parent / "children"
BOOTSTRAP = HERE / "bootstrap.py"


@dataclass(frozen=True)
class Finished:
    """How a child ended. A child that hangs is killed; `hung` says so."""

    command: str
    returncode: int
    stdout: str
    stderr: str
    seconds: float
    hung: bool

    def clean(self, returncode: int = 0) -> Finished:
        """Fail unless the child ended in time, with this exit code and nothing on stderr."""
        problems = []
        if self.hung:
            problems.append(f"hung: still running after {self.seconds:.0f} s")
        elif self.returncode != returncode:
            problems.append(f"exit code {self.returncode}, expected {returncode}")
        if self.stderr:
            problems.append(f"stderr:\n{self.stderr[-4000:]}")
        if problems:
            raise AssertionError(f"{self.command}\n" + "\n".join(problems) + f"\n{self.stdout}")
        return self

    @property
    def figures(self) -> dict[str, float]:
        """What the child measured: its last line, a JSON object."""
        found: dict[str, float] = json.loads(self.stdout.splitlines()[-1])
        return found


def command(script: str, *args: object, wrap: Sequence[str] = ()) -> list[str]:
    """The command line of a child: light start (-S -E), tracebacks if it is killed for hanging."""
    paths = [str(HERE.parent.parent), *(path for path in sys.path if path)]
    interpreter = [sys.executable, "-S", "-E", "-X", "faulthandler", str(BOOTSTRAP)]
    return [*wrap, *interpreter, os.pathsep.join(paths), str(CHILDREN / script), *map(str, args)]


def run(
    script: str,
    *args: object,
    timeout: float = 60,
    env: dict[str, str] | None = None,
    wrap: Sequence[str] = (),
    cwd: str | os.PathLike[str] | None = None,
) -> Finished:
    """Run `children/<script>` in a fresh interpreter and wait for it.

    `wrap` goes before the interpreter: strace, seccomp, prlimit. A child that is still there
    after `timeout` gets SIGABRT, so that it shows where it hangs, then SIGKILL.
    """
    line = command(script, *args, wrap=wrap)
    return run_command(line, " ".join([script, *map(str, args)]), timeout=timeout, env=env, cwd=cwd)


def run_command(
    line: Sequence[str],
    label: str,
    *,
    timeout: float,
    env: dict[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> Finished:
    """Run any command as `run` does."""
    started = time.monotonic()
    process = subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
        start_new_session=True,
    )
    hung = False
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        hung = True
        _kill_group(process.pid, signal.SIGABRT)
        try:
            out, err = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            _kill_group(process.pid, signal.SIGKILL)
            out, err = process.communicate()
    finally:
        _kill_group(process.pid, signal.SIGKILL)
    seconds = time.monotonic() - started
    return Finished(label, process.returncode, out, err, seconds, hung)


def run_many(
    script: str, argses: Iterable[Sequence[object]], *, parallel: int = 4, timeout: float = 60
) -> list[Finished]:
    """Run one child for each argument list, a few at a time."""
    with ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(lambda args: run(script, *args, timeout=timeout), argses))


def _kill_group(group: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # everyone in it may have ended
        os.killpg(group, sig)
