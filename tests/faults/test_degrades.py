"""Promise 16: without a system call, and on other filesystems, everything still works.

The suite itself runs again, in a child: under seccomp profiles, and with its files on tmpfs,
overlay and FUSE. Each call alone is denied to a run that moves the same bytes in many ways.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from .tools import mounts, seccomp
from .tools.figures import FULL, record
from .tools.fuse import fuse
from .tools.process import Finished, run, run_command

TESTS = Path(__file__).parents[1]
CALLS = (
    "openat2",
    "preadv2.flags",
    "preadv2",
    "statx",
    "copy_file_range",
    "io_uring_setup",
    "cachestat",
    "renameat2",
    "mincore",
    "faccessat2",
    "close_range",
    "pwritev2",
)
ALONE = [
    {call: error}
    for call in CALLS
    for error in ("ENOSYS", "EPERM", *(["EOPNOTSUPP"] if "flags" in call else []))
]
TOGETHER = {
    "nothing newer than 2016": dict.fromkeys(CALLS, "ENOSYS"),
    "a strict container": dict.fromkeys(CALLS, "EPERM"),
}
# The suite in a child: what is about files. Not itself, nor what is timed, nor what asks that the
# kernel answers at once, nor what is about the package, its documents or its tools.
NOT_ABOUT_FILES = (
    "faults",
    "typing",
    "test_loop_never_blocks.py",
    "test_engine.py",
    "test_compat_tests.py",
    "test_docs.py",
    "test_examples.py",
    "test_public_surface.py",
    "test_benchmarks_harness.py",
    "test_benchmarks_reports.py",
)
# Some ask the same of a single test.
SINGLE = (
    "test_ospath.py::test_what_the_kernel_has_in_memory_takes_no_thread",
    "test_path.py::test_what_is_in_memory_needs_no_worker",
    "test_whole.py::TestRanges::test_a_cached_one_takes_no_worker",
)
# About files, but long: with FAULTS_FULL=1 only.
LONG = (
    *("differential", "test_stdio.py", "test_os_trees.py", "test_path.py", "test_pipeline.py"),
    *("test_trees.py", "test_lock.py", "test_example_fastapi.py", "test_starlette_ranges.py"),
    *("test_starlette_response.py", "test_starlette_service.py", "test_starlette_uploads.py"),
)
# Made of tens of thousands of files, each of which takes a FUSE server in Python a millisecond.
TREES = (
    *("test_stream.py", "test_stream_readers.py", "test_walk.py", "test_find.py"),
    *("test_find_git.py", "test_find_model.py", "test_glob.py", "test_search.py"),
    *("test_search_rg.py", "test_scan.py", "test_shuffle.py"),
)
# Made of files that fill these filesystems, of 512 MiB; and a FUSE server tells nobody of holes.
BIG = (
    *("test_copy.py", "test_copy_trees.py", "test_atomic.py", "test_atomic_open.py"),
    *("test_batch.py", "test_descriptors.py", "test_fs.py", "test_fs_attributes.py"),
    *("test_fs_errors.py", "test_fs_metadata.py", "test_map.py", "test_rename_files.py"),
    *("test_starlette_static.py", "test_whole.py"),
)
FEWEST = 500
LIMIT_S = 2_400 if FULL else 480

pytestmark = pytest.mark.timeout(len(TOGETHER) * LIMIT_S + 60)


def _name(denied: dict[str, str]) -> str:
    return " ".join(f"{call}={error}" for call, error in denied.items())


@pytest.mark.parametrize("denied", ALONE, ids=_name)
def test_each_call_denied(denied: dict[str, str], tmp_path: Path) -> None:
    wrap = seccomp.launcher(denied)
    run("transfer.py", "asyncio", tmp_path, 300_000, wrap=wrap).clean()


@pytest.mark.root
@pytest.mark.parametrize("kind", ["tmpfs", "overlay", "FUSE"])
def test_the_same_bytes_on(kind: str, loop_kind: str, tmp_path: Path) -> None:
    with _filesystem(kind, tmp_path) as top:
        run("transfer.py", loop_kind, top, 300_000).clean()


@contextmanager
def _filesystem(kind: str, base: Path) -> Iterator[Path]:
    if kind == "tmpfs":
        with mounts.tmpfs(base / "mnt", size="512m") as top:
            yield top
    elif kind == "overlay":
        with mounts.overlay(base / "base", base / "mnt") as top:
            yield top
    else:
        with fuse(base) as control:
            yield control.path


def _suite(top: Path, *launcher: str, without: tuple[str, ...] = LONG) -> Finished:
    """The suite in a child, its files below `top`; the whole of it only with FAULTS_FULL=1."""
    left_out = NOT_ABOUT_FILES if FULL else NOT_ABOUT_FILES + without
    line = [*launcher, sys.executable, "-m", "pytest", str(TESTS), "-q", "-p", "no:cacheprovider"]
    # Started where this run was, it tests the same package, be that installed or of the tree.
    line += ["-c", str(TESTS.parent / "pyproject.toml"), f"--rootdir={TESTS.parent}"]
    line += [f"--basetemp={top / 'pytest'}", f"--loop={'both' if FULL else 'asyncio'}"]
    line += ["-o", "tmp_path_retention_policy=none"]  # some of these filesystems are small
    line += [f"--ignore={TESTS / name}" for name in left_out]
    line += [f"--deselect=tests/{name}" for name in SINGLE]
    (top / "tmp").mkdir()
    env = {"TMPDIR": str(top / "tmp"), "HYPOTHESIS_STORAGE_DIRECTORY": str(top / "hypothesis")}
    return run_command(line, "the suite", timeout=LIMIT_S, env=env)


def _assert_green(where: str, end: Finished, without: tuple[str, ...] = LONG) -> None:
    found = re.search(r"(\d+) passed", end.stdout)
    passed = int(found[1]) if found else 0
    last = end.stdout.rstrip().rpartition("\n")[2]
    share = "" if FULL else f" [without {', '.join(without)}; FAULTS_FULL=1 runs them]"
    record("16 degrades", f"the suite, {where}: {last}{share}")
    assert end.returncode == 0, f"{end.stdout[-6000:]}\n{end.stderr[-2000:]}"
    assert passed >= FEWEST, f"the suite has shrunk to {passed} tests"


PLACES = (*TOGETHER, "on FUSE", "on overlay", "on tmpfs")


def _left_out(place: str) -> tuple[str, ...]:
    if place in TOGETHER:
        return LONG
    return LONG + BIG + TREES if place == "on FUSE" else LONG + BIG


def _suite_in(place: str, base: Path) -> Finished:
    if place in TOGETHER:
        return _suite(base, *seccomp.launcher(TOGETHER[place]))
    with _filesystem(place.removeprefix("on "), base) as top:
        return _suite(top, without=_left_out(place))


@pytest.fixture(scope="module")
def ends(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Finished]]]:
    """How the suites in all places that were asked for end. Two run at a time: each is one process
    that mostly computes, and two cores are what there is at least."""
    functions = (item for item in request.session.items if isinstance(item, pytest.Function))
    asked = [item.callspec.params for item in functions if item.originalname == ELSEWHERE]
    with ThreadPoolExecutor(2) as pool:
        places = [str(params["place"]) for params in asked]
        yield {at: pool.submit(_suite_in, at, tmp_path_factory.mktemp("suite")) for at in places}


# Where nothing is asked of the kernel first, most of what is denied here isn't called at all.
@pytest.mark.skipif(
    os.environ.get("RAPFILES_NOW") == "0" and not FULL,
    reason="the suite elsewhere, now off: FAULTS_FULL=1",
)
@pytest.mark.parametrize("place", PLACES)
def test_the_suite_elsewhere(place: str, ends: dict[str, Future[Finished]]) -> None:
    _assert_green(place, ends[place].result(), _left_out(place))


ELSEWHERE = test_the_suite_elsewhere.__name__


@pytest.mark.skipif(not FULL, reason="each call alone against the whole suite: FAULTS_FULL=1")
@pytest.mark.parametrize("denied", ALONE, ids=_name)
def test_the_suite_with_each_call_denied(denied: dict[str, str], tmp_path: Path) -> None:
    _assert_green(_name(denied), _suite(tmp_path, *seccomp.launcher(denied)))
