"""Promise 4: every errno arrives, from every system call of every operation."""

from __future__ import annotations

import base64
import errno
import json
import os
import pickle
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .tools import errnos, need, strace
from .tools.figures import FULL, record
from .tools.process import run

ERRORS = ("EIO", "ENOSPC", "EMFILE", "EINTR", "EACCES", "EDQUOT")
# Calls that fail together. After one that fails, an operation makes no further ones, so those that
# usually come later have runs of their own. Closing isn't among them: strace prevents the call, and
# the descriptor would really stay open.
GROUPS = {
    "open": "openat,openat2",
    "look": "statx,newfstatat,fstat,readlink,readlinkat,statfs,fstatfs,lseek",
    "data": "read,readv,pread64,preadv,preadv2,write,writev,pwrite64,pwritev,pwritev2,getdents64,"
    "ftruncate,fsync,fdatasync,copy_file_range",
    "name": "mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,"
    "symlinkat,chmod,fchmod,fchmodat,chown,fchown,fchownat,utimensat,truncate,setxattr,getxattr,"
    "listxattr,removexattr,fsetxattr,fgetxattr,flistxattr",
}
# Every second call from the first, or from the second on: what is made again succeeds.
PHASES = ("1+2", "2+2", "1+3", "3+3")
# Who lacks a descriptor starts again, `realpath` after a signal too: more calls must succeed in
# between.
PATIENT = ("1+4", "2+4", "3+4", "4+4")
# Nobody hears of these: the call is made again; the operation is, when somebody has closed a file.
AGAIN = ("EINTR", "EMFILE")
# What an operation gets over. (What the loop attempts is made again by a worker.)
TOLERATED = {
    "fstatfs": "",  # what the filesystem can do is asked for speed alone
    "newfstatat": "open_|create_dir_all|os_makedirs|os_scandir",  # looks; the next call tells
}
ROUNDS = 4
CALL = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")


@dataclass(frozen=True)
class Injected:
    """A call that was made to fail."""

    where: str
    call: str
    by_loop: bool


@dataclass(frozen=True)
class Swept:
    """What a child told, and what had been done to it."""

    error: str
    told: dict[str, Any]
    left: list[str]
    injected: list[Injected]


def injections(log: Path, loop: str) -> Iterator[Injected]:
    """What strace did, from its log: a call may be told in two parts."""
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        found = CALL.match(line)
        assert found, line
        pid, text = found["pid"], found["rest"]
        if text.endswith("<unfinished ...>"):
            begun[pid] = text
            continue
        if text.startswith("<..."):
            text = begun.pop(pid, "") + text
        where = re.search(r"/root/([a-z_]+-\d+)", text)
        if "(INJECTED)" in text and where:
            yield Injected(where[1], text.split("(", 1)[0], pid == loop)


def sweep(base: Path, error: str, group: str, phase: str) -> Swept:
    """One child, all operations, a few times each."""
    root, log = base / "root", base / "log"
    root.mkdir(parents=True)
    paths = []
    for _, directory in errnos.directories(root, ROUNDS):
        errnos.prepare(directory)
        paths += [str(directory / name) for name in errnos.NAMES]
    calls = ",".join("?" + call for call in GROUPS[group].split(","))
    fault = strace.inject(calls, error=error, when=phase)
    wrap = [*strace.launcher([fault], calls=calls, paths=paths, log=log)]
    wrap.insert(1, "-y")  # what descriptors are of
    # One worker: strace counts per thread. In half of the runs the loop attempts nothing.
    env = {"RAPFILES_THREADS": "1", "RAPFILES_NOW": "0" if phase.startswith("1") else "1"}
    end = run("errnos.py", root, ROUNDS, wrap=wrap, env=env, timeout=200)
    # It tells of every link among the paths.
    stderr = [line for line in end.stderr.splitlines() if not line.startswith("strace: Requested")]
    replace(end, stderr="\n".join(stderr)).clean()
    came = json.loads(end.stdout.splitlines()[-1])
    found = list(injections(log, str(came["loop"])))
    return Swept(error, came["told"], came["left"], found)


def verdict(swept: Swept, root: Path, where: str) -> str | None:
    """What is wrong with what a caller was told, if anything is."""
    told, name = swept.told[where], where.rsplit("-", 1)[0]
    calls = [each.call for each in swept.injected if each.where == where and not each.by_loop]
    if isinstance(told, list):
        number, *paths = told
        expected = swept.error != "EINTR" and number == getattr(errno, swept.error)
        if expected and any(str(root / where) in path for path in paths):
            return None
        return f"raised {told} after {calls}"
    if isinstance(told, str):
        return f"raised {told} after {calls}"
    value = pickle.loads(base64.b64decode(told["value"]))
    if not holds(errnos.CASES[name][1], root / where, value):
        return f"told {value!r}, and that is not so, after {calls}"
    silent = [call for call in calls if not tolerated(swept.error, name, call)]
    return f"said nothing of {silent}" if silent else None


def holds(proof: errnos.Proof, here: Path, value: Any) -> bool:
    """Whether what should have been done was."""
    try:
        return proof(here, value)
    except OSError:
        return False


def tolerated(error: str, name: str, call: str) -> bool:
    """Whether an operation may go on after this."""
    return error in AGAIN or (call in TOLERATED and re.match(TOLERATED[call], name) is not None)


def errors_of(swept: Swept, root: Path) -> list[str]:
    """Everything that is wrong with a child's account."""
    found = [(where, verdict(swept, root, where)) for where in swept.told]
    wrong = [f"{swept.error} {where}: {what}" for where, what in found if what]
    return wrong + [f"{swept.error}: {path} is left open" for path in swept.left]


def runs() -> list[tuple[str, str, str]]:
    """Which error in which calls, from which on: all of them, or each error in each group once."""
    pairs = [(error, group) for error in ERRORS for group in GROUPS]
    phases = {error: PATIENT if error in AGAIN else PHASES for error in ERRORS}
    if FULL:
        return [(*pair, phase) for pair in pairs for phase in phases[pair[0]]]
    return [(*pair, phases[pair[0]][(n + n // 4) % 2]) for n, pair in enumerate(pairs)]


def test_every_errno_arrives_from_every_call(tmp_path: Path) -> None:
    need.strace()

    def one(each: tuple[str, str, str]) -> tuple[Swept, list[str]]:
        base = tmp_path / "-".join(each)
        swept = sweep(base, *each)
        return swept, errors_of(swept, base / "root")

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(one, runs()))
    wrong = [line for _, found in ended for line in found]
    assert not wrong, "\n".join(wrong)
    calls = [(swept.error, each) for swept, _ in ended for each in swept.injected]
    kinds = {(each.where.rsplit("-", 1)[0], each.call, error) for error, each in calls}
    assert {name for name, _, _ in kinds} == set(errnos.CASES)
    assert {error for _, _, error in kinds} == set(ERRORS)
    record(
        "4 errnos",
        f"{len(calls):,} calls of {len(errnos.CASES)} operations failed in {len(kinds):,} ways: "
        "0 wrong, 0 descriptors left",
        full=len(ERRORS) * len(GROUPS) * len(PHASES),
        ran=len(ended),
    )


def test_the_sweep_sees_what_is_wrong(tmp_path: Path) -> None:
    here = tmp_path / "root/truncate-0"
    here.parent.mkdir()
    errnos.prepare(here)
    failed = [Injected("truncate-0", "truncate", by_loop=False)]
    done = {"value": base64.b64encode(pickle.dumps(None)).decode()}

    def judge(error: str, told: Any, calls: list[Injected]) -> list[str]:
        return errors_of(Swept(error, {"truncate-0": told}, [], calls), tmp_path / "root")

    assert "not so" in judge("EIO", done, [])[0]
    os.truncate(here / "file", 5)
    assert judge("EIO", done, []) == []
    assert "said nothing" in judge("EIO", done, failed)[0]
    assert judge("EINTR", done, failed) == []
    assert judge("EIO", [errno.EIO, str(here / "file"), "None"], failed) == []
    assert "raised" in judge("EIO", [errno.EIO, "None", "None"], failed)[0]
    assert "raised" in judge("EIO", [errno.ENOSPC, str(here / "file"), "None"], failed)[0]
    assert "raised" in judge("EINTR", [errno.EINTR, str(here / "file"), "None"], failed)[0]
    assert "raised" in judge("EIO", "RuntimeError: x", failed)[0]
    assert errors_of(Swept("EIO", {}, ["/x"], []), tmp_path) == ["EIO: /x is left open"]
