"""What the functions take and return: checked by mypy and pyright, never run."""

from __future__ import annotations

import os
from pathlib import Path

from typing_extensions import assert_type

import rapfiles
import rapfiles.os
import rapfiles.ospath
import rapfiles.tempfile


async def whole_files() -> None:
    assert_type(await rapfiles.read_file("f"), str)
    assert_type(await rapfiles.read_file(Path("f"), encoding="latin-1", errors="replace"), str)
    assert_type(await rapfiles.read_file_bytes(b"f"), bytes)
    await rapfiles.write_file("f", "text", encoding="utf-8", errors="strict")
    await rapfiles.write_file_bytes("f", b"bytes")
    await rapfiles.write_file_bytes("f", bytearray(b"bytes"))
    assert_type(await rapfiles.append_file("f", "text", newline="\r\n"), int)
    assert_type(await rapfiles.append_file("f", memoryview(b"bytes")), int)
    assert_type(await rapfiles.read_range("f", 0, 10), bytes)
    assert_type(await rapfiles.read_ranges("f", [(0, 10)]), list[bytes])
    assert_type(await rapfiles.read_lines("f"), list[str])
    assert_type(await rapfiles.read_lines_bytes("f"), list[bytes])
    assert_type(await rapfiles.write_file_chunked("f", rapfiles.read_file_chunked("g")), int)


async def many_files() -> None:
    assert_type(await rapfiles.read_files(["f"]), list[tuple[str, bytes]])
    assert_type(
        await rapfiles.read_files([Path("f")], on_error="collect"),
        list[tuple[Path, bytes | OSError]],
    )
    assert_type(await rapfiles.read_files_dict([b"f"]), dict[bytes, bytes])
    assert_type(await rapfiles.write_files({"f": "text"}), list[tuple[str, int]])
    pairs: list[tuple[str, bytes]] = [("f", b"x")]
    assert_type(await rapfiles.write_files(pairs), list[tuple[str, int]])
    assert_type(await rapfiles.remove_files(["f"]), list[tuple[str, bool]])
    assert_type(await rapfiles.stat_files(["f"]), list[tuple[str, rapfiles.FileMetadata]])
    assert_type(await rapfiles.copy_files([("f", Path("g"))]), list[tuple[Path, int]])
    assert_type(await rapfiles.move_files({"f": "g"}), list[tuple[str, int]])


async def os_functions() -> None:
    assert_type(await rapfiles.os.stat("f"), os.stat_result)
    assert_type(await rapfiles.os.listdir("."), list[str])
    assert_type(await rapfiles.os.mkdir("d"), None)
    assert_type(await rapfiles.os.access("f", os.R_OK), bool)
    assert_type(await rapfiles.os.getcwd(), str)
    assert_type(await rapfiles.os.path.exists("f"), bool)
    assert_type(await rapfiles.ospath.getsize(Path("f")), int)


async def temporary() -> None:
    async with rapfiles.tempfile.TemporaryDirectory() as directory:
        assert_type(directory, str)
    async with rapfiles.tempfile.TemporaryFile("w+") as f:
        assert_type(await f.read(), str)
    async with rapfiles.tempfile.NamedTemporaryFile() as named:
        assert_type(await named.read(), bytes)


def settings() -> None:
    rapfiles.configure(threads=8, fd_limit=256, now=False)
    rapfiles.configure()
    assert_type(rapfiles.metrics()["threads"], int)
