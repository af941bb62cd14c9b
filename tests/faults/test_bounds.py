"""Promise 11: threads and descriptors are bounded, whatever is asked for at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tools.figures import record
from .tools.process import run

READS, DESCRIPTORS = 20_000, 256
THREADS = 64 + 8


@pytest.mark.parametrize("now", ["1", "0"])
@pytest.mark.parametrize("what", ["whole", "handles"])
def test_twenty_thousand_reads_with_few_descriptors(
    what: str, now: str, loop_kind: str, tmp_path: Path
) -> None:
    end = run(
        "many_reads.py", loop_kind, what, tmp_path, READS, DESCRIPTORS, env={"RAPFILES_NOW": now}
    )
    figures = end.clean().figures
    name = "now on" if now == "1" else "now off"
    peaks = f"at most {figures['threads']:.0f} threads, {figures['descriptors']:.0f} descriptors"
    text = f"{READS:,} concurrent reads ({what}, {name}): {figures['errors']:.0f} errors, {peaks}"
    record("11 bounded", text)
    assert figures["errors"] == 0
    assert figures["threads"] <= THREADS
    assert figures["descriptors"] <= DESCRIPTORS
