"""Hypothesis strategies for what files hold and what is written to them."""

from __future__ import annotations

import hypothesis.strategies as st

# Pieces rather than free text: newlines in every form and characters of every width come up often.
TEXT_PIECES = [
    *("\n", "\n", "\r", "\r\n", "\r\n", "\n\r", "a", "bc", "hello world", " ", "\t", "0"),
    *("é", "ÿ", "€", "日本語", "ｱ", "中", "𝄞", "🎉", "\u2028", "\x85", "\x1c", "\x00", "\ufeff"),
]
ASCII_PIECES = ["\n", "\n", "\r", "\r\n", "\r\n", "a", "bc", "hello", " ", "0"]
# What strict encoders refuse: half a surrogate pair, and an escaped byte.
ODD_PIECES = ["\ud800", "\udcff"]
BYTE_PIECES = [
    *(b"\n", b"\n", b"\n", b"\r", b"\r\n", b"a", b"bc", b"hello world", b"\x00", b"\x1a", b"\x7f"),
    *(b"\xff", b"\xfe", b"\xc3", b"\xa9", b"\xe2\x82", b"\xf0\x9d", b"\x80", b"\xed\xa0\x80"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x1b$B", b"\x83", b"\x8f\xa1", b"+AGE-"),
]
# Around the sizes at which buffers end: the standard library's, and multiples of it.
EDGES = sorted(
    size + near for size in (512, 4096, 8192, 65536, 131072, 262144) for near in (-1, 0, 1)
)


def bytes_of(pieces: list[bytes], most: int = 12) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(pieces), max_size=most).map(b"".join)


def text_of(pieces: list[str], most: int = 12) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=most).map("".join)


def stretched_bytes(unit: bytes, size: int) -> bytes:
    """``unit`` again and again, ``size`` bytes of it."""
    return (unit * (size // len(unit) + 1))[:size] if unit else b""


def stretched_text(unit: str, size: int) -> str:
    """``unit`` again and again, ``size`` characters of it."""
    return (unit * (size // len(unit) + 1))[:size] if unit else ""


def long_line_of_bytes(size: int, rest: bytes) -> bytes:
    """``size`` bytes without a newline, then ``rest``."""
    return b"y" * size + rest


def long_line_of_text(character: str, size: int, rest: str) -> str:
    """``size`` times the same character, then ``rest``."""
    return character * size + rest


small_bytes = bytes_of(BYTE_PIECES)
edges = st.sampled_from(EDGES)
# Many lines, or a long one with others behind it.
large_bytes = st.one_of(
    st.builds(stretched_bytes, small_bytes, edges),
    st.builds(long_line_of_bytes, edges, small_bytes),
)
some_bytes = st.one_of(small_bytes, small_bytes, large_bytes)

wide = st.sampled_from(["y", "é", "日", "🎉"])
plain_text = st.one_of(text_of(ASCII_PIECES), text_of(TEXT_PIECES))
large_text = st.one_of(
    st.builds(stretched_text, plain_text, edges),
    st.builds(long_line_of_text, wide, edges, plain_text),
)
some_text = st.one_of(plain_text, plain_text, large_text)
written_text = st.one_of(
    plain_text, plain_text, plain_text, text_of(TEXT_PIECES + ODD_PIECES), large_text
)


@st.composite
def text_files(draw: st.DrawFn, encoding: str | None) -> bytes:
    """A file to read as text: mostly valid in ``encoding``, sometimes damaged or anything."""
    if draw(st.integers(0, 7)) == 0:
        return draw(some_bytes)
    try:
        data = draw(some_text).encode(encoding or "utf-8", "ignore")
    except LookupError:
        return draw(small_bytes)
    if data and draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.sampled_from(BYTE_PIECES)) + data[place:]
    return data
