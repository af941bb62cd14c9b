"""The file service of `examples/`, as its users meet it: over HTTP, in a process of its own."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

SERVICE = Path(__file__).resolve().parents[1] / "examples/fastapi_files/service.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service") / "files"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    """A client of the service, which must end with nothing to complain of."""
    command = [sys.executable, "-W", "error", str(SERVICE), "--directory", str(folder)]
    running = subprocess.Popen(
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True, cwd=folder.parent
    )
    assert running.stderr is not None
    said = []
    for line in running.stderr:
        said.append(line)
        if found := re.search(r"running on (http://[\d.:]+)", line):
            break
    else:
        pytest.fail("".join(said))
    with httpx.Client(base_url=found.group(1), timeout=30) as client:
        yield client
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate(timeout=30)
    assert "Finished server process" in rest
    assert "Traceback" not in rest


def test_upload_list_download_delete(client: httpx.Client, folder: Path) -> None:
    content = random.Random(1).randbytes(3_000_000)
    answer = client.post("/files", files={"file": ("big.bin", content)})
    digest = hashlib.sha256(content).hexdigest()
    assert answer.status_code == 201
    assert answer.json() == {"name": "big.bin", "size": len(content), "sha256": digest}
    again = client.post("/files", files={"file": ("big.bin", b"other")})
    assert again.status_code == 409
    answer = client.put("/files/notes.txt", content=iter([b"one\n", b"two\n"]))
    assert answer.json()["size"] == 8
    listed = client.get("/files").json()
    assert listed == [{"name": "big.bin", "size": 3_000_000}, {"name": "notes.txt", "size": 8}]
    assert client.get("/files", params={"pattern": "*.txt"}).json() == listed[1:]
    assert client.get("/files/big.bin").content == content
    assert sorted(os.listdir(folder)) == ["big.bin", "notes.txt"]
    assert client.delete("/files/big.bin").status_code == 204
    assert client.delete("/files/big.bin").status_code == 404
    assert client.get("/files/big.bin").status_code == 404


def test_ranges_and_conditions(client: httpx.Client) -> None:
    content = random.Random(2).randbytes(2_000_000)
    client.put("/files/parts.bin", content=content)
    whole = client.get("/files/parts.bin")
    assert (whole.status_code, whole.content) == (200, content)
    part = client.get("/files/parts.bin", headers={"Range": "bytes=1000000-1999998"})
    assert (part.status_code, part.content) == (206, content[1_000_000:1_999_999])
    several = client.get("/files/parts.bin", headers={"Range": "bytes=0-9,1000000-1000009,-5"})
    assert several.status_code == 206
    for piece in (content[:10], content[1_000_000:1_000_010], content[-5:]):
        assert piece in several.content
    etag = whole.headers["etag"]
    unchanged = client.get("/files/parts.bin", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = client.head("/files/parts.bin")
    assert (head.headers["content-length"], head.content) == ("2000000", b"")
    assert client.get("/files/parts.bin", headers={"Range": "bytes=5-1"}).status_code == 400
    assert client.get("/files/parts.bin", headers={"Range": "bytes=2000000-"}).status_code == 416


def test_search(client: httpx.Client) -> None:
    client.put("/files/poem.txt", content=b"a needle (in)\na haystack\n")
    found = client.get("/search", params={"text": "needle (in)"}).json()
    assert found == [{"name": "poem.txt", "line": 1, "text": "a needle (in)"}]
    assert client.get("/search", params={"text": ""}).status_code == 422


@pytest.mark.parametrize(
    "name", "../secret .. .hidden a/b %2e%2e/secret ..%2fsecret a%00b . /etc/passwd".split()
)
def test_names_that_lead_elsewhere(name: str, client: httpx.Client, folder: Path) -> None:
    folder.parent.joinpath("secret").write_text("secret", encoding="utf-8")
    before = sorted(os.listdir(folder.parent)), sorted(os.listdir(folder))
    address = f"{client.base_url.host}:{client.base_url.port}"
    for method in ("GET", "PUT", "DELETE"):
        # As it is: other clients would tidy the path up first.
        connection = HTTPConnection(address, timeout=30)
        connection.request(method, f"/files/{name}", body=b"x")
        answer = connection.getresponse()
        assert 400 <= answer.status < 500
        assert b"secret" not in answer.read()
        connection.close()
    assert (sorted(os.listdir(folder.parent)), sorted(os.listdir(folder))) == before


@pytest.mark.parametrize("name", ["../outside", ".hidden", "/etc/outside"])
def test_forms_that_name_files_elsewhere(name: str, client: httpx.Client, folder: Path) -> None:
    assert client.post("/files", files={"file": (name, b"x")}).status_code == 422
    assert "outside" not in os.listdir(folder.parent)


def test_a_client_that_leaves_in_the_middle(client: httpx.Client, folder: Path) -> None:
    client.put("/files/large.bin", content=bytes(20_000_000))
    for _ in range(20):
        with client.stream("GET", "/files/large.bin") as answer:
            next(answer.iter_bytes())

    def body() -> Iterator[bytes]:
        yield bytes(1_000_000)
        raise KeyError

    with pytest.raises(KeyError):
        client.put("/files/half.bin", content=body())
    assert client.get("/files/large.bin").content == bytes(20_000_000)
    assert not folder.joinpath("half.bin").exists()


def test_how_it_is(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert "rapfiles_operations_total" in client.get("/metrics").text
