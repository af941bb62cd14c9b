"""A small tree with everything odd in it, and what functions on paths do to it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import hypothesis.strategies as st

# Every name a function may be given, relative to the world's root. "new" is not there before.
NAMES = [
    *("file", "file", "dir", "empty", "full/nested", "full/deep/leaf", "link", "dangling", "loop"),
    *("dirlink", "dirlink/inner", "dir/inner", "new", "dir/new", "new/new", "new/new/new", "."),
    *("..", "", "/", "file/", "dir/", "file/below", "missing/below", "loop/below", "link/"),
    *("empty/..", "./file", "dir//inner", "dir/../file", "nul\0name", "\0", "pipe", "spaced name"),
    *(
        "x" * 256,
        f"{'x' * 200}/" * 25,
        "no\udcffutf8",
        "é日本",
        "\ud800",
        "line\nfeed",
        "dir/.",
        "full",
    ),
]


def build(root: Path) -> None:
    """Make the tree afresh in ``root``, the current directory, which stays the same one."""
    for entry in os.scandir(root):
        if entry.is_dir(follow_symlinks=False):
            make_removable(entry.path)
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
    for directory in ("dir", "empty", "full/deep/leaf"):
        (root / directory).mkdir(parents=True)
    (root / "file").write_bytes(b"content\n")
    (root / "spaced name").write_bytes(b"")
    (root / "dir/inner").write_bytes(b"inner")
    (root / "full/nested").write_bytes(b"x" * 5000)
    (root / "é日本").write_bytes(b"named")
    (root / "link").symlink_to("file")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "dirlink").symlink_to("dir", target_is_directory=True)
    if sys.platform != "win32":
        os.mkfifo(root / "pipe")
    if sys.platform == "linux":
        Path(os.fsdecode(os.fsencode(root) + b"/no\xffutf8")).write_bytes(b"odd")


def make_removable(directory: str) -> None:
    """Undo the odd modes that calls gave to directories."""
    os.chmod(directory, 0o700)
    for above, names, _ in os.walk(directory):
        for name in names:
            if not os.path.islink(path := os.path.join(above, name)):
                os.chmod(path, 0o700)


def snapshot() -> list[tuple[str, int, Any]]:
    """Everything below the current directory: its path, its mode, and its target or content."""
    found: list[tuple[str, int, Any]] = []
    for directory, names, files in os.walk("."):
        for name in names + files:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            inside: Any = status.st_nlink
            if os.path.islink(path):
                inside = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    inside = (status.st_nlink, file.read())
            found.append((path, status.st_mode, inside))
    return sorted(found, key=lambda entry: entry[0])


class BytesPath:
    """An os.PathLike whose path is bytes."""

    def __init__(self, path: bytes) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return self.path

    def __repr__(self) -> str:
        return f"BytesPath({self.path!r})"


class BrokenPath:
    """An os.PathLike whose path is not a path."""

    def __fspath__(self) -> str:
        return 5  # type: ignore[return-value]

    def __repr__(self) -> str:
        return "BrokenPath()"


def encoded(name: str) -> bytes:
    """The name as bytes; the odd half of a surrogate pair is not encodable, as anywhere else."""
    return name.encode("utf-8", "surrogateescape" if "\ud800" not in name else "surrogatepass")


names = st.sampled_from(NAMES)
paths = st.one_of(
    names,
    names,
    names,
    names.map(encoded),
    names.filter(lambda name: name not in ("", ".")).map(Path),
    names.map(encoded).map(BytesPath),
)
not_paths = st.one_of(
    st.sampled_from([None, 5.0, -1, 1 << 40, 1 << 70, b"", bytearray(b"file"), ["file"]]),
    st.builds(BrokenPath),
)
