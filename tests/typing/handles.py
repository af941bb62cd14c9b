"""What the methods of handles take and return: checked by mypy and pyright, never run."""

from __future__ import annotations

from typing_extensions import assert_type

import rapfiles


async def text() -> None:
    async with rapfiles.open("f", "r+") as f:
        assert_type(await f.read(), str)
        assert_type(await f.read(10), str)
        assert_type(await f.readline(), str)
        assert_type(await f.readlines(), list[str])
        assert_type(await f.write("x"), int)
        assert_type(await f.writelines(["x"]), None)
        assert_type(await f.seek(0), int)
        assert_type(await f.tell(), int)
        assert_type(await f.truncate(), int)
        assert_type(await f.flush(), None)
        assert_type(await f.isatty(), bool)
        assert_type(await f.seekable(), bool)
        assert_type(f.closed, bool)
        assert_type(f.encoding, str)
        async for line in f:
            assert_type(line, str)
        assert_type(await f.close(), None)


async def binary() -> None:
    async with rapfiles.open("f", "rb+") as f:
        assert_type(await f.read(), bytes)
        assert_type(await f.read1(), bytes)
        assert_type(await f.peek(1), bytes)
        assert_type(await f.readinto(bytearray(4)), int)
        assert_type(await f.readline(), bytes)
        assert_type(await f.readlines(), list[bytes])
        assert_type(await f.write(memoryview(b"x")), int)
        assert_type(f.fileno(), int)
        async for line in f:
            assert_type(line, bytes)


async def streams() -> None:
    assert_type(await rapfiles.stdin.readline(), str)
    assert_type(await rapfiles.stdout.write("x"), int)
    assert_type(await rapfiles.stdin_bytes.readline(), bytes)
    assert_type(await rapfiles.stderr_bytes.write(b"x"), int)
