"""How the functions of `rapfiles.os` and `rapfiles.ospath` can be called, and when they begin."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import rapfiles.os
import rapfiles.ospath

OS = [name for name in rapfiles.os.__all__ if name not in {"path", "wrap"}]
FUNCTIONS = [(rapfiles.os, os, name) for name in OS]
FUNCTIONS += [(rapfiles.ospath, os.path, name) for name in rapfiles.ospath.__all__]
each = pytest.mark.parametrize(("ours", "theirs", "name"), FUNCTIONS, ids=[f[2] for f in FUNCTIONS])


@each
def test_is_a_coroutine_function_with_the_name_of_its_model(
    ours: Any, theirs: Any, name: str
) -> None:
    function = getattr(ours, name)
    assert inspect.iscoroutinefunction(function)
    assert function.__name__ == name
    assert function.__module__ == ours.__name__


@each
def test_has_the_signature_of_its_model(ours: Any, theirs: Any, name: str) -> None:
    parameters = inspect.signature(getattr(ours, name)).parameters
    own = {"loop", "executor"}
    for extra in own:
        assert parameters[extra].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[extra].default is None
    model = inspect.signature(getattr(theirs, name)).parameters
    mine = [facts(one) for one in parameters.values() if one.name not in own]
    assert mine == [facts(one) for one in model.values()]


def facts(parameter: inspect.Parameter) -> tuple[str, bool, Any]:
    """Name, whether it must be named, and default."""
    return parameter.name, parameter.kind is inspect.Parameter.KEYWORD_ONLY, parameter.default


class Counting(Executor):
    """Runs at once, and counts."""

    def __init__(self) -> None:
        self.ran = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.ran += 1
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
async def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A working directory that the calls below find in order, and a descriptor of a file in it."""
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("ten bytes.")
    Path("link").symlink_to("file")
    os.makedirs("a/b")
    with open("file", "r+b") as file:
        yield file.fileno()


def arguments(name: str, number: int) -> tuple[Any, ...]:
    """What each function may be called with in that directory."""
    two: dict[str, tuple[Any, ...]] = {
        "access": ("file", os.R_OK),
        "getcwd": (),
        "link": ("file", "second"),
        "rename": ("file", "renamed"),
        "renames": ("file", "c/d/renamed"),
        "replace": ("file", "link"),
        "symlink": ("file", "second"),
        "mkdir": ("c",),
        "makedirs": ("c/d",),
        "rmdir": ("a/b",),
        "removedirs": ("a/b",),
        "readlink": ("link",),
        "listdir": (".",),
        "scandir": (".",),
        "samefile": ("file", "link"),
        "sameopenfile": (number, number),
        "sendfile": (number, number, 0, 0),
    }
    return two.get(name, ("file",))


@each
async def test_an_executor_is_used(ours: Any, theirs: Any, name: str, tree: int) -> None:
    executor = Counting()
    here = asyncio.get_running_loop()
    await getattr(ours, name)(*arguments(name, tree), executor=executor)
    assert executor.ran == 1
    here_too = {} if name in CHANGES else {"loop": here}
    if here_too:
        await getattr(ours, name)(*arguments(name, tree), executor=executor, **here_too)
        assert executor.ran == 2


CHANGES = (
    "link rename renames replace symlink mkdir makedirs rmdir removedirs remove unlink".split()
)


@each
async def test_no_executor_and_no_loop_may_be_said(
    ours: Any, theirs: Any, name: str, tree: int
) -> None:
    used: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_default_executor(Spying(used))
    await getattr(ours, name)(*arguments(name, tree), executor=None, loop=None)
    assert bool(used) is (name == "realpath")


class Spying(ThreadPoolExecutor):
    """Tells when it is used."""

    def __init__(self, used: list[Any]) -> None:
        super().__init__(1)
        self._used = used

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._used.append(call)
        return super().submit(call, *args, **kwargs)


async def test_a_loop_that_is_given_is_the_one_that_is_asked(tree: int) -> None:
    asked: list[Any] = []

    class Loop:
        def run_in_executor(self, executor: Any, call: Callable[[], Any]) -> Any:
            asked.append(executor)
            future = asyncio.get_running_loop().create_future()
            future.set_result(call())
            return future

    loop: Any = Loop()
    assert (await rapfiles.os.stat("file", loop=loop)).st_size == 10
    assert await rapfiles.ospath.getsize("file", loop=loop) == 10
    assert asked == [None, None]


@each
async def test_nothing_happens_before_it_is_awaited(
    ours: Any, theirs: Any, name: str, tree: int
) -> None:
    before = sorted(os.listdir()), sorted(os.listdir("a"))
    operations = [getattr(ours, name)(*arguments(name, tree))]
    with pytest.warns(RuntimeWarning, match=rf"coroutine '{name}' was never awaited"):
        operations.clear()
    assert (sorted(os.listdir()), sorted(os.listdir("a"))) == before


@each
async def test_runs_as_a_task(ours: Any, theirs: Any, name: str, tree: int) -> None:
    task = asyncio.create_task(getattr(ours, name)(*arguments(name, tree)))
    result = await task
    assert (result is None) is (name in CHANGES)


async def test_is_awaited_once(tree: int) -> None:
    operation = rapfiles.os.stat("file")
    await operation
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        await operation


async def test_what_is_cancelled_before_it_begins_never_runs(tree: int) -> None:
    task = asyncio.create_task(rapfiles.os.mkdir("new"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not os.path.exists("new")


async def test_what_is_cancelled_on_its_way_is_done_whole_or_not_at_all(tree: int) -> None:
    tasks = [asyncio.create_task(rapfiles.os.mkdir(f"new{number}")) for number in range(300)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {asyncio.CancelledError, type(None)}
    # What was running ends in the background; one that comes after all of them sees its end.
    while rapfiles.metrics()["queued"]:
        await rapfiles.os.access("file", os.F_OK)
    made = {name for name in os.listdir() if name.startswith("new")}
    finished = {f"new{n}" for n, result in enumerate(results) if result is None}
    assert finished <= made
    await asyncio.gather(*(rapfiles.os.rmdir(name) for name in made))


async def test_many_at_once_from_many_tasks(tree: int) -> None:
    async def life(number: int) -> None:
        name = f"life{number}"
        await rapfiles.os.mkdir(name)
        await rapfiles.os.rename(name, f"{name}.old")
        assert await rapfiles.ospath.isdir(f"{name}.old")
        await rapfiles.os.rmdir(f"{name}.old")
        assert not await rapfiles.ospath.exists(f"{name}.old")

    await asyncio.gather(*map(life, range(200)))
    assert sorted(os.listdir()) == ["a", "file", "link"]


def test_several_loops_in_threads(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path
) -> None:
    failures: list[BaseException] = []

    async def work(name: str) -> None:
        for number in range(50):
            await rapfiles.os.makedirs(f"{tmp_path}/{name}/{number}")
            assert len(await rapfiles.os.listdir(f"{tmp_path}/{name}")) == number + 1

    def run(name: str) -> None:
        loop = loop_factory()
        try:
            loop.run_until_complete(work(name))
        except BaseException as error:
            failures.append(error)
        finally:
            loop.close()

    threads = [threading.Thread(target=run, args=(f"thread{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def test_every_kind_of_operation_is_counted(tree: int) -> None:
    before = rapfiles.metrics()["kinds"]
    await rapfiles.os.stat("file")
    await rapfiles.os.mkdir("new")
    with pytest.raises(FileExistsError):
        await rapfiles.os.mkdir("new")
    after = rapfiles.metrics()["kinds"]
    done = {name: after[name]["now"] + after[name]["soon"] for name in after}
    assert done["stat"] - before["stat"]["now"] - before["stat"]["soon"] == 1
    assert done["mkdir"] - before["mkdir"]["now"] - before["mkdir"]["soon"] == 1
    assert after["mkdir"]["errors"] - before["mkdir"]["errors"] == 1
