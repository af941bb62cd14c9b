"""What the run was made on, without what would name the machine."""

import os
import platform
import re
from pathlib import Path


def describe(directory: Path) -> dict[str, str]:
    """CPU, cores, kernel, the filesystem that holds the files, and the interpreter."""
    return {
        "CPU": _cpu(),
        "cores": str(os.cpu_count() or "unknown"),
        "kernel": f"{platform.system()} {_numeric(platform.release())}",
        "filesystem": _filesystem(directory),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _numeric(release: str) -> str:
    """A kernel's version without the suffix its builder gave it."""
    found = re.match(r"\d+(\.\d+)*", release)
    return found[0] if found else release


def _filesystem(directory: Path) -> str:
    """The type of the innermost mount that holds the directory."""
    try:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return "unknown"
    best, kind = "", "unknown"
    for fields in (line.split() for line in mounts):
        point = fields[1].encode().decode("unicode_escape")
        if directory.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind
