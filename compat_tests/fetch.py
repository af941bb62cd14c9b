"""The pinned source distribution: fetched by hash, kept in a cache, checked on every use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import SHA256, VERSION

NAME = f"aiofiles-{VERSION}.tar.gz"

# pip asks a source distribution's build backend for metadata before it hands the file over. This
# backend answers with the lines pip needs, so neither the real backend nor any code of the archive
# is fetched or run.
BACKEND = f"""
import pathlib

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    info = pathlib.Path(directory, "aiofiles-{VERSION}.dist-info")
    info.mkdir()
    lines = ["Metadata-Version: 2.1", "Name: aiofiles", "Version: {VERSION}", ""]
    info.joinpath("METADATA").write_text("\\n".join(lines))
    return info.name

def build_wheel(*args, **kwargs):
    raise RuntimeError("only metadata can be had here")
"""


class FetchError(Exception):
    """The archive could not be had, or is not the pinned one."""


def cached_archive() -> Path:
    """The verified archive in the cache, fetched first if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    archive = Path(base, "rapfiles-compat-tests", NAME)
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
            download(Path(scratch)).replace(archive)
    verify(archive)
    return archive


def download(directory: Path) -> Path:
    """Let pip fetch the archive into ``directory``, from whichever index it is configured for."""
    backend = directory / "backend" / "hatchling"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    (backend / "build.py").write_text(BACKEND)
    requirements = directory / "requirements.txt"
    requirements.write_text(f"aiofiles=={VERSION} --hash=sha256:{SHA256}\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
    ]
    command += [
        "--no-binary",
        ":all:",
        "--require-hashes",
        "-r",
        str(requirements),
        "-d",
        str(directory),
    ]
    env = dict(os.environ, PYTHONPATH=str(backend.parent))
    done = subprocess.run(
        command, check=False, env=env, capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise FetchError(f"pip could not fetch {NAME}:\n{done.stdout}{done.stderr}")
    return directory / NAME


def verify(archive: Path) -> None:
    """Raise FetchError unless ``archive`` is the pinned one, byte for byte."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise FetchError(
            f"{archive} has sha256 {digest}, not the pinned {SHA256}: remove it and run again"
        )
