"""stream_file, lifespan, and the routes that tell how a service is."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import rapfiles
from asgi import Client, request, scope_of
from rapfiles.starlette import FileNotServed, lifespan, routes, stream_file


async def test_a_stream_is_what_is_in_the_file(tmp_path: Path, no_fd_left: None) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(os.urandom(500_000))
    answer = await request(stream_file(path))
    assert answer.body == path.read_bytes()
    assert answer.headers == {"content-type": "text/plain; charset=utf-8"}
    answer = await request(stream_file(path, offset=10, limit=20, chunk_size=7))
    assert answer.body == path.read_bytes()[10:30]
    path.write_bytes(b"")
    assert (await request(stream_file(path))).body == b""


async def test_a_stream_of_what_says_it_has_no_length() -> None:
    answer = await request(stream_file("/proc/self/status", media_type="text/plain"))
    assert answer.body.startswith(b"Name:")


async def test_a_stream_of_nothing_is_not_found(tmp_path: Path, no_fd_left: None) -> None:
    async def endpoint(asked: Request) -> Response:
        return stream_file(tmp_path / "none")

    assert (await request(Starlette(routes=[Route("/", endpoint)]))).status == 404
    with pytest.raises(FileNotServed):
        await request(stream_file(tmp_path))


async def test_a_stream_ends_when_nobody_listens(tmp_path: Path, no_fd_left: None) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(5_000_000))
    client = Client(goes_after=3)
    await stream_file(path)(scope_of("/"), client.receive, client.send)
    assert 3 <= len(client.answer.messages) <= 10


async def test_health_and_metrics(tmp_path: Path) -> None:
    await rapfiles.read_file_bytes(__file__)
    app = FastAPI(routes=routes(directories=[tmp_path]), lifespan=lifespan)
    answer = await request(app, "/health")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
    answer = await request(app, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    sample = re.compile(r'rapfiles_\w+(\{\w+="[^"]+"(,\w+="[^"]+")?\})? [0-9.e+-]+')
    about = re.compile(r"# (HELP|TYPE) rapfiles_\w+ .+")
    assert all(sample.fullmatch(line) or about.fullmatch(line) for line in lines)
    done = [line for line in lines if line.startswith('rapfiles_operations_total{kind="read_file"')]
    assert sum(int(line.rpartition(" ")[2]) for line in done) > 0
    buckets = [
        int(line.rpartition(" ")[2])
        for line in lines
        if line.startswith('rapfiles_worker_seconds_bucket{kind="stat"')
    ]
    assert buckets == sorted(buckets)


async def test_health_is_that_of_directories(tmp_path: Path) -> None:
    app = Starlette(routes=routes(health="/up", directories=[tmp_path, tmp_path / "none"]))
    answer = await request(app, "/up")
    assert answer.status == 503
    assert json.loads(answer.body) == {"status": "failing", "directories": [str(tmp_path / "none")]}


async def test_a_lifespan_ends_when_nothing_is_under_way(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rapfiles.starlette")
    async with lifespan(None):
        await rapfiles.read_file_bytes(__file__)
    assert rapfiles.metrics()["queued"] == 0
    assert "operations" in caplog.text
    assert "under way" not in caplog.text
