"""Promise 14: a forked child works, whatever the parent was doing."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tools import need
from .tools.figures import record
from .tools.process import CHILDREN, run

FORKS = 100


@pytest.mark.parametrize("now", ["1", "0"])
def test_raw_forks_after_use(now: str, loop_kind: str, tmp_path: Path) -> None:
    end = run("forks.py", loop_kind, tmp_path, FORKS, env={"RAPFILES_NOW": now}, timeout=120)
    figures = end.clean().figures
    assert figures == {"worked": FORKS, "failed": 0, "hung": 0}
    name = "now on" if now == "1" else "now off"
    record("14 fork", f"{FORKS} raw forks, {loop_kind}, {name}: {figures['worked']:.0f} worked")


def test_a_multiprocessing_pool(loop_kind: str, tmp_path: Path) -> None:
    figures = run("fork_pool.py", loop_kind, tmp_path, timeout=60).clean().figures
    assert figures["worked"] == 50
    record("14 fork", f"multiprocessing fork pool, {loop_kind}: 50 of 50 worked")


@contextlib.contextmanager
def _gunicorn(top: Path, port: socket.socket) -> Iterator[subprocess.Popen[str]]:
    line = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "3", "--no-control-socket"]
    line += ["--bind", f"fd://{port.fileno()}", "--log-level", "error", "gunicorn_app:application"]
    process = subprocess.Popen(
        line,
        env={**os.environ, "PYTHONPATH": str(CHILDREN), "GUNICORN_TEST_FILE": str(top / "file")},
        cwd=top,
        pass_fds=[port.fileno()],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended, and so have its workers
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_gunicorn_with_preload(tmp_path: Path) -> None:
    try:
        import gunicorn  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        need.skip("needs gunicorn")
    (tmp_path / "file").write_bytes(b"served")
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        port.listen()
        number = port.getsockname()[1]
        with _gunicorn(tmp_path, port) as process:
            pids = set()
            for _ in range(50):
                client = http.client.HTTPConnection("127.0.0.1", number, timeout=30)
                client.request("GET", "/")
                answer = client.getresponse()
                body = answer.read().decode().split()
                assert (answer.status, body[0]) == (200, "served")
                pids.add(body[1])
                client.close()
            process.terminate()
            _, stderr = process.communicate(timeout=30)
            assert (process.returncode, stderr) == (0, "")
    assert str(process.pid) not in pids
    record("14 fork", f"gunicorn --preload: 50 requests, {len(pids)} workers answered")
