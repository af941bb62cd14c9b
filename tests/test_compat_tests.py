"""The harness that runs aiofiles' own tests: it fails where it must."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from compat_tests import ITEMS, fetch, unpack
from compat_tests.__main__ import CHILD, environment
from compat_tests.verdict import Seen, problems_of

GOOD = Seen(
    exit=0,
    collected=ITEMS,
    outcomes={"passed": ITEMS - 8, "skipped": 8},
    coroutines_run=200,
    loops={"uvloop": 200},
)
BAD: dict[str, dict[str, Any]] = {
    "stopped": {"exit": None},
    "exit code": {"exit": 1},
    "no report": {"reported": False},
    "one test missing": {"collected": ITEMS - 1},
    "one test more": {"collected": ITEMS + 1},
    "one deselected": {"deselected": 1},
    "one failed": {"outcomes": {"passed": ITEMS - 1, "failed": 1}},
    "one never ended": {"outcomes": {"passed": ITEMS - 1}},
    "another loop": {"loops": {"asyncio": 200}},
    "some on another loop": {"loops": {"uvloop": 200, "asyncio": 1}},
    "no async test": {"coroutines_run": 0},
    "a noticed problem": {"problems": ["x"]},
}


def test_a_clean_run_passes() -> None:
    assert problems_of(GOOD, "uvloop") == []


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_any_defect_fails_the_run(change: dict[str, Any]) -> None:
    assert problems_of(dataclasses.replace(GOOD, **change), "uvloop")


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    (tmp_path / fetch.NAME).write_bytes(b"not the archive")
    with pytest.raises(fetch.FetchError, match="not the pinned"):
        fetch.verify(tmp_path / fetch.NAME)


def archive_with(directory: Path, *members: tarfile.TarInfo) -> Path:
    path = directory / "pkg-1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size) if member.isfile() else None)
    return path


def member(name: str, size: int = 1, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = (size if kind == tarfile.REGTYPE else 0), kind, "/etc"
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("pkg-1/tests/../../out"),
        member("/abs"),
        member("pkg-1\\..\\out"),
        member("pkg-1/tests/link", kind=tarfile.SYMTYPE),
        member("pkg-1/tests/hard", kind=tarfile.LNKTYPE),
        member("pkg-1/tests/fifo", kind=tarfile.FIFOTYPE),
        member("pkg-1/tests/big", size=unpack.MOST_BYTES + 1),
    ],
    ids=lambda info: info.name,
)
def test_unsafe_entries_are_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    with pytest.raises(unpack.UnpackError):
        unpack.unpack(archive_with(tmp_path, bad), tmp_path / "out", {"tests"})
    assert not list(tmp_path.glob("out/**/*"))


def test_only_wanted_files_are_extracted(tmp_path: Path) -> None:
    archive = archive_with(
        tmp_path, member("pkg-1/tests/a"), member("pkg-1/src/b"), member("pkg-1")
    )
    tree = unpack.unpack(archive, tmp_path / "out", {"tests"})
    assert [path.relative_to(tree).as_posix() for path in tree.rglob("*")] == ["tests", "tests/a"]


def python(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    head = f"import sys, runpy; runpy.run_path({str(CHILD)!r})['adopt_package']()\n"
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, path)))
    command = [sys.executable, "-c", head + code]
    # From where no rapfiles lies about.
    place = CHILD.parent
    return subprocess.run(
        command, check=False, cwd=place, env=env, capture_output=True, text=True, timeout=120
    )


def package(directory: Path, name: str, **modules: str) -> Path:
    (directory / name).mkdir(parents=True)
    for module, code in modules.items():
        (directory / name / f"{module}.py").write_text(code)
    return directory


ALIASED = """
from compat_tests import alias
wall = alias.install()
import aiofiles, aiofiles.os, rapfiles, rapfiles.os
assert aiofiles is rapfiles and aiofiles.os is rapfiles.os
assert rapfiles.os.__spec__.name == rapfiles.os.__name__ == "rapfiles.os"
print(alias.intruders(wall))
"""


def test_aiofiles_is_rapfiles_itself(tmp_path: Path) -> None:
    real = package(tmp_path / "a", "aiofiles", __init__="", os="")
    done = python(ALIASED, real, package(tmp_path / "b", "rapfiles", __init__="", os=""))
    assert (done.stdout, done.stderr) == ("[]\n", "")


DELEGATION = {
    "by import": (
        "from importlib import machinery, util; spec = machinery.PathFinder.find_spec('aiofiles'); "
        "spec.loader.exec_module(util.module_from_spec(spec))"
    ),
    "by reading": "exec(open({real!r}).read())",
}


@pytest.mark.parametrize("way", DELEGATION)
def test_delegation_to_the_real_aiofiles_is_noticed(tmp_path: Path, way: str) -> None:
    real = package(tmp_path / "a", "aiofiles", __init__="")
    attempt = DELEGATION[way].format(real=str(real / "aiofiles" / "__init__.py"))
    swallowed = f"try:\n    {attempt}\nexcept ImportError:\n    pass\n"
    done = python(ALIASED, real, package(tmp_path / "b", "rapfiles", __init__=swallowed, os=""))
    assert "in spite of the wall" in done.stdout, done.stderr


def test_file_permissions_hold_even_for_root(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no such permissions")
    (tmp_path / "secret").touch(mode=0)
    code = "from compat_tests import privilege; privilege.respect_permissions(); open(sys.argv[-1])"
    done = python(code.replace("sys.argv[-1]", repr(str(tmp_path / "secret"))))
    assert "PermissionError" in done.stderr


MINI_TESTS = """
import aiofiles, pytest
async def test_good(): pass
def test_bad(): assert False
def test_skips_itself(): pytest.skip("not a mark")
@pytest.mark.skipif(True, reason="own mark")
def test_marked(): pass
"""


def test_a_run_reports_what_happened(tmp_path: Path) -> None:
    package(tmp_path / "src", "aiofiles", __init__="")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n")
    package(tmp_path, "tests", test_mini=MINI_TESTS)
    result = tmp_path / "result.json"
    command = [sys.executable, str(CHILD), str(tmp_path), "aiofiles", "asyncio", str(result)]
    done = subprocess.run(
        command, check=False, capture_output=True, cwd=tmp_path, env=environment("on"), timeout=120
    )
    seen = json.loads(result.read_text())
    assert done.returncode == seen["code"] == 1
    assert seen["outcomes"] == {"passed": 1, "failed": 1, "skipped": 2}
    assert (seen["collected"], seen["coroutines_run"], seen["loops"]) == (4, 1, {"asyncio": 1})
    assert [problem for problem in seen["problems"] if "test_skips_itself" in problem] == seen[
        "problems"
    ]
    assert len(seen["problems"]) == 1
