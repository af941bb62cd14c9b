"""`rapfiles.glob` finds what the standard library's finds."""

from __future__ import annotations

import asyncio
import gc
import glob
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles
from conftest import native_threads, open_fds, settles
from glob_cases import Case, differences, make_case, make_pattern, make_tree, ours, theirs

CASES = int(os.environ.get("RAPFILES_GLOB_CASES", "600"))
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Eight trees, so deep that ``..`` leads nowhere else."""
    chance = random.Random(7)
    made = []
    for n in range(8):
        tree = os.fsencode(tmp_path_factory.mktemp("glob")) + b"/u/u/u/u/u/u/%d" % n
        os.makedirs(tree)
        make_tree(tree, chance)
        made.append(tree)
    return made


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree, which is the current directory."""
    for name in ("a/b/c.py", "a/.h/d.py", "e.py", ".f.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_random_arguments_find_what_the_standard_library_finds(trees: list[bytes]) -> None:
    found, paths = differences(
        trees, CASES, random.Random(os.environ.get("RAPFILES_GLOB_SEED", "1"))
    )
    assert not found, "\n".join(found[:5])
    assert paths > CASES  # something was compared


@given(st.randoms(use_true_random=False), st.integers(0, 7))
@settings(suppress_health_check=SLOW)
def test_other_arguments_do_too(trees: list[bytes], chance: random.Random, tree: int) -> None:
    before = os.getcwd()
    os.chdir(trees[tree])
    try:
        case = make_case(chance, os.fsdecode(trees[tree]))
        assert ours(case) == theirs(case), case
    finally:
        os.chdir(before)


@given(st.text("ab[]!-^*?\\.\né\udcff", max_size=12), st.text("ab[]!-^*?\\.\né\udcff", min_size=1))
@settings(suppress_health_check=SLOW)
def test_brackets_match_as_in_fnmatch(
    tmp_path_factory: pytest.TempPathFactory, pattern: str, name: str
) -> None:
    if name in (".", ".."):
        return
    directory = tmp_path_factory.mktemp("name")
    (directory / name[:30]).touch()
    case = Case(pattern + "*", {"root_dir": str(directory), "recursive": True})
    assert ours(case) == theirs(case)


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "",
            ".",
            "..",
            "/",
            "//",
            "a",
            "a/",
            "a//",
            "e.py/",
            "**",
            "**/",
            "**/**",
            "a/**",
            "a/**/",
        ),
        *(
            "missing/**",
            "e.py/**",
            "missing/*",
            "**/c.py",
            "**/b/",
            "*/*",
            "./*",
            "a/../*",
            "*/../*",
        ),
        *(
            "**/*.py",
            "**/.*",
            ".*",
            "**/**/*.py",
            "*/b/c.py",
            "*/missing/..",
            "**/.",
            "**a",
            "a**/b",
        ),
        *("a\0b", "*\0", "*/\0", "**/\0/*", "a\0/*", "a\0/**"),
    ],
)
def test_odd_patterns(here: Path, pattern: str, recursive: bool) -> None:
    every: list[dict[str, str]]
    every = [{}, {"root_dir": "a"}, {"root_dir": "missing"}, {"root_dir": str(here) + "/"}]
    for options in every:
        for written in (pattern, f"{here}/{pattern}"):
            case = Case(written, {**options, "recursive": recursive})
            assert ours(case) == theirs(case), case
        bytes_options = {key: os.fsencode(value) for key, value in options.items()}
        case = Case(os.fsencode(pattern), {**bytes_options, "recursive": recursive})
        assert ours(case) == theirs(case), case


def _each(patterns: list[str], options: dict[str, Any]) -> set[str]:
    """What the standard library finds for one after the other, slashes told as one."""
    found = set()
    for pattern in patterns:
        for path in glob.glob(pattern, recursive=True, **options):
            # Before 3.13 `name/**` finds `name/` even if that is a file.
            if not path.endswith("/") or os.path.isdir(
                os.path.join(options.get("root_dir", ""), path)
            ):
                found.add(re.sub("/+", "/", path))
    return found


@given(st.randoms(use_true_random=False), st.integers(0, 7))
@settings(suppress_health_check=SLOW)
def test_many_patterns_find_what_each_of_them_finds(
    trees: list[bytes], chance: random.Random, tree: int
) -> None:
    before, root = os.getcwd(), os.fsdecode(trees[tree])
    os.chdir(root)
    try:
        patterns = [make_pattern(chance, root) for _ in range(chance.randrange(6))]
        patterns = [one for one in patterns if not re.search("[{}]", one)]
        options: dict[str, Any] = {}
        if chance.random() < 0.5:
            options["root_dir"] = chance.choice([".", "a", root])
        got = Counter(rapfiles.globs(patterns, **options))
        assert set(got) == _each(patterns, options), (patterns, options)
        assert set(got.values()) <= {1}, (patterns, options)
    finally:
        os.chdir(before)


async def test_many_patterns(here: Path) -> None:
    wanted = ["a/b/c.py", "e.py"]
    for patterns in (
        ["**/*.py"],
        ["**/*.py", "e*", "a/b/*", "a/b/c.py", "*.py", "a//b/./../b/no"],
        ["{a/b/c,e}.py"],
        ["{*,a/*/*}.{py,rs}", "a/{b,c}/c.py"],
        (Path(name) for name in wanted),
    ):
        assert sorted(await rapfiles.globs(patterns)) == wanted
    assert sorted(await rapfiles.globs(["**", "a/**/", "a/"])) == [
        *("a", "a/", "a/b", "a/b/", "a/b/c.py", "e.py"),
    ]
    assert await rapfiles.globs([]) == []
    assert await rapfiles.globs(["", "missing/*", "e.py/*"]) == []
    assert await rapfiles.globs([b"e*"], root_dir=os.fsencode(here)) == [b"e.py"]
    assert await rapfiles.globs([f"{here}/e*", "e*"]) in (
        ["e.py", f"{here}/e.py"],
        [f"{here}/e.py", "e.py"],
    )
    os.mkdir("{x}")
    assert await rapfiles.globs(["[{]x[}]"]) == ["{x}"]


def test_bad_patterns_among_many() -> None:
    with pytest.raises(TypeError, match="several"):
        rapfiles.globs("*.py")
    with pytest.raises(TypeError):
        rapfiles.globs(["*", b"*"])  # type: ignore[type-var]
    with pytest.raises(ValueError, match="null"):
        rapfiles.globs(["a\0"])
    for bad, position, why in [
        ("a{b", 1, "never closed"),
        ("éa}", 2, "never opened"),
        ("{" * 60, 50, "within"),
        ("{a,b}" * 20, 50, "too many"),
        ("{" + "," * 2_000, 1001, "too many"),
        ("*" * 70_000, 65_536, "longer"),
    ]:
        with pytest.raises(rapfiles.PatternError, match=why) as caught:
            rapfiles.globs(["fine", bad])
        assert (caught.value.pattern, caught.value.position) == (bad, position)
    with pytest.raises(rapfiles.PatternError, match="more than 1000 patterns"):
        rapfiles.globs([f"{number}*" for number in range(1_001)])


async def test_items_come_one_by_one_or_all_at_once(here: Path) -> None:
    wanted = ["a/b/c.py", "e.py"]
    assert sorted(await rapfiles.glob("**/*.py")) == wanted
    assert sorted([path async for path in rapfiles.iglob("**/*.py")]) == wanted
    assert sorted(await rapfiles.glob("**/*.py", include_hidden=True)) == [
        ".f.py",
        "a/.h/d.py",
        *wanted,
    ]
    assert await rapfiles.glob("**/*.py", recursive=False) == []
    assert await rapfiles.glob(Path("e*")) == ["e.py"]
    assert await rapfiles.glob("*/*", root_dir=Path("a")) == ["b/c.py"]
    assert await rapfiles.glob(b"e*", root_dir=os.fsencode(here)) == [b"e.py"]


async def test_what_cannot_be_read_is_passed_over(here: Path) -> None:
    stream = rapfiles.glob("missing/*")
    assert (await stream, stream.errors) == ([], [])
    assert await rapfiles.glob("*", dir_fd=10_000) == []
    assert await rapfiles.glob(f"{here}/e*", dir_fd=10_000) == [f"{here}/e.py"]


async def test_a_descriptor_may_be_closed_once_the_call_has_returned(here: Path) -> None:
    descriptor = os.open("a", os.O_RDONLY)
    stream = rapfiles.glob("**/*.py", dir_fd=descriptor)
    os.close(descriptor)
    assert await stream == ["b/c.py"]


def test_circles_are_followed_as_far_as_the_system_does(here: Path) -> None:
    os.symlink(".", "loop")
    os.symlink("self", "self")
    options: list[dict[str, Any]] = [{}, {"root_dir": "loop"}]
    descriptor = os.open(".", os.O_RDONLY)
    for extra in [*options, {"dir_fd": descriptor}]:
        for pattern in ("**", "**/e.py", "**/loop/*.py", "**/", "loop/**/*"):
            case = Case(pattern, {**extra, "recursive": True})
            assert ours(case) == theirs(case), case
    os.close(descriptor)


def test_paths_that_grow_too_long_end(here: Path) -> None:
    descriptor = os.open(".", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("n" * 250, dir_fd=descriptor)
        below = os.open("n" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    for pattern in ("**", "**/", "n*/**"):
        assert ours(Case(pattern, {"recursive": True})) == theirs(
            Case(pattern, {"recursive": True})
        )


@pytest.mark.parametrize("call", [rapfiles.glob, rapfiles.iglob])
def test_bad_arguments(call: object) -> None:
    assert callable(call)
    with pytest.raises(TypeError):
        call("*", root_dir=b".")
    with pytest.raises(TypeError):
        call(3)
    with pytest.raises(rapfiles.PatternError, match="longer than") as caught:
        call("*" + "a" * 70_000)
    assert (caught.value.position, caught.value.pattern) == (65_536, "*" + "a" * 70_000)
    with pytest.raises(rapfiles.PatternError, match="parts") as caught:
        call("*/" * 2_000)
    assert isinstance(caught.value.position, int)


async def test_patterns_that_multiply_take_no_memory(here: Path) -> None:
    os.makedirs("/".join("d" * 60))
    async with rapfiles.glob("**/" * 300 + "*") as stream:
        async for _ in stream:
            break


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than a stream keeps in store, in many directories."""
    root = tmp_path_factory.mktemp("wide")
    (root / "file").touch()
    for n in range(800):
        (root / f"{n}").mkdir()
        for m in range(40):
            os.link(root / "file", root / f"{n}/{m}")
    return root


async def test_cancelled_and_closed_globs_leave_nothing(wide: Path) -> None:
    assert len(await rapfiles.glob("**", root_dir=str(wide))) == 1 + 800 + 32_000
    fds, threads = open_fds(), native_threads()
    for _ in range(20):
        async with rapfiles.glob("**/*", root_dir=str(wide)) as stream:
            async for _path in stream:
                break
        task = asyncio.ensure_future(_all(wide))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task  # its traceback holds the stream
    await asyncio.sleep(0.01)  # turns of the loop, in which what was cancelled is let go of
    gc.collect()
    assert settles(open_fds, fds) <= fds
    # They stay a while for what comes next; those of 40 globs would be 80 at least.
    assert settles(native_threads, threads + 40) <= threads + 40


async def _all(root: Path) -> Counter[str]:
    return Counter(await rapfiles.glob("**/*", root_dir=str(root)))
