"""Promises 10 and 19: who waits for a lock is in nobody's way; a lock ends with its holder."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

import rapfiles

from .tools.figures import record, share
from .tools.process import command, run

WAITERS = 600
ANSWER = 0.05
KILLS = 20


@pytest.mark.parametrize("how", ["one file", "many files"])
def test_a_plain_read_answers_while_many_wait(how: str, loop_kind: str, tmp_path: Path) -> None:
    env = {"RAPFILES_NOW": "0"}
    figures = run("lock_waits.py", loop_kind, tmp_path, WAITERS, how, env=env).clean().figures
    answer = f"a plain read in {figures['answer'] * 1e3:.1f} ms, at most 50"
    load = f"{figures['used']:.0%} of a processor"
    record("10 starvation", f"{WAITERS} lock waiters, {how}, now off: {answer}; {load}")
    assert figures["answer"] < ANSWER


async def test_a_dead_holder_releases(tmp_path: Path) -> None:
    kills = share(KILLS, 4)
    for _ in range(kills):
        line = command("lock_waits.py", "asyncio", tmp_path, 0, "hold")
        process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "locked\n"
            with pytest.raises(TimeoutError):
                await rapfiles.lock_file(tmp_path / "lock", timeout=0)
            waiting = rapfiles.lock_file(tmp_path / "lock", timeout=20)
            acquiring = asyncio.ensure_future(waiting.__aenter__())
            await asyncio.sleep(0.005)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        await (await acquiring).release()
    record("19 locks", f"{kills} holders killed: free each time", full=KILLS, ran=kills)
