"""The blocking standard library: what the work costs without any loop."""

import fnmatch
import glob
import os
import shutil
from functools import partial
from operator import attrgetter

from benchmarks.harness.growth import walk_growth
from benchmarks.peers import Keep

DISTRIBUTION = None
BLOCKING = True


def read_file(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()


def write_file(path: str, data: bytes) -> None:
    with open(path, "wb") as f:
        f.write(data)


def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
    chunks = total = 0
    with open(path, "rb") as f:
        while chunk := f.read(size):
            chunks += 1
            total += len(chunk)
            if keep:
                keep(chunk)
    return chunks, total


def count_lines(path: str) -> tuple[int, str]:
    lines, line = 0, ""
    with open(path, encoding="utf-8") as f:
        for line in f:  # noqa: B007 - the last line is part of the result
            lines += 1
    return lines, line


def list_lines(path: str) -> list[str]:
    with open(path, encoding="utf-8") as f:
        return [line for line in f]  # noqa: C416 - the same loop as the peers'


def write_pieces(path: str, piece: bytes, count: int) -> None:
    with open(path, "wb") as f:
        for _ in range(count):
            f.write(piece)


def count_tree(root: str) -> int:
    return sum(len(files) for _, _, files in os.walk(root))


def walk_tree(root: str) -> tuple[int, int]:
    count = characters = 0
    for top, _, files in os.walk(root):
        for name in files:
            count += 1
            characters += len(f"{top}/{name}")
    return count, characters


def first_path(root: str) -> str:
    top, dirs, files = next(os.walk(root))
    return f"{top}/{(dirs + files)[0]}"


def find(root: str, names: str, least: int, most: int, since: int) -> list[str]:
    found = []
    for top, _, files in os.walk(root):
        for name in fnmatch.filter(files, names):
            path = f"{top}/{name}"
            status = os.lstat(path)
            if least <= status.st_size <= most and status.st_mtime >= since:
                found.append(path)
    return found


def glob_all(pattern: str) -> list[str]:
    return list(glob.iglob(pattern, recursive=True))


def imports() -> str:
    return "asyncio"


def copy_tree(source: str, target: str) -> None:
    shutil.copytree(source, target, symlinks=True)


OPERATIONS = {
    "read_file": read_file,
    "open_read": read_file,
    "write_file": write_file,
    "stat": os.stat,
    "size_of": attrgetter("st_size"),
    "exists": os.path.exists,
    "read_chunks": read_chunks,
    "count_lines": count_lines,
    "list_lines": list_lines,
    "write_pieces": write_pieces,
    "count_tree": count_tree,
    "walk_tree": walk_tree,
    "walk_growth": partial(walk_growth, "sync"),
    "first_path": first_path,
    "find": find,
    "glob": glob_all,
    "copy_tree": copy_tree,
    "imports": imports,
}
