"""How pipelines run: native parts in workers, Python between them, and one chunk at a time."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
)
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from . import _rapfiles
from ._long import carry, outcome, whole
from ._pipeline import Lines, Mapped, Named, PipelineResult, Step

if TYPE_CHECKING:
    from .types import Progress

_Flow = AsyncGenerator[bytes, None]
_CHUNK = 128 * 1024
_TURN = 500
"""Lines between two turns of the event loop."""


def _is_path(value: object) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def _settled(steps: Iterable[Step], target: object) -> list[Step]:
    """The steps, with every format known that the target decides."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step, Named) and step.native[:2] == ("compress", "auto"):
            format = _rapfiles.pipeline_format(target) if _is_path(target) else None
            if format is None:
                raise ValueError(f"no suffix tells what to compress to: {target!r}")
            _rapfiles.pipeline_levels(format)
            step = Named(("compress", format, None), "")
        found.append(step)
    return found


class _Run:
    """A pipeline that is under way."""

    def __init__(
        self, source: Any, steps: Iterable[Step], target: Any, durability: str = "none"
    ) -> None:
        self._source = source
        self._steps = _settled(steps, target)
        self._target = target if _is_path(target) else None
        self._durability = durability
        self._fed = 0
        self._chains: list[tuple[_rapfiles.Chain, list[str]]] = []

    def chain(self, source: Any, steps: list[Named], target: Any) -> _rapfiles.Chain:
        """A native part."""
        chain = _rapfiles.Chain(source, [step.native for step in steps], target, self._durability)
        self._chains.append((chain, [step.name for step in steps if step.name]))
        return chain

    def parts(self) -> tuple[_rapfiles.Chain | None, _Flow | None]:
        """The native part at the end, if there is one; and what comes before it, if that isn't all.

        Every part is there before any runs, so what is wrong with arguments is said first.
        """
        source, flow = self._source, None
        if not _is_path(source):
            flow, source = self._counted(_pieces(source)), None
        natives: list[Named] = []
        for step in self._steps:
            if isinstance(step, Named):
                natives.append(step)
                continue
            if natives or flow is None:
                flow = _pulled(self.chain(source, natives, None), self._gathered(flow))
                source, natives = None, []
            flow = _split(flow) if isinstance(step, Lines) else _mapped(flow, step)
        if natives or flow is None or self._target is not None:
            return self.chain(source, natives, self._target), self._gathered(flow)
        return None, flow

    def _gathered(self, flow: _Flow | None) -> _Flow | None:
        """Lines are gathered before they are handed to a worker: each is too little for that."""
        lines = any(isinstance(step, Lines) for step in self._steps)
        return _gathered(flow) if flow is not None and lines else flow

    def flow(self) -> _Flow:
        """All of it, as what comes out."""
        last, flow = self.parts()
        if last is not None:
            return _pulled(last, flow)
        assert flow is not None
        return flow

    async def _counted(self, pieces: _Flow) -> _Flow:
        async with aclosing(pieces):
            async for piece in pieces:
                self._fed += len(piece)
                yield piece

    def bytes_in(self) -> int:
        """What came from the source."""
        return self._chains[0][0].counts()[0] if _is_path(self._source) else self._fed

    def result(self, bytes_out: int) -> PipelineResult:
        """What has come of it."""
        digests: dict[str, str] = {}
        for chain, names in self._chains:
            digests.update(zip(names, chain.digests(), strict=True))
        return PipelineResult(self.bytes_in(), bytes_out, digests)


async def run(
    source: Any,
    steps: Iterable[Step],
    target: Any,
    durability: str,
    progress: Progress | None,
    timeout: float | None,
) -> PipelineResult:
    """See `Pipeline.to`."""
    work = _Run(source, steps, target, durability)
    if _is_path(target) or (target is None and _is_path(source) and _native(steps)):
        last, flow = work.parts()
        assert last is not None
        if flow is None:
            await carry(last.work(), progress, timeout)
        else:
            await _in_time(_carried(flow, last, work, progress), timeout)
        return work.result(last.counts()[1])
    write = _writer(target)
    return work.result(await _in_time(_written(work, write, progress), timeout))


def _native(steps: Iterable[Step]) -> bool:
    return all(isinstance(step, Named) for step in steps)


async def chunks(source: Any, steps: Iterable[Step]) -> _Flow:
    """See `Pipeline.__aiter__`."""
    async with aclosing(_Run(source, steps, None).flow()) as flow:
        async for piece in flow:
            yield piece


async def _in_time(work: Awaitable[Any], timeout: float | None) -> Any:
    try:
        return await asyncio.wait_for(work, timeout)
    except asyncio.TimeoutError:
        raise TimeoutError from None


async def _carried(
    flow: _Flow, last: _rapfiles.Chain, work: _Run, progress: Progress | None
) -> None:
    """Feeds the last part, which writes to the target itself."""

    async def feed(piece: bytes | None) -> None:
        last.feed(piece)
        await carry(last.work())
        if progress is not None:
            read = work.bytes_in()
            await outcome(progress(read, read, last.counts()[1]))

    try:
        async with aclosing(flow):
            async for piece in flow:
                await feed(piece)
        await feed(None)
    except BaseException:
        await whole(last.work().give_up())
        raise


async def _written(
    work: _Run, write: Callable[[bytes], Any] | None, progress: Progress | None
) -> int:
    written = 0
    async with aclosing(work.flow()) as flow:
        async for piece in flow:
            if write is not None:
                await _all_of(write, piece)
            written += len(piece)
            if progress is not None:
                read = work.bytes_in()
                await outcome(progress(read, read, written))
    return written


async def _all_of(write: Callable[[bytes], Any], piece: bytes) -> None:
    """A raw handle may write less than it was given."""
    while True:
        count = await outcome(write(piece))
        if type(count) is not int or count >= len(piece):
            return
        if count <= 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        piece = piece[count:]


def _writer(target: Any) -> Callable[[bytes], Any] | None:
    if target is None:
        return None
    if hasattr(target, "write"):
        write: Callable[[bytes], Any] = target.write
        return write
    if callable(target):
        function: Callable[[bytes], object] = target

        async def call(piece: bytes) -> None:
            await outcome(function(piece))

        return call
    raise TypeError(f"the target must be a path, a function or have write(): {target!r}")


def _pieces(source: Any) -> _Flow:
    """The bytes of a source that isn't a path."""
    if hasattr(source, "read"):
        return _read(source)
    if isinstance(source, AsyncIterable):
        return _each(source)
    if isinstance(source, Iterable):
        return _all(source)
    raise TypeError(f"the source must be a path, be iterable or have read(): {source!r}")


def _bytes(piece: object) -> bytes:
    if type(piece) is bytes:
        return piece
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    raise TypeError(f"a pipeline is made of bytes, not of {type(piece).__name__}")


async def _read(source: Any) -> _Flow:
    while piece := _bytes(await outcome(source.read(_CHUNK))):
        yield piece


async def _each(source: AsyncIterable[Any]) -> _Flow:
    pieces: AsyncIterator[Any] = aiter(source)
    try:
        async for piece in pieces:
            if some := _bytes(piece):
                yield some
    finally:
        # What makes them stops making them.
        if (close := getattr(pieces, "aclose", None)) is not None:
            await close()


async def _all(source: Iterable[Any]) -> _Flow:
    for piece in source:
        if some := _bytes(piece):
            yield some


async def _pulled(chain: _rapfiles.Chain, flow: _Flow | None) -> _Flow:
    """What comes out of a native part that is fed by somebody, or reads a file itself."""
    try:
        while True:
            if piece := await whole(chain.pull()):
                yield piece
            elif chain.ended:
                return
            elif chain.hungry and flow is not None:
                chain.feed(await anext(flow, None))
    finally:
        if flow is not None:
            await flow.aclose()
        await whole(chain.work().give_up())


async def _split(flow: _Flow) -> _Flow:
    """Lines, each with its end."""
    begun: list[bytes] = []
    async with aclosing(flow):
        async for piece in flow:
            *full, rest = piece.split(b"\n")
            for number, line in enumerate(full, 1):
                if number % _TURN == 0:
                    await asyncio.sleep(0)
                if begun:
                    line = b"".join((*begun, line))
                    begun.clear()
                yield line + b"\n"
            if rest:
                begun.append(rest)
    if begun:
        yield b"".join(begun)


async def _gathered(flow: _Flow) -> _Flow:
    """The same bytes in larger chunks."""
    some: list[bytes] = []
    size = 0
    async with aclosing(flow):
        async for piece in flow:
            some.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                yield b"".join(some)
                some.clear()
                size = 0
    if some:
        yield b"".join(some)


async def _mapped(flow: _Flow, step: Mapped) -> _Flow:
    async with aclosing(flow):
        async for piece in flow:
            made = await outcome(step.function(piece))
            if some := _bytes(made):
                yield some
