"""StaticFiles: what Starlette's own does, and that nothing else gets out of the directory."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette import staticfiles
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Scope

import rapfiles
from asgi import Answer, request
from conftest import open_fds, settles
from rapfiles.starlette import FileResponse, StaticFiles
from test_starlette_response import comparable, some_range

SECRET = b"not for everybody"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory to be served, and a secret beside it."""
    tmp_path.joinpath("secret").write_bytes(SECRET)
    site = tmp_path / "site"
    site.joinpath("docs/deep").mkdir(parents=True)
    site.joinpath("empty").mkdir()
    for name in ("index.html", "docs/index.html", "404.html", "docs/deep/page.html", "a.txt"):
        site.joinpath(name).write_text(f"this is {name}", encoding="utf-8")
    site.joinpath("Grüße.txt").write_text("hallo", encoding="utf-8")
    site.joinpath("big.bin").write_bytes(random.Random(3).randbytes(300_000))
    site.joinpath("inside.html").symlink_to("docs/deep/page.html")
    return site


def app_of(*args: Any, **kwargs: Any) -> Starlette:
    return Starlette(routes=[Mount("/s", StaticFiles(*args, **kwargs))])


def theirs(*args: Any, **kwargs: Any) -> Starlette:
    return Starlette(routes=[Mount("/s", staticfiles.StaticFiles(*args, **kwargs))])


PATHS = """
/s /s/ /s/a.txt /s/a.txt/ /s//a.txt /s/./a.txt /s/docs /s/docs/ /s/docs/deep /s/docs/deep/ /s/empty
/s/empty/ /s/docs/../a.txt /s/../s/a.txt /s/../secret /s/docs/../../../secret /s/none /s/a.txt/none
/s/index.html /s/404.html /s/docs/deep/page.html /s/Grüße.txt /s/big.bin /s/inside.html /s/out
/s/dir/secret /s/loop /s/fifo /s/\\a.txt /s/docs\\index.html /s/... /s/..a /s/%2e%2e/secret /s/~root
/s/a.txt%00
""".split()


@pytest.mark.parametrize("html", [False, True])
async def test_700_requests_are_answered_as_by_starlette(
    site: Path, html: bool, no_fd_left: None
) -> None:
    site.joinpath("out").symlink_to("../secret")
    site.joinpath("dir").symlink_to("..")
    site.joinpath("loop").symlink_to("loop")
    os.mkfifo(site / "fifo")
    draw = random.Random(4)
    apps = [made(directory=site, html=html) for made in (app_of, theirs)]
    etags = [(await request(apps[1], path)).headers for path in ("/s/a.txt", "/s/big.bin")]
    for number in range(700):
        path = PATHS[number] if number < len(PATHS) else draw.choice(PATHS)
        if path == "/s/loop" or "\0" in path:
            continue  # an error of the server there, not found here
        headers = {}
        known = draw.choice(etags)
        if draw.random() < 0.4:
            headers["Range"] = some_range(draw, draw.choice([14, 300_000]))
        if draw.random() < 0.2:
            headers["If-None-Match"] = draw.choice(
                [known["etag"], "*", '"x", ' + known["etag"], ""]
            )
        if draw.random() < 0.2:
            dates = [known["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT", "x", ""]
            headers["If-Modified-Since"] = draw.choice(dates)
        method = draw.choice(["GET", "GET", "GET", "HEAD", "POST"])
        mine, other = [await request(app, path, method, headers) for app in apps]
        assert comparable(mine) == comparable(other), (path, method, headers)


BAD = """
/s/.. /s/../secret /s/../../secret /s/docs/../../secret /s//secret /s/out /s/dir/secret /s/absolute
/s/loop /s/fifo /s/socket /s/null /s/gone /s/a.txt/b /s/docs /s/docs/ /s/\x00 /s/a.txt\x00.html
/s/%00 /s/%2e%2e%2fsecret /s/..%2fsecret /s/..\\secret /s/proc/self/root/etc/passwd
""".split()


@pytest.mark.parametrize("path", [*BAD, "/s/" + "x" * 300, "/s/" + "x/" * 3_000, "/s/\ud800"])
async def test_what_may_not_be_had_is_not_found(
    path: str, site: Path, monkeypatch: pytest.MonkeyPatch, no_fd_left: None
) -> None:
    site.joinpath("out").symlink_to("../secret")
    site.joinpath("dir").symlink_to("..")
    site.joinpath("absolute").symlink_to(site.parent / "secret")
    site.joinpath("loop").symlink_to("loop")
    site.joinpath("gone").symlink_to("nowhere")
    site.joinpath("proc").symlink_to("/proc")
    os.mkfifo(site / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(site)
        listening.bind("socket")
        site.joinpath("null").symlink_to("/dev/null")
        for method in ("GET", "HEAD"):
            for headers in ({}, {"Range": "bytes=0-"}, {"Accept-Encoding": "br"}):
                answer = await request(app_of(directory=site), path, method, headers)
                assert answer.status == 404
                assert SECRET not in answer.body
                answer = await request(
                    app_of(directory=site, precompressed=True, cache_size=10_000),
                    path,
                    method,
                    headers,
                )
                assert answer.status == 404


@pytest.mark.parametrize(
    "header",
    [
        "bytes=" + "0-0," * 10_000,
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=z",
        "x=0-1",
        "bytes=9-1",
        "=,",
    ],
)
async def test_ranges_of_every_malformed_kind(header: str, site: Path, no_fd_left: None) -> None:
    answer = await request(app_of(directory=site), "/s/a.txt", headers={"Range": header})
    if len(header) > 1_000:
        assert (answer.status, answer.body) == (200, b"this is a.txt")
    else:
        assert answer.status == 400


async def test_nobody_gets_out_by_being_quick(site: Path, no_fd_left: None) -> None:
    """A directory is swapped for a link that leads out, all the time."""
    site.parent.joinpath("outside").mkdir()
    site.parent.joinpath("outside/index.html").write_bytes(SECRET)
    (site / "link").symlink_to("../outside")
    over = threading.Event()

    def swap() -> None:
        one, two, aside = site / "docs", site / "link", site / "aside"
        while not over.is_set():
            one.rename(aside)
            two.rename(one)
            aside.rename(two)

    swapping = threading.Thread(target=swap)
    swapping.start()
    app, statuses = app_of(directory=site), set()
    try:
        for _ in range(2_000):
            answer = await request(app, "/s/docs/index.html")
            statuses.add(answer.status)
            assert SECRET not in answer.body
    finally:
        over.set()
        swapping.join()
    assert statuses <= {200, 404}


async def test_links_are_followed_wherever_they_lead_if_that_is_wanted(site: Path) -> None:
    site.joinpath("out").symlink_to(site.parent / "secret")
    app = app_of(directory=site, follow_symlink=True)
    assert (await request(app, "/s/out")).body == SECRET
    assert (await request(app, "/s/../secret")).status == 404
    assert (await request(app, "/s/docs/../../secret")).status == 404


async def test_several_directories(site: Path, tmp_path: Path, monkeypatch: Any) -> None:
    package = tmp_path / "packages/with_files"
    package.joinpath("statics").mkdir(parents=True)
    package.joinpath("__init__.py").touch()
    package.joinpath("statics/style.css").write_text("b", encoding="utf-8")
    package.joinpath("statics/a.txt").write_text("second", encoding="utf-8")
    monkeypatch.syspath_prepend(str(package.parent))
    arguments: dict[str, Any] = {"directory": site, "packages": ["with_files"]}
    for path in ("/s/style.css", "/s/a.txt", "/s/none"):
        mine = await request(app_of(**arguments), path)
        assert comparable(mine) == comparable(await request(theirs(**arguments), path))


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        StaticFiles(directory=tmp_path / "none")
    StaticFiles(directory=tmp_path / "none", check_dir=False)


async def test_a_directory_that_comes_later(tmp_path: Path) -> None:
    app = app_of(directory=tmp_path / "later", check_dir=False)
    with pytest.raises(RuntimeError, match="does not exist"):
        await request(app, "/s/a.txt")
    tmp_path.joinpath("later").mkdir()
    tmp_path.joinpath("later/a.txt").touch()
    assert (await request(app, "/s/a.txt")).status == 200


async def test_a_directory_that_is_replaced_is_the_new_one(site: Path) -> None:
    app = app_of(directory=site)
    assert (await request(app, "/s/a.txt")).body == b"this is a.txt"
    site.rename(site.parent / "old")
    site.mkdir()
    site.joinpath("a.txt").write_text("new", encoding="utf-8")
    assert (await request(app, "/s/a.txt")).body == b"new"


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("zstd;q=1, br;q=0.1", "zstd"),
        ("", None),
    ],
)
async def test_what_was_compressed_before(accept: str, coding: str | None, site: Path) -> None:
    for suffix in ("br", "zst", "gz"):
        site.joinpath(f"a.txt.{suffix}").write_bytes(f"in {suffix}".encode())
    plain = await request(app_of(directory=site), "/s/a.txt")
    app = app_of(directory=site, precompressed=True)
    answer = await request(app, "/s/a.txt", headers={"Accept-Encoding": accept})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == plain.headers["content-type"]
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.body.startswith(b"in " if coding else b"this")
    assert (answer.headers["etag"] == plain.headers["etag"]) is (coding is None)
    again = await request(
        app,
        "/s/a.txt",
        headers={"Accept-Encoding": accept, "If-None-Match": answer.headers["etag"]},
    )
    assert again.status == 304
    part = await request(app, "/s/a.txt", headers={"Accept-Encoding": accept, "Range": "bytes=0-1"})
    assert (part.status, part.body) == (206, answer.body[:2])


async def test_without_a_variant_the_file_itself_is_served(site: Path) -> None:
    app = app_of(directory=site, precompressed=True)
    answer = await request(app, "/s/a.txt", headers={"Accept-Encoding": "br"})
    assert answer.body == b"this is a.txt"
    assert "content-encoding" not in answer.headers
    site.joinpath("b.txt.br").mkdir()
    site.joinpath("b.txt").write_text("b", encoding="utf-8")
    answer = await request(app, "/s/b.txt", headers={"Accept-Encoding": "br"})
    assert answer.body == b"b"


async def test_a_cache_knows_when_a_file_has_changed(site: Path, no_fd_left: None) -> None:
    app, path = app_of(directory=site, cache_size=1_000), site / "a.txt"
    for _ in range(3):
        assert (await request(app, "/s/a.txt")).body == b"this is a.txt"
    part = await request(app, "/s/a.txt", headers={"Range": "bytes=0-3,8-"})
    assert b"this" in part.body
    assert part.headers["content-length"] == str(len(part.body))
    assert (await request(app, "/s/a.txt", "HEAD")).body == b""
    status = path.stat()
    other = site / "other"
    other.write_text("that is a.txt", encoding="utf-8")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert (await request(app, "/s/a.txt")).body == b"that is a.txt"
    path.unlink()
    assert (await request(app, "/s/a.txt")).status == 404


async def test_a_cache_is_no_larger_than_it_may_be(site: Path) -> None:
    app = StaticFiles(directory=site, cache_size=1_000)
    for number in range(50):
        site.joinpath(f"{number}.txt").write_bytes(b"x" * 100)
        await request(app, f"/{number}.txt")
    await request(app, "/big.bin")
    assert app._cache is not None
    assert app._cache._used == sum(len(body) for _, body in app._cache._kept.values()) <= 1_000
    assert len(app._cache._kept) == 10


async def test_file_response_is_the_place_to_add_headers(site: Path) -> None:
    class Mine(StaticFiles):
        def file_response(self, *args: Any, **kwargs: Any) -> Response:
            response = super().file_response(*args, **kwargs)
            response.headers["Cache-Control"] = "max-age=1"
            return response

        async def get_response(self, path: str, scope: Scope) -> Response:
            return await super().get_response(path, scope)

    answer = await request(Mine(directory=site), "/a.txt")
    assert (answer.headers["cache-control"], answer.body) == ("max-age=1", b"this is a.txt")


async def test_what_is_sent_is_what_was_opened(site: Path, no_fd_left: None) -> None:
    app = StaticFiles(directory=site)
    scope: Scope = {"type": "http", "method": "GET", "headers": [], "path": "/big.bin"}
    response = await app.get_response("big.bin", scope)
    assert isinstance(response, FileResponse)
    content = site.joinpath("big.bin").read_bytes()
    site.joinpath("big.bin").unlink()
    answer: Answer = await request(response)
    assert answer.body == content
    await app.get_response("a.txt", scope)  # and never sent


async def test_files_that_vanish_are_not_found(site: Path, no_fd_left: None) -> None:
    app, over = app_of(directory=site), False
    path = site / "flickers"

    def flicker() -> None:
        while not over:
            path.write_bytes(b"x" * 300_000)
            path.unlink()

    flickering = asyncio.get_running_loop().run_in_executor(None, flicker)
    try:
        for _ in range(300):
            try:
                answer = await request(app, "/s/flickers")
            except RuntimeError:
                continue  # it was cut while it was sent
            assert answer.status in (200, 404)
            if answer.status == 200:
                assert answer.headers["content-length"] == str(len(answer.body))
    finally:
        over = True
        await flickering


async def test_files_that_may_not_be_read(site: Path, monkeypatch: Any) -> None:
    async def refused(*_args: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "a.txt")

    monkeypatch.setattr(rapfiles._rapfiles, "serve_file", refused)
    answer = await request(app_of(directory=site), "/s/a.txt")
    assert answer.status == 401


async def test_many_at_once(site: Path, no_fd_left: None) -> None:
    app, before = app_of(directory=site), open_fds()
    answers = await asyncio.gather(*(request(app, "/s/big.bin") for _ in range(100)))
    assert {(answer.status, len(answer.body)) for answer in answers} == {(200, 300_000)}
    assert settles(open_fds, before) <= before
