"""A big file, chunk by chunk."""

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most, faster
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations

SIZE = 64 * 1024


async def read(ops: Operations, bench: Bench) -> Sample:
    """Read the whole file in chunks; the evidence is how many bytes came."""
    path, _ = bench.stream
    with timed() as clock:
        _, total = await completed(ops, "read_chunks", path, SIZE)
    return Sample({"time": clock.seconds}, total)


async def same_content(ops: Operations, bench: Bench) -> bool:
    """Whether the chunks, put together, are the file."""
    path, content = bench.stream
    chunks: list[bytes] = []
    await completed(ops, "read_chunks", path, SIZE, chunks.append)
    return b"".join(chunks) == content


ROW = Row(
    name="chunks",
    place=60,
    work="100 MB in chunks of 64 KiB, one handle",
    cases=(
        Case(
            "whole file",
            read,
            lambda bench: bench.scale.stream,
            needs=("read_chunks",),
            unit="ms",
            title="Read 100 MB in 64 KiB chunks",
            musts=(at_most(2, "sync"), faster(5, "aiofiles")),
            aims=(at_most(1.3, "sync"),),
            check=same_content,
        ),
    ),
)
