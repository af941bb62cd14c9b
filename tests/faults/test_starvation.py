"""Promise 10: what waits for long keeps nothing else waiting, not even the end of the program."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .tools.figures import record
from .tools.process import command, run

FIFOS = 1_000
NOW = {"1": "now on", "0": "now off"}
ANSWER = 0.05
EXIT = 2.0


@pytest.mark.parametrize("now", ["1", "0"])
def test_a_plain_read_answers_while_fifos_are_opened(
    now: str, loop_kind: str, tmp_path: Path
) -> None:
    end = run("fifo_opens.py", loop_kind, tmp_path, FIFOS, env={"RAPFILES_NOW": now})
    figures = end.clean().figures
    answer = f"a plain read in {figures['answer'] * 1e3:.1f} ms, at most 50"
    record("10 starvation", f"{FIFOS:,} FIFO opens, {NOW[now]}: {answer}")
    assert figures["answer"] < ANSWER


@pytest.mark.parametrize(("sig", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_the_program_while_fifos_are_opened(
    sig: signal.Signals, code: int, loop_kind: str, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        command("fifo_opens.py", loop_kind, tmp_path, FIFOS, "for ever"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        started = time.monotonic()
        process.send_signal(sig)
        _, stderr = process.communicate(timeout=20)
        seconds = time.monotonic() - started
    finally:
        process.kill()
        process.wait()
    record("10 starvation", f"{sig.name}: exit after {seconds:.2f} s, at most 2")
    assert (process.returncode, stderr) == (code, "")
    assert seconds < EXIT


def test_a_fifo_open_does_not_outlive_its_cancellation_in_the_way_of_others(
    loop_kind: str, tmp_path: Path
) -> None:
    assert os.listdir(tmp_path) == []
    run("fifo_opens.py", loop_kind, tmp_path, FIFOS, "cancelled").clean()
