"""A program that uses aiofiles in every documented way, with nothing but the imports changed.

With aiofiles, the two lines below read ``import aiofiles`` and ``from aiofiles import os as
aiofiles_os``. The tests run the program both ways and compare what it prints.
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import rapfiles as aiofiles
from rapfiles import os as aiofiles_os


async def text_files() -> None:
    """``async with``, ``await open``, and lines with ``async for``."""
    async with aiofiles.open("poem.txt", mode="w", encoding="utf-8") as f:
        print("written:", await f.write("Über allen Gipfeln\nIst Ruh,\n"))
        await f.writelines(["In allen Wipfeln\n", "Spürest du\n"])
    async with aiofiles.open("poem.txt", encoding="utf-8") as f:
        contents = await f.read()
    print("contents:", repr(contents))
    async with aiofiles.open("poem.txt", encoding="utf-8") as f:
        async for line in f:
            print("line:", line.rstrip())
    f = await aiofiles.open("poem.txt", "a+", encoding="utf-8", newline="")
    try:
        await f.seek(0)
        print("first:", repr(await f.readline()), "at", await f.tell())
        print("rest:", await f.readlines())
        print(
            "seekable:",
            await f.seekable(),
            "writable:",
            await f.writable(),
            "tty:",
            await f.isatty(),
        )
        print("open:", f.name, f.mode, f.encoding, f.closed)
    finally:
        await f.close()
    print("closed:", f.closed)


async def binary_files() -> None:
    """Buffered and raw handles."""
    async with aiofiles.open("numbers.bin", "wb") as f:
        await f.write(bytes(range(64)))
        await f.flush()
        print("kind:", type(f).__name__)
    async with aiofiles.open("numbers.bin", "rb+") as f:
        target = bytearray(4)
        print(
            "into:",
            await f.readinto(target),
            bytes(target),
            "peek starts with:",
            (await f.peek(2))[:2],
        )
        await f.seek(-4, os.SEEK_END)
        print("end:", await f.read(), "cut to:", await f.truncate(32))
        print("kind:", type(f).__name__)
    async with aiofiles.open("numbers.bin", "rb", buffering=0) as f:
        print("raw:", len(await f.readall()), type(f).__name__)


async def errors() -> None:
    """The exceptions are the built-in ones, with the same texts."""
    for path, mode in [("absent.txt", "r"), (".", "rb"), ("poem.txt", "q"), ("poem.txt", "x")]:
        try:
            async with aiofiles.open(path, mode):
                print("opened", path, mode)
        except (OSError, ValueError) as error:
            print("error:", type(error).__name__, error)


async def temporary_files() -> None:
    """The four of ``aiofiles.tempfile``."""
    async with aiofiles.tempfile.TemporaryFile("wb+") as f:
        await f.write(b"Hello, World!")
        await f.seek(0)
        print("temporary:", await f.read())
    async with aiofiles.tempfile.NamedTemporaryFile("wb+", suffix=".demo") as named:
        await named.write(b"Line1\n Line2")
        await named.seek(0)
        async for piece in named:
            print("named:", piece, str(named.name).endswith(".demo"))
    async with aiofiles.tempfile.SpooledTemporaryFile(max_size=8, mode="w+b") as spooled:
        await spooled.write(b"small")
        await spooled.write(b", then bigger than that")
        await spooled.seek(0)
        print("spooled:", await spooled.read())
    async with aiofiles.tempfile.TemporaryDirectory() as d:
        filename = os.path.join(str(d), "file.ext")
        async with aiofiles.open(filename, "w") as out:
            await out.write("x")
        print("directory:", await aiofiles_os.listdir(d))
    print("gone:", not await aiofiles_os.path.exists(d))


async def operating_system() -> None:
    """``aiofiles.os`` and ``aiofiles.os.path``."""
    await aiofiles_os.makedirs("tree/branch/twig", exist_ok=True)
    await aiofiles_os.rename("poem.txt", "tree/poem.txt")
    await aiofiles_os.link("tree/poem.txt", "tree/hard")
    await aiofiles_os.symlink("poem.txt", "tree/soft")
    print(
        "size:",
        (await aiofiles_os.stat("tree/poem.txt")).st_size,
        await aiofiles_os.readlink("tree/soft"),
    )
    print("listed:", sorted(await aiofiles_os.listdir("tree")))
    print("scanned:", sorted((e.name, e.is_dir()) for e in await aiofiles_os.scandir("tree")))
    path = aiofiles_os.path
    print(
        "is:",
        await path.isfile("tree/hard"),
        await path.isdir("tree"),
        await path.islink("tree/soft"),
    )
    print(
        "same:", await path.samefile("tree/hard", "tree/poem.txt"), await path.getsize("tree/hard")
    )
    print("here:", os.path.samefile(await aiofiles_os.getcwd(), await path.abspath(".")))
    print(
        "may:",
        await aiofiles_os.access("tree", os.R_OK),
        (await aiofiles_os.statvfs(".")).f_namemax,
    )
    await aiofiles_os.replace("tree/hard", "tree/moved")
    for name in ("tree/moved", "tree/soft"):
        await aiofiles_os.unlink(name)
    await aiofiles_os.remove("tree/poem.txt")
    await aiofiles_os.removedirs("tree/branch/twig")
    print("left:", sorted(await aiofiles_os.listdir(".")))


async def own_executor() -> None:
    """``executor=``: the operations run where the caller says."""
    names = set()

    def opener(path: str, flags: int) -> int:
        names.add(threading.current_thread().name.rpartition("_")[0])
        return os.open(path, flags)

    with ThreadPoolExecutor(2, thread_name_prefix="mine") as executor:
        async with aiofiles.open("numbers.bin", "rb", opener=opener, executor=executor) as f:
            print("read:", len(await f.read()), "opened in:", names)
        print("stat:", (await aiofiles_os.stat("numbers.bin", executor=executor)).st_size)
        getsize = aiofiles_os.wrap(os.path.getsize)
        print("wrapped:", await getsize("numbers.bin", executor=executor))


async def wrapping_and_mocking() -> None:
    """``threadpool.wrap``, its ``register``, and the documented way to mock files."""
    wrapped = aiofiles.threadpool.wrap(io.BytesIO(b"in\nmemory"), loop=asyncio.get_running_loop())
    print("wrapped:", [line async for line in wrapped], type(wrapped).__name__)
    try:
        aiofiles.threadpool.wrap("a string")
    except TypeError as error:
        print("error:", error)

    aiofiles.threadpool.wrap.register(mock.MagicMock)(
        lambda *args, **kwargs: aiofiles.threadpool.AsyncBufferedIOBase(*args, **kwargs)
    )
    chunks = iter([b"file chunks 1", b"file chunks 2", b""])
    stream = mock.MagicMock(read=lambda *args: next(chunks))
    with mock.patch.object(aiofiles.threadpool, "sync_open", return_value=stream) as mock_open:
        async with aiofiles.open("filename", "w") as f:
            await f.write("data")
            print("mocked:", await f.read())
    stream.write.assert_called_once_with("data")
    print(
        "called:", mock_open.call_count, mock_open.call_args.args, "closed:", stream.__exit__.called
    )


async def main() -> None:
    """Everything, in a directory that is removed afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        before = os.getcwd()
        os.chdir(directory)
        try:
            for part in PARTS:
                print(f"-- {part.__name__}", flush=True)
                await part()
        finally:
            os.chdir(before)
    await aiofiles.stdout.write("to standard output\n")
    await aiofiles.stdout.flush()
    await aiofiles.stdout_bytes.write(b"and its bytes\n")
    await aiofiles.stdout_bytes.flush()
    if not await aiofiles.stdin.isatty():
        async for line in aiofiles.stdin:
            print("from standard input:", line.rstrip())


PARTS = [
    text_files,
    binary_files,
    errors,
    temporary_files,
    operating_system,
    own_executor,
    wrapping_and_mocking,
]

if __name__ == "__main__":
    asyncio.run(main())
