"""The programs of `examples/` run, the one for aiofiles' users prints the same with either."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(program: Path, *args: str, where: Path, text: str = "") -> str:
    """What the program prints, given ``text`` on standard input; nothing may be on stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program), *args],
        cwd=where,
        env=os.environ | {"PYTHONUTF8": "1"},
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def with_aiofiles(text: str) -> str:
    """The program with its imports swapped, and nothing else."""
    swapped = re.sub(r"^import rapfiles as aiofiles$", "import aiofiles", text, flags=re.MULTILINE)
    swapped = re.sub(r"^from rapfiles import", "from aiofiles import", swapped, flags=re.MULTILINE)
    changed = [
        (a, b) for a, b in zip(text.splitlines(), swapped.splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 2
    assert "rapfiles" not in swapped
    return swapped


def test_a_program_for_aiofiles_prints_the_same_with_rapfiles(tmp_path: Path) -> None:
    pytest.importorskip("aiofiles", reason="aiofiles is not installed: nothing to compare with")
    original = EXAMPLES / "aiofiles_dropin.py"
    theirs = tmp_path / "with_aiofiles.py"
    theirs.write_text(with_aiofiles(original.read_text(encoding="utf-8")), encoding="utf-8")
    expected = run(theirs, where=tmp_path, text="one\ntwo\n")
    assert expected.endswith("from standard input: one\nfrom standard input: two\n")
    assert run(original, where=tmp_path, text="one\ntwo\n") == expected


def test_the_demo_compares_equal_results(tmp_path: Path) -> None:
    printed = run(EXAMPLES / "demo.py", "--files", "120", "--rounds", "1", where=tmp_path)
    assert printed.count("equal results") == 5


def test_every_example_is_run_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"aiofiles_dropin.py", "demo.py"}
