"""Promise 13: a program ends as it should: its exit code, nothing on stderr, no hang."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .tools.figures import record, share
from .tools.process import run_many

EXITS, IN_CI = 200, 12

HOWS = {
    "run ends": 0,
    "loop closed early": 0,
    "loop never closed": 0,
    "daemon thread": 0,
    "SIGTERM": -signal.SIGTERM,
    "sys.exit": 7,
    "sys.exit in a task": 7,
    "exception": 9,
    "handles left open": 0,
    "stdin is read": 0,
    "at exit": 0,
}


@pytest.mark.parametrize("how", HOWS)
def test_exits(how: str, loop_kind: str, tmp_path: Path) -> None:
    count = share(EXITS, IN_CI)
    for number in range(count):
        (tmp_path / str(number)).mkdir()
    argses = [(how, loop_kind, tmp_path / str(number), number) for number in range(count)]
    for end in run_many("exits.py", argses, timeout=30):
        end.clean(returncode=HOWS[how])
    text = f"{how}, {loop_kind}: {count} exits, code {HOWS[how]}, stderr empty"
    record("13 exit", text, full=EXITS, ran=count)
