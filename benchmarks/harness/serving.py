"""Answers of a server under load: wrk asks, over 16 connections."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from benchmarks.harness.environment import ROOT

CONNECTIONS = 16
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Load:
    """What was measured, in seconds, and what the server answers."""

    time: float
    p99: float
    gap: float
    answer: str


def missing() -> str | None:
    """Why nothing can be measured here, or None if it can."""
    return None if shutil.which("wrk") else "wrk is not installed (Debian's package wrk)"


async def under_load(which: str, path: str, seconds: int) -> Load:
    """Have the file asked for again and again, and answered in that way."""
    return await asyncio.to_thread(_under_load, which, path, seconds)


def _under_load(which: str, path: str, seconds: int) -> Load:
    with _server(which, path) as port:
        answer = _asked(port, "/")
        _asked(port, "/gap")
        told = _wrk(f"http://127.0.0.1:{port}/", seconds)
        gap = float(_asked(port, "/gap"))
        if answer != _asked(port, "/"):
            raise RuntimeError("the answer is another afterwards")
    digest = hashlib.sha256(answer).hexdigest()
    return Load(*_read(told), gap, digest)


@contextmanager
def _server(which: str, path: str) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.harness.answering", which, path]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield int(running.stdout.readline())
    finally:
        running.kill()
        running.communicate()


def _asked(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def _wrk(url: str, seconds: int) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _read(told: str) -> tuple[float, float]:
    """Seconds per request, and the 99th percentile of how long one took."""
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"not every request was answered: {told.strip()}")
    rate = re.search(r"Requests/sec:\s*([\d.]+)", told)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", told)
    if rate is None or p99 is None or not float(rate[1]):
        raise RuntimeError(f"wrk says something else: {told.strip()}")
    return 1 / float(rate[1]), float(p99[1]) * _UNITS[p99[2]]
