"""`rapfiles.Path`: `pathlib`'s paths with coroutines."""

from __future__ import annotations

import asyncio
import copy
import errno
import inspect
import json
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from path_model import PATTERNS, STEPS, WILD, Step, build, compare, outcome, trees, walked
from rapfiles import Path
from rapfiles._path import matching

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
Python = Callable[..., "subprocess.CompletedProcess[str]"]


def test_whatever_is_done_comes_out_as_in_pathlib(loop_factory: LoopFactory) -> None:
    loop = loop_factory()

    @given(st.lists(STEPS, min_size=1, max_size=12))
    def same(steps: list[Any]) -> None:
        with trees() as (theirs, ours):
            loop.run_until_complete(compare(steps, theirs, ours))

    try:
        same()
    finally:
        loop.close()


# What is pathlib's and not ours: deprecated there, or its own affair.
NOT_OURS = {"link_to", "info"}


def test_every_public_name_of_pathlib_is_there() -> None:
    names = {name for name in dir(pathlib.Path) if not name.startswith("_")}
    assert names - set(dir(Path)) <= NOT_OURS


def test_io_is_done_by_coroutine_functions() -> None:
    synchronous = {"absolute", "open", "iterdir", "glob", "rglob", "walk", "from_uri"}
    io = {name for name in vars(pathlib.Path) if not name.startswith("_")} - synchronous - NOT_OURS
    io -= set(dir(pathlib.PurePath))
    assert io
    assert [name for name in io if not inspect.iscoroutinefunction(getattr(Path, name))] == []
    assert inspect.iscoroutinefunction(Path("a").exists)
    assert (
        str(inspect.signature(Path("a").exists)) == "(*, follow_symlinks: 'bool' = True) -> 'bool'"
    )


# ---- what asks no disk


def test_it_is_a_pure_path_equal_to_others_of_pathlib() -> None:
    path, pure, concrete = Path("a/b"), pathlib.PurePath("a/b"), pathlib.Path("a/b")
    assert issubclass(Path, pathlib.PurePath) and not issubclass(Path, pathlib.Path)
    for other in (pure, concrete):
        assert path == other and other == path
        assert hash(path) == hash(other)
        assert len({path, other}) == 1
        assert not path < other and not other < path and path <= other and other >= path
        assert path < type(other)("a/c") and type(other)("a/c") > path
    assert path != "a/b"
    assert path != pathlib.PureWindowsPath("a/b")
    assert sorted([pathlib.Path("c"), Path("b"), pathlib.PurePath("a")]) == [
        *map(pathlib.PurePath, "abc")
    ]


def test_slashes_join_it_with_others_and_what_is_left_says_what_comes_of_it() -> None:
    for joined in (Path("a") / "b", "a" / Path("b"), Path("a") / pathlib.Path("b")):
        assert joined == Path("a/b") and type(joined) is Path
    assert type(pathlib.Path("a") / Path("b")) is type(pathlib.Path())
    assert pathlib.Path("a") / Path("b") == Path("a/b")
    with pytest.raises(TypeError):
        Path("a") / b"b"  # type: ignore[operator]
    with pytest.raises(TypeError):
        Path(b"a")  # type: ignore[arg-type]


def test_pure_parts_are_paths_of_the_same_kind() -> None:
    path = Path("/x/../a/b.tar.gz")
    assert (path.name, path.stem, path.suffix) == ("b.tar.gz", "b.tar", ".gz")
    assert path.suffixes == [".tar", ".gz"] and path.parts == ("/", "x", "..", "a", "b.tar.gz")
    assert (path.drive, path.root, path.anchor) == ("", "/", "/")
    made = [
        path.parent,
        *path.parents,
        path.with_name("c"),
        path.with_stem("c"),
        path.with_suffix(".c"),
        path.joinpath("c", "d"),
        path.relative_to("/x"),
        path.absolute(),
        Path("a").absolute(),
        Path(path),
        copy.copy(path),
        copy.deepcopy(path),
        pickle.loads(pickle.dumps(path)),
    ]
    assert {type(each) for each in made} == {Path}
    assert Path("a").absolute() == pathlib.Path("a").absolute()
    assert Path().absolute() == pathlib.Path().absolute()
    assert path.is_absolute() and path.is_relative_to("/x") and path.match("*.gz")
    assert path.as_posix() == os.fspath(path) == str(path)
    assert Path("/a b").as_uri() == "file:///a%20b"
    assert repr(Path("a")) == "Path('a')"
    if sys.version_info >= (3, 12):
        assert path.relative_to("/x/y", walk_up=True) == pathlib.Path(path).relative_to(
            "/x/y", walk_up=True
        )
    if sys.version_info >= (3, 13):
        assert path.full_match("/**/*.gz")
        assert Path.from_uri("file:///a%20b") == Path("/a b")
        assert type(Path.from_uri("file:///ab")) is Path


class Own(Path):
    """With something of its own."""

    def shout(self) -> str:
        return str(self).upper()


async def test_subclasses_make_their_own_kind(tmp_path: pathlib.Path) -> None:
    root = Own(tmp_path)
    await (root / "d").mkdir()
    (tmp_path / "d" / "x").touch()
    await (root / "link").symlink_to("d")
    found: list[Path] = [
        root / "d",
        await root.resolve(),
        await (root / "link").readlink(),
        await (root / "d").rename(root / "e"),
        await Own.cwd(),
        await Own.home(),
        *await root.iterdir(),
        *await root.glob("*"),
        *await root.rglob("x"),
        *[here async for here, _, _ in root.walk()],
    ]
    assert {type(each) for each in found} == {Own}
    assert Own("a").shout() == "A"
    Own("a").extra = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        Path("a").extra = 1  # type: ignore[attr-defined]


# ---- what asks


@pytest.fixture
def tree(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    build()
    return tmp_path


async def test_questions_are_answered_without_an_error(tree: pathlib.Path) -> None:
    assert await Path("a").exists() and await Path("a").is_file() and not await Path("a").is_dir()
    assert await Path("to-d").is_dir() and await Path("to-d").is_symlink()
    assert not await Path("to-d").is_dir(follow_symlinks=False)
    assert not await Path("to-a").is_file(follow_symlinks=False)
    assert not await Path("dangling").exists()
    assert await Path("dangling").exists(follow_symlinks=False)
    assert await Path("fifo").is_fifo() and await Path("/dev/null").is_char_device()
    assert not await Path("a").is_junction()
    assert await Path("").exists() and await Path().is_dir()
    for name in ("nul\0byte", "lone\ud800", "a/below", "loop"):
        assert not await Path(name).exists()


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="every error is a no from Python 3.14 on")
async def test_what_leaves_the_answer_open_is_an_error() -> None:
    for ask in (Path.exists, Path.is_file, Path.is_dir, Path.is_symlink, Path.is_fifo):
        with pytest.raises(OSError) as caught:
            await ask(Path("n" * 300))
        assert caught.value.filename == "n" * 300


async def test_what_is_in_memory_needs_no_worker(tree: pathlib.Path) -> None:
    if not rapfiles.metrics()["now"]:
        pytest.skip("operations are not attempted at once")
    path = Path(tree / "a")
    for _ in range(3):
        await path.exists()
        await path.read_bytes()
    kinds = ("Path.exists", "stat", "read_file")
    before = {kind: rapfiles.metrics()["kinds"][kind]["soon"] for kind in kinds}
    await path.exists()
    await path.stat()
    await path.lstat()
    await path.read_bytes()
    await path.read_text()
    after = {kind: rapfiles.metrics()["kinds"][kind]["soon"] for kind in kinds}
    assert after == before


async def test_names_that_are_not_utf8_come_back_as_they_are(tree: pathlib.Path) -> None:
    names = {path.name for path in await Path().iterdir()}
    assert names == set(os.listdir())
    assert await Path("odd\udcff").read_text() == "in 'odd\\udcff'\n"


async def test_samefile_takes_what_a_path_can_be_made_of(tree: pathlib.Path) -> None:
    assert await Path("to-a").samefile("a")
    assert await Path("to-a").samefile(pathlib.Path("a"))
    assert not await Path("a").samefile(Path("b"))
    with pytest.raises(FileNotFoundError) as caught:
        await Path("a").samefile("nope")
    assert caught.value.filename == "nope"


# ---- contents


async def test_open_gives_handles(tree: pathlib.Path, no_fd_left: None) -> None:
    async with Path("new").open("w", encoding="utf-8") as file:
        await file.write("one\ntwo\n")
    async with Path("new").open() as file:
        assert [line async for line in file] == ["one\n", "two\n"]
    binary = await Path("new").open("rb", buffering=0)
    assert await binary.read() == b"one\ntwo\n"
    await binary.close()


async def test_text_that_an_encoding_lacks_leaves_the_file_alone(tree: pathlib.Path) -> None:
    before = await Path("a").read_bytes()
    with pytest.raises(UnicodeEncodeError):
        await Path("a").write_text("é", "ascii")
    assert await Path("a").read_bytes() == before
    with pytest.raises(TypeError):
        await Path("a").write_text(b"bytes")  # type: ignore[arg-type]


async def test_line_ends_are_written_as_asked(tree: pathlib.Path) -> None:
    assert await Path("a").write_text("one\ntwo\n", newline="\r\n") == 8
    assert await Path("a").read_bytes() == b"one\r\ntwo\r\n"
    assert await Path("a").read_text() == "one\ntwo\n"
    assert await Path("a").read_text(newline="") == "one\r\ntwo\r\n"


# ---- copies


async def test_files_and_trees_are_copied(tree: pathlib.Path, no_fd_left: None) -> None:
    (tree / "d/e/up").unlink()
    assert await Path("a").copy("copy") == Path("copy")
    assert (tree / "copy").read_bytes() == (tree / "a").read_bytes()
    copied = await Path("d").copy(pathlib.Path("d2"), preserve_metadata=True)
    assert type(copied) is Path
    for name in ("a", "e/f/a"):
        assert (tree / "d2" / name).read_bytes() == (tree / "d" / name).read_bytes()
    assert (tree / "d2/e").stat().st_mtime_ns == (tree / "d/e").stat().st_mtime_ns
    assert await Path("to-a").copy("itself", follow_symlinks=False) == Path("itself")
    assert os.readlink("itself") == "a"
    assert await Path("to-a").copy_into("empty") == Path("empty/to-a")
    assert not (tree / "empty/to-a").is_symlink()
    assert await Path("to-d").copy("real") == Path("real")
    assert (tree / "real/e/f/a").exists() and not (tree / "real").is_symlink()


async def test_trees_are_not_copied_where_they_cant_be(tree: pathlib.Path) -> None:
    (tree / "d/e/up").unlink()
    with pytest.raises(FileExistsError) as caught:
        await Path("d").copy("empty")
    assert caught.value.filename == "empty"
    for target in ("d", "d/e/new"):
        with pytest.raises(OSError) as failed:
            await Path("d").copy(target)
        assert failed.value.errno == errno.EINVAL
        assert (failed.value.filename, failed.value.filename2) == ("d", target)
    with pytest.raises(FileNotFoundError) as missing:
        await Path("nope").copy("new")
    assert missing.value.filename == "nope" and not os.path.lexists("new")
    with pytest.raises(ValueError):
        await Path("/").copy_into("d")


async def test_files_and_trees_are_moved(tree: pathlib.Path) -> None:
    assert await Path("a").move("b") == Path("b")
    assert (tree / "b").read_text() == "in 'a'\n" and not (tree / "a").exists()
    assert await Path("d").move_into("empty") == Path("empty/d")
    assert (tree / "empty/d/e/f/a").exists() and not (tree / "d").exists()
    with pytest.raises(FileNotFoundError):
        await Path("nope").move("new")


async def test_trees_move_to_other_filesystems(tree: pathlib.Path) -> None:
    other = pathlib.Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tree.stat().st_dev:
        pytest.skip("there is no second filesystem at /dev/shm")
    with tempfile.TemporaryDirectory(dir=other) as there:
        time = (tree / "d/a").stat().st_mtime_ns
        assert await Path("d").move_into(there) == Path(there, "d")
        moved = pathlib.Path(there, "d")
        assert (moved / "a").stat().st_mtime_ns == time
        assert (moved / "e/f/a").read_text() == "in 'd/e/f/a'\n"
        assert os.readlink(moved / "e/up") == "../../d"
        assert not (tree / "d").exists()
        await Path("b").move(moved / "a")
        assert (moved / "a").read_text() == "in 'b'\n" and not (tree / "b").exists()
        # It can't be moved over something; then both are as they were.
        with pytest.raises(FileExistsError):
            await Path("empty").move(moved)
        assert (tree / "empty").is_dir() and (moved / "a").exists()


# ---- trees


async def test_streams_may_be_left_and_awaited(tree: pathlib.Path, no_fd_left: None) -> None:
    for make in (Path().iterdir, lambda: Path().glob("*"), lambda: Path().rglob("*")):
        stream = make()
        assert isinstance(stream, rapfiles.Stream)
        async with stream:
            async for path in stream:
                assert type(path) is Path
                break
        assert len(await make()) >= 11
        assert [type(batch) for batch in await make().batches(5)][:2] == [list, list]


def test_streams_work_without_a_loop(tree: pathlib.Path) -> None:
    assert set(Path().iterdir()) == set(pathlib.Path().iterdir())
    assert set(Path().glob("**/a")) == set(pathlib.Path().glob("**/a"))
    assert set(Path().glob("*", case_sensitive=None)) == set(pathlib.Path().glob("*"))


@pytest.mark.parametrize("name", [".", "d", "d/..", "to-d", "/", "//", "/usr"])
async def test_what_is_in_a_directory_is_made_as_any_path(tree: pathlib.Path, name: str) -> None:
    for found in await Path(name).iterdir():
        made = Path(name, found.name)
        assert found == made and str(found) == str(made) and found.parts == made.parts
        assert hash(found) == hash(made) and found.parent == Path(name)
        assert pickle.loads(pickle.dumps(found / "x")) == made / "x"


async def test_iterdir_says_what_is_wrong(tree: pathlib.Path) -> None:
    for name, kind in (("nope", FileNotFoundError), ("a", NotADirectoryError)):
        with pytest.raises(kind) as caught:
            await Path(name).iterdir()
        assert caught.value.filename == name


async def test_patterns_find_what_pathlib_finds(tree: pathlib.Path) -> None:
    random = Random(12)
    patterns = ["/".join(random.choices(WILD, k=random.randint(1, 4))) for _ in range(400)]
    native = 0
    for pattern in [*PATTERNS, *patterns]:
        for root in (".", "d", "to-d", "a", "nope", str(tree), "d/.."):
            for method in ("glob", "rglob"):
                step: Step = (method, root, ((pattern,), {}))
                theirs = await outcome(pathlib.Path, step, str(tree))
                assert await outcome(Path, step, str(tree)) == theirs, step
                native += matching.native_pattern(method, pattern) is not None
    assert native > 2000


async def test_what_is_found_is_made_as_any_path(tree: pathlib.Path) -> None:
    for root in (".", "d", "d/..", str(tree), "/dev"):
        for found in [*await Path(root).glob("*"), *await Path(root).glob("*/*")]:
            made = Path(str(found))
            assert found == made and found.parts == made.parts and found.name == made.name
            assert hash(found) == hash(made) and found.parent == made.parent


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("top_down", [False, True])
async def test_walk_is_that_of_pathlib(tree: pathlib.Path, top_down: bool, follow: bool) -> None:
    (tree / "d/e/up").unlink()
    got = await walked(Path("."), top_down=top_down, follow_symlinks=follow)
    if sys.version_info >= (3, 12):
        their = pathlib.Path().walk(top_down=top_down, follow_symlinks=follow)
        assert sorted(got) == sorted(
            (str(here), sorted(dirs), sorted(files)) for here, dirs, files in their
        )
    at = {here: index for index, (here, _, _) in enumerate(got)}
    assert (at["d"] < at["d/e"]) is top_down and (at["."] == 0) is top_down
    assert ("to-d" in at) is follow


async def test_walk_goes_where_it_is_let(tree: pathlib.Path) -> None:
    seen = []
    async for here, dirs, _ in Path().walk():
        dirs[:] = [name for name in dirs if name != "e"]
        seen.append(str(here))
    assert sorted(seen) == [".", "d", "empty"]


async def test_walk_tells_errors(tree: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        await walked(Path("nope"))
    assert caught.value.filename == "nope"
    errors: list[OSError] = []
    assert await walked(Path("nope"), on_error=errors.append) == []
    assert [error.filename for error in errors] == ["nope"]


# ---- cancellation


async def test_a_cancelled_call_leaves_nothing_behind(tree: pathlib.Path, no_fd_left: None) -> None:
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: Path("new").mkdir(),
        lambda: Path("new/deep").mkdir(parents=True),
        lambda: Path("a").rename("z"),
        lambda: Path("d").touch(),
        lambda: Path().rglob("*").__anext__(),
        lambda: Path("d").iterdir().__anext__(),
    ]
    for call in calls:
        task = asyncio.ensure_future(_awaited(call))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        # What others do may have been done meanwhile.
        assert task.cancelled() or "__anext__" in inspect.getsource(call)
    # Everything works on.
    assert await Path("d/a").read_text() == "in 'd/a'\n"


async def _awaited(call: Callable[[], Awaitable[object]]) -> None:
    await call()


# ---- others


def test_pydantic_takes_it_for_a_field() -> None:
    pydantic = pytest.importorskip("pydantic", reason="Pydantic is not installed")

    class Model(pydantic.BaseModel):  # type: ignore[name-defined,misc]
        path: Path
        more: list[Path]

    class Others(pydantic.BaseModel):  # type: ignore[name-defined,misc]
        own: Own

    for given_path in ("a/b", pathlib.Path("a/b"), Path("a/b"), Own("a/b")):
        model = Model(path=given_path, more=["c"])
        assert model.path == Path("a/b") and isinstance(model.path, Path)
        assert model.more == [Path("c")]
        assert json.loads(model.model_dump_json()) == {"path": "a/b", "more": ["c"]}
        assert model.model_dump() == {"path": Path("a/b"), "more": [Path("c")]}
        assert Model.model_validate_json(model.model_dump_json()) == model
    assert type(Others(own=Path("x")).own) is Own
    assert Model.model_json_schema()["properties"]["path"] == {
        "type": "string",
        "format": "path",
        "title": "Path",
    }
    for wrong in (1, None, ["a"]):
        with pytest.raises(pydantic.ValidationError):
            Model(path=wrong, more=[])
    with pytest.raises(pydantic.ValidationError):
        Model.model_validate({"path": "a", "more": []}, strict=True)
    assert Model.model_validate_json('{"path": "a", "more": []}', strict=True).path == Path("a")


async def test_fastapi_takes_it_for_a_parameter(tree: pathlib.Path) -> None:
    fastapi = pytest.importorskip("fastapi", reason="FastAPI is not installed")
    app = fastapi.FastAPI()

    @app.get("/files/{path:path}")  # type: ignore[untyped-decorator,unused-ignore]
    async def show(path: Path, beside: Path) -> dict[str, Any]:
        return {"path": str(path), "kind": type(path).__name__, "there": await beside.exists()}

    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/files/d/a",
        "raw_path": b"/files/d/a",
        "query_string": b"beside=nope",
        "headers": [],
        "root_path": "",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 200
    body = b"".join(message.get("body", b"") for message in sent)
    assert json.loads(body) == {"path": "d/a", "kind": "Path", "there": False}
    parameters = app.openapi()["paths"]["/files/{path}"]["get"]["parameters"]
    assert {each["schema"]["format"] for each in parameters} == {"path"}


def test_the_package_is_imported_without_it(python: Python) -> None:
    text = """
import sys
before = set(sys.modules)
import rapfiles
assert "rapfiles._path" not in sys.modules
assert ("pathlib" in sys.modules) == ("pathlib" in before)
assert rapfiles.Path("a") == rapfiles.Path("a")
assert "pydantic" not in sys.modules and "pydantic_core" not in sys.modules
"""
    assert python(text).returncode == 0
