"""Extraction that trusts nothing the archive says about where its files go."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

MOST_BYTES = 8 << 20


class UnpackError(Exception):
    """The archive holds an entry that is not extracted."""


def unpack(archive: Path, into: Path, wanted: Collection[str]) -> Path:
    """Extract the plain files below ``wanted`` top-level names and return the tree's root.

    Links, devices, absolute names, names with ``..`` and archives that grow past 8 MiB are refused.
    """
    left = MOST_BYTES
    root = into / archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if member.name.startswith("/") or ".." in parts or "\\" in member.name:
                raise UnpackError(f"unsafe name in the archive: {member.name!r}")
            if not (member.isfile() or member.isdir()):
                raise UnpackError(f"not a plain file or directory: {member.name!r}")
            left -= member.size
            if left < 0:
                raise UnpackError(f"the archive holds more than {MOST_BYTES} bytes")
            if member.isfile() and parts[:1] == (root.name,) and parts[1:2] and parts[1] in wanted:
                place = into.joinpath(*parts)
                place.parent.mkdir(parents=True, exist_ok=True)
                source = tar.extractfile(member)
                assert source is not None, "a plain file has contents"
                with source, place.open("xb") as target:
                    shutil.copyfileobj(source, target)
    return root
