"""What the type checkers must refuse. An ignore that is not needed is an error in both of them."""

from __future__ import annotations

import rapfiles


async def refused() -> None:
    async with rapfiles.open("f") as text:
        await text.write(b"bytes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with rapfiles.open("f", "wb") as binary:
        await binary.write("text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await rapfiles.open("f", "rb", encoding="utf-8", now=True)  # type: ignore[call-overload]  # pyright: ignore
    await rapfiles.read_file(3.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await rapfiles.write_file("f", b"x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    rapfiles.configure(8)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with rapfiles.open("f"):  # type: ignore[attr-defined]  # pyright: ignore
        pass
    rapfiles.find(root=["a", b"b"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
