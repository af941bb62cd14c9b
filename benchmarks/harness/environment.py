"""The separate environment of the earlier rapfiles, which has the same import name."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "benchmarks"
PEERS = ROOT / "benchmarks" / "requirements.txt"
EXISTING = ROOT / "benchmarks" / "requirements-existing.txt"


def existing_python(cache: Path = CACHE) -> str:
    """The interpreter of that environment, made on first use and again when its pins change."""
    home = cache / f"rapfiles-existing-{sys.implementation.cache_tag}"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = home / "installed.txt", EXISTING.read_text()
    if not (stamp.exists() and stamp.read_text() == wanted):
        _run([sys.executable, "-m", "venv", "--clear", str(home)])
        _run([str(python), "-m", "pip", "install", "--quiet", "-r", str(EXISTING)])
        stamp.write_text(wanted)
    return str(python)


def pinned(requirements: Path) -> dict[str, str]:
    """The exact version per distribution that a requirements file asks for."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", requirements.read_text(), re.MULTILINE))


def _run(command: list[str]) -> None:
    # What steers the surrounding environment's pip is not meant for this one.
    around = {k: v for k, v in os.environ.items() if k not in ("PIP_CONSTRAINT", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, env=around, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise OSError(f"{Path(command[0]).name} {' '.join(command[1:4])}: {' '.join(last)}")
