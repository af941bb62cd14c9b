"""Range headers, preconditions, encodings and types: plain functions, against Starlette's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette import responses

from rapfiles.starlette.conditions import in_range, not_modified, verdict
from rapfiles.starlette.encodings import accepted
from rapfiles.starlette.failures import MalformedRange, RangeNotSatisfiable
from rapfiles.starlette.media import UNKNOWN, media_type
from rapfiles.starlette.ranges import multipart, parse_range

NUMBERS = st.integers(0, 2_500).map(str) | st.sampled_from(["", "007", "9" * 30, " 3 "])
PARTS = st.tuples(NUMBERS, NUMBERS).map("-".join) | st.sampled_from(
    ["", "-", "x", "1", "a-b", "--"]
)
HEADERS = st.tuples(
    st.sampled_from(["bytes=", "bytes = ", "BYTES=", "bytes", "lines=", "="]),
    st.lists(PARTS, max_size=8).map(",".join),
).map("".join)


def ours(header: str, size: int, most: int = 100) -> object:
    try:
        return parse_range(header, size, most)
    except MalformedRange as problem:
        return str(problem)
    except RangeNotSatisfiable:
        return None


def theirs(header: str, size: int) -> object:
    try:
        return responses.FileResponse._parse_range_header(header, size)
    except responses.MalformedRangeHeader as problem:
        return problem.content
    except responses.RangeNotSatisfiable:
        return None


@given(HEADERS, st.integers(0, 2_000))
def test_ranges_are_what_starlette_makes_of_them(header: str, size: int) -> None:
    mine, other = ours(header, size), theirs(header, size)
    if isinstance(mine, list) and isinstance(other, list):
        assert mine == other
    else:
        assert mine == other


@pytest.mark.parametrize("part", ["+1-2", "1_0-20", "1-+2", "--5", "٣-٤", "0x1-2", "1.0-2"])
def test_numbers_are_digits_and_nothing_else(part: str) -> None:
    assert ours(f"bytes={part}", 100) == "Range header: range must be requested"
    assert ours(f"bytes={part},5-6", 100) == [(5, 7)]


def test_too_many_ranges_are_none() -> None:
    hundred = "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 200, 2))
    assert len(parse_range(hundred, 1_000, 100)) == 100
    assert parse_range(hundred + ",500-501", 1_000, 100) == []
    assert parse_range("bytes=" + "0-0," * 10_000, 1_000, 100) == []


@given(st.integers(1, 5_000), st.data())
def test_an_answer_in_parts_is_as_long_as_it_says(size: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, size), min_size=2, max_size=12)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    length, pieces = multipart(spans, size, "text/plain", "b")
    made = [piece if isinstance(piece, bytes) else b"x" * (piece[1] - piece[0]) for piece in pieces]
    assert len(b"".join(made)) == length
    assert made[-1] == b"--b--"
    ranges = re.findall(rb"Content-Range: bytes (\d+)-(\d+)/", b"".join(made))
    assert [(int(a), int(b) + 1) for a, b in ranges] == spans


ETAG = '"tag"'
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER, LATER = "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"if-none-match": ETAG}, 304),
        ({"if-none-match": f'"other" , W/{ETAG}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"other"'}, 200),
        ({"if-none-match": '"other"', "if-modified-since": LATER}, 200),
        ({"if-modified-since": DATE}, 304),
        ({"if-modified-since": LATER}, 304),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": ""}, 200),
        ({"if-match": ETAG}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": f"W/{ETAG}"}, 412),
        ({"if-match": '"other"'}, 412),
        ({"if-match": ETAG, "if-unmodified-since": EARLIER}, 200),
        ({"if-unmodified-since": DATE}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-unmodified-since": "yesterday"}, 200),
        ({"if-match": '"other"', "if-none-match": ETAG}, 412),
        ({"if-match": ETAG, "if-none-match": ETAG}, 304),
    ],
)
def test_preconditions(asked: dict[str, str], status: int) -> None:
    given = {name.encode(): value for name, value in asked.items()}
    assert verdict(given, ETAG, DATE) == status


@given(st.dictionaries(st.sampled_from([b"if-modified-since", b"if-unmodified-since"]), st.text()))
def test_no_date_is_too_odd(asked: dict[bytes, str]) -> None:
    assert verdict(asked, ETAG, DATE) in (200, 304, 412)


def test_parts_are_of_the_file_that_the_client_has() -> None:
    assert in_range(None, ETAG, DATE)
    assert in_range(ETAG, ETAG, DATE)
    assert in_range(DATE, ETAG, DATE)
    assert not in_range(f"W/{ETAG}", f"W/{ETAG}", DATE)
    assert not in_range(LATER, ETAG, DATE)


def test_what_was_not_modified_is_not_described() -> None:
    names = [b"content-type", b"etag", b"accept-ranges", b"last-modified", b"set-cookie", b"vary"]
    left = not_modified([(name, b"") for name in [*names, b"content-location"]])
    assert [name for name, _ in left] == [b"etag", b"set-cookie", b"vary", b"content-location"]


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("", []),
        ("gzip", ["gzip"]),
        ("gzip, br", ["br", "gzip"]),
        ("gzip;q=1, br;q=0.5, zstd;q=0", ["gzip", "br"]),
        ("*", ["br", "zstd", "gzip"]),
        ("*;q=0.1, GZIP", ["gzip", "br", "zstd"]),
        ("br;q=2, gzip;q=x, zstd;q=-1", []),
        (";;;,,,", []),
    ],
)
def test_encodings(header: str, codings: list[str]) -> None:
    scope = {"headers": [(b"accept-encoding", header.encode())]}
    assert [coding for coding, _ in accepted(scope)] == codings


@pytest.mark.parametrize(
    "name",
    "a.txt a.html .txt x/.css a.tar.gz a.tgz a.svgz a.TXT a. a b.unknown http://x/a.png "
    "data:,a.png a.css.br dir.txt/file c:\\a.js data:text/html,a.txt".split(),
)
def test_types_are_those_of_the_standard_library(name: str) -> None:
    import mimetypes

    assert media_type(name) == (mimetypes.guess_type(name)[0] or UNKNOWN)
