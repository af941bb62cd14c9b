"""Bytes on their way from a source, through transforms, to where they go."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from . import _rapfiles

if TYPE_CHECKING:
    from .types import Durability, Progress, StrOrBytesPath

Format: TypeAlias = Literal["bz2", "gzip"] | Literal["xz", "zstd"]
Algorithm: TypeAlias = Literal["blake3", "md5", "sha1"] | Literal["sha256", "xxh3"]
Transform: TypeAlias = Callable[[bytes], Awaitable[bytes] | bytes]
Native: TypeAlias = tuple[str, str | None, int | None]


class Named(NamedTuple):
    """A step that is native: what is done, and what the result calls it."""

    native: Native
    name: str


class Mapped(NamedTuple):
    """A step that is a function."""

    function: Transform


class Lines(NamedTuple):
    """A step that makes every line a chunk."""


Step: TypeAlias = Named | Mapped | Lines


@dataclass(frozen=True)
class PipelineResult:
    """What a pipeline has done."""

    bytes_in: int
    """Bytes that came from the source."""
    bytes_out: int
    """Bytes that arrived."""
    digests: dict[str, str]
    """What `Pipeline.hash` has found, in hexadecimal digits, by name."""


class Pipeline:
    """What `pipeline` returns. It never changes: each method returns another one, with a step more.

    `to`, `run`, `read` and ``async for`` set it going.
    """

    __slots__ = ("_source", "_steps")

    def __init__(self, source: Any, steps: tuple[Step, ...] = ()) -> None:
        self._source = source
        self._steps = steps

    def _with(self, step: Step) -> Pipeline:
        return Pipeline(self._source, (*self._steps, step))

    def compress(
        self, format: Format | Literal["auto"] = "auto", level: int | None = None
    ) -> Pipeline:
        """Compresses.

        Args:
            format: What to. ``"auto"`` is what the suffix of the target says: ``.gz``, ``.bz2``,
                ``.xz``, ``.zst`` and the like.
            level: From quick to small: 0 to 9 for gzip (6 if not given) and xz (6), 1 to 9 for bz2
                (9), -7 to 22 for zstd (3).

        ```python
        import rapfiles

        await rapfiles.pipeline("server.log").compress("gzip", 9).to("server.log.gz")
        ```
        """
        if format == "auto":
            if level is not None:
                raise ValueError("a level needs a format: what one means differs between them")
        else:
            lowest, _, highest = _rapfiles.pipeline_levels(format)
            if level is not None and not lowest <= level <= highest:
                raise ValueError(f"level must be {lowest} to {highest} for {format}: {level}")
        return self._with(Named(("compress", format, level), ""))

    def decompress(
        self, format: Format | Literal["auto"] = "auto", *, limit: int | None = None
    ) -> Pipeline:
        """Decompresses: all members of gzip and xz, all frames of zstd, one after the other.

        Zeros behind the data are passed over.

        Args:
            format: What from. ``"auto"`` is what the data themselves say, whatever their file is
                called.
            limit: The data may become so many bytes; more are an error. Of data from elsewhere, a
                kilobyte may become a gigabyte.

        Raises:
            DecodeError: When it runs: the data are damaged or of another format, end too early,
                become too many, or something follows them.

        ```python
        import rapfiles

        await rapfiles.pipeline("notes.txt").compress().to("notes.zst")
        copy = rapfiles.pipeline("notes.zst").decompress(limit=1_000_000)
        print(await copy.read() == await rapfiles.read_file_bytes("notes.txt"))
        #> True
        ```
        """
        if format != "auto":
            _rapfiles.pipeline_levels(format)
        if limit is not None and limit < 0:
            raise ValueError(f"limit must not be negative: {limit}")
        return self._with(Named(("decompress", None if format == "auto" else format, limit), ""))

    def hash(self, algorithm: Algorithm = "sha256", *, name: str | None = None) -> Pipeline:
        """Makes a digest of the bytes that pass here, and lets them pass.

        Args:
            algorithm: How. ``"xxh3"`` (of 64 bits) is no protection against anybody.
            name: What it is called in the result's ``digests``; as the algorithm if not given.

        ```python
        import rapfiles

        log = rapfiles.pipeline("server.log")
        packed = log.hash(name="log").compress("xz").hash(name="xz")
        result = await packed.to("server.log.xz")
        print(sorted(result.digests))
        #> ['log', 'xz']
        ```
        """
        if not _rapfiles.is_hash(algorithm):
            raise ValueError(f"algorithm must be blake3, md5, sha1, sha256 or xxh3: {algorithm!r}")
        name = algorithm if name is None else name
        if any(isinstance(step, Named) and step.name == name for step in self._steps):
            raise ValueError(f"two digests would be called {name!r}: give one another name")
        return self._with(Named(("hash", algorithm, None), name))

    def lines(self) -> Pipeline:
        """Makes every line a chunk of its own, with the newline at its end.

        A line is kept in memory as a whole, however long it is.

        ```python
        import rapfiles

        async for line in rapfiles.pipeline("notes.txt").lines():
            print(line)
            break
        #> b'first line\\n'
        ```
        """
        return self._with(Lines())

    def map(self, function: Transform) -> Pipeline:
        """Passes every chunk through a function.

        Args:
            function: Called with bytes, it returns bytes; none of them leave the chunk out.
                It may be asynchronous. It runs on the event loop: what takes long belongs in
                `asyncio.to_thread`.

        ```python
        import rapfiles

        notes = rapfiles.pipeline("notes.txt").lines()
        numbered = notes.map(lambda line: line if line.startswith(b"t") else b"")
        print(await numbered.read())
        #> b'third line\\n'
        ```
        """
        if not callable(function):
            raise TypeError(f"function must be callable: {function!r}")
        return self._with(Mapped(function))

    async def to(
        self,
        target: StrOrBytesPath | Callable[[bytes], object] | Any,
        *,
        durability: Durability = "none",
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> PipelineResult:
        """Sets it going, and returns when everything has arrived.

        Args:
            target: A path; an open handle, or anything that has ``write``; or a function, which may
                be asynchronous. Handles and functions get chunk after chunk, each when the one
                before is done with. A file of that path is replaced when all is written, and not
                touched before: who fails or is cancelled leaves what was there.
            durability: For paths, as for `atomic_write_file`.
            progress: Called now and then with the bytes that came from the source, those it has as
                far as that is known, and those that arrived. It may be asynchronous.
            timeout: Seconds that it may take.

        Returns:
            How many bytes went in and came out, and the digests.

        Raises:
            OSError: The source can't be read, or the target not be written.
            DecodeError: The data can't be decompressed.
            TimeoutError: It took longer.

        ```python
        import rapfiles

        result = await rapfiles.pipeline("server.log").compress().to("server.log.gz")
        print(result.bytes_in == await rapfiles.ospath.getsize("server.log"))
        #> True
        ```
        """
        from ._pipeline_run import run

        return await run(self._source, self._steps, target, durability, progress, timeout)

    async def run(
        self, *, progress: Progress | None = None, timeout: float | None = None
    ) -> PipelineResult:
        """Sets it going for what its steps do and find: the bytes themselves go nowhere.

        Args:
            progress: As for `to`.
            timeout: As for `to`.

        ```python
        import rapfiles

        result = await rapfiles.pipeline("data.bin").hash("md5").hash("blake3").run()
        print(list(result.digests), result.bytes_in)
        #> ['md5', 'blake3'] 262144
        ```
        """
        return await self.to(None, progress=progress, timeout=timeout)

    async def read(
        self, *, progress: Progress | None = None, timeout: float | None = None
    ) -> bytes:
        """Sets it going, and returns all that comes out.

        Args:
            progress: As for `to`.
            timeout: As for `to`.
        """
        pieces: list[bytes] = []
        await self.to(pieces.append, progress=progress, timeout=timeout)
        return b"".join(pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Sets it going: chunks of up to 128 KiB, each made when it is asked for; or lines."""
        from ._pipeline_run import chunks

        return chunks(self._source, self._steps)

    def __repr__(self) -> str:
        return f"<rapfiles.Pipeline of {self._source!r}, {len(self._steps)} steps>"


def pipeline(
    source: StrOrBytesPath | AsyncIterable[bytes] | Iterable[bytes] | Any,
) -> Pipeline:
    """Begins a pipeline: bytes of a source, through transforms, to where they go.

    Bytes pass in chunks, and no chunk is made before there is room for it: memory stays flat
    however large the source is, whatever becomes of it. Where the source and the target are
    paths and no function is in between, a worker does all of it, without the event loop.

    A pipeline that fails or is cancelled stops at once. Files that were to be written are as they
    were.

    Args:
        source: A path, though not of a FIFO; an open handle, or anything that has ``read``; a
            stream or any other asynchronous or plain iterable of bytes. Bytes themselves are a
            path, as everywhere; data in memory go in as ``[data]``.

    ```python
    import rapfiles

    packed = rapfiles.pipeline("server.log").hash("sha256").compress("gzip", level=6)
    result = await packed.to("server.log.gz")
    print(result.bytes_out < result.bytes_in, len(result.digests["sha256"]))
    #> True 64

    async for line in rapfiles.pipeline("server.log.gz").decompress().lines():
        if b"request 99" in line:
            print(line)
    #> b'INFO request 99\\n'
    ```
    """
    return Pipeline(source)
