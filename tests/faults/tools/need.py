"""What a proof needs and this machine may lack. What is missing ends in a skip that says so."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from typing import NoReturn

import pytest


def skip(reason: str) -> NoReturn:
    """Skip the running test, visibly."""
    pytest.skip(f"can't be proved here: {reason}")


def linux() -> None:
    """The fault tools speak to the Linux kernel."""
    if platform.system() != "Linux":
        skip(f"needs Linux, this is {platform.system()}")


def root() -> None:
    """Mounts and some limits are for root only."""
    if os.geteuid() != 0:
        skip("needs root")


def program(*names: str) -> None:
    """Each of these programs must be installed."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        skip(f"needs {', '.join(missing)} installed")


def strace() -> None:
    """strace must be installed and be allowed to trace."""
    program("strace")
    tried = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=uname", "true"],
        capture_output=True,
        check=False,
        text=True,
    )
    if tried.returncode != 0:
        skip(f"strace may not trace here: {tried.stderr.strip()}")
