"""Who reads a stream, and what becomes of it when nobody does."""

from __future__ import annotations

import asyncio
import gc
import os
import weakref
from pathlib import Path
from typing import Any

import pytest

import rapfiles


@pytest.fixture
def looped(tmp_path: Path) -> Path:
    """A tree with one entry that is an error when links are followed."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "up").symlink_to(tmp_path)
    return tmp_path


def endless() -> rapfiles.Stream[rapfiles.WalkEntry[str]]:
    """Goes through a lot and finds nothing."""
    return rapfiles.find("no file has this name", "/", hidden=True)


async def waiting_for(stream: rapfiles.Stream[Any]) -> asyncio.Future[Any]:
    task = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def given_up(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.skipif(os.name != "posix", reason="the tree of a whole system")
async def test_given_up_while_it_waits_it_is_freed() -> None:
    stream = endless()
    await given_up(await waiting_for(stream))
    gone = weakref.ref(stream)
    del stream
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(os.name != "posix", reason="the tree of a whole system")
async def test_a_stream_and_its_batches_have_one_reader() -> None:
    stream = endless()
    for reader, other in ((stream, stream.batches(2)), (stream.batches(2), stream)):
        task = await waiting_for(reader)
        with pytest.raises(RuntimeError, match="one reader"):
            await anext(other)
        await given_up(task)
    stream.close()


async def test_batches_have_the_errors_of_their_stream(looped: Path) -> None:
    stream = rapfiles.find(root=looped, follow_symlinks=True)
    batches = stream.batches(10)
    await batches
    assert [error.filename for error in batches.errors] == [str(looped / "inner" / "up")]
    assert stream.errors is batches.errors


async def test_an_error_comes_behind_the_batch_before_it(looped: Path) -> None:
    stream = rapfiles.find(root=looped, follow_symlinks=True, strict=True).batches(100)
    assert len(await anext(stream)) >= 1
    with pytest.raises(OSError, match="symbolic links"):
        await anext(stream)
    assert await stream == []
