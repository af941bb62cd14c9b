"""Searching what is in files."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import native_threads, open_fds, settles
from rapfiles.errors import PatternError

FILES = {
    "notes.txt": "first line\nHello, Wörld\nlast one\n",
    "src/main.py": "import os\n\nprint('hello')\n# no end",
    "src/.hidden": "hello\n",
    "build/out.log": "hello hello\r\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path


async def found(
    regex: str, pattern: str | list[str] = "*", *, root: Path, **options: Any
) -> set[tuple[str, int]]:
    """Where something was found: names below the root, and line numbers."""
    results = await rapfiles.search(regex, pattern, root, **options)
    return {(os.path.relpath(result.path, root), result.line_number) for result in results}


async def test_a_result_says_what_and_where(tree: Path) -> None:
    [result] = await rapfiles.search("w(ö|o)rld", "*.txt", tree, context=1)
    assert (result.path, result.line_number) == (str(tree / "notes.txt"), 2)
    assert (result.line_text, result.byte_offset) == ("Hello, Wörld", 11)
    assert result.line_bytes == "Hello, Wörld\n".encode()
    assert result.matches == (("Wörld", 7, 12, 7, 13),)
    [match] = result.matches
    assert result.line_text[match.start : match.end] == match.text
    assert result.line_bytes[match.byte_start : match.byte_end].decode() == match.text
    assert result.before == ((1, 0, "first line"),)
    assert result.after == ((3, 25, "last one"),)
    assert result.binary is False


async def test_results_are_values(tree: Path) -> None:
    [result] = await rapfiles.search("Wörld", root=tree, after_context=1)
    [again] = await rapfiles.search("Wörld", root=tree, after_context=1)
    [other] = await rapfiles.search("W", root=tree, after_context=1, case_sensitive=True)
    assert result == again and hash(result) == hash(again) and result != other
    assert pickle.loads(pickle.dumps(result)) == result
    assert {key: result[key] for key in result.keys()} == dict(result)  # noqa: SIM118
    assert dict(result)["line_number"] == 2 == result["line_number"]
    assert repr(result) == f"<SearchResult {str(tree / 'notes.txt')!r}:2: 'Hello, Wörld'>"
    with pytest.raises(KeyError):
        result["color"]
    with pytest.raises(AttributeError):
        result.line_number = 3  # type: ignore[misc]


async def test_case_is_smart(tree: Path) -> None:
    everywhere = {("notes.txt", 2), ("src/main.py", 3), ("build/out.log", 1)}
    assert await found("hello", root=tree) == everywhere
    assert await found("Hello", root=tree) == {("notes.txt", 2)}
    assert await found("Hello", root=tree, case_sensitive=False) == everywhere
    assert await found("hello", root=tree, case_sensitive=True) == everywhere - {("notes.txt", 2)}


async def test_files_are_chosen_as_by_find(tree: Path) -> None:
    assert await found("hello", "*.py", root=tree) == {("src/main.py", 3)}
    assert await found("hello", ["*.py", "*.txt"], root=tree) == {
        ("src/main.py", 3),
        ("notes.txt", 2),
    }
    assert ("src/.hidden", 1) in await found("hello", root=tree, hidden=True)
    assert await found("hello", root=tree, exclude="build") == {
        ("src/main.py", 3),
        ("notes.txt", 2),
    }
    assert await found("hello", root=tree, max_depth=1) == {("notes.txt", 2)}
    assert await found("hello", root=tree, extension="log") == {("build/out.log", 1)}
    assert await found("hello", root=tree, max_size=20) == {("build/out.log", 1)}
    for part in ("objects", "refs"):
        (tree / ".git" / part).mkdir(parents=True)
    (tree / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tree / ".gitignore").write_text("build\n*.py\n")
    assert await found("hello", root=tree, ignore_git=True) == {("notes.txt", 2)}


async def test_the_options_change_what_matches(tree: Path) -> None:
    text = tree / "src" / "main.py"
    assert await found("o", root=text, invert=True) == {(".", 2)}
    assert await found("(", root=text, fixed_strings=True) == {(".", 3)}
    assert await found("no", root=text, word=True) == {(".", 4)}
    assert await found("import os", root=text, line_regexp=True) == {(".", 1)}
    assert await found("o", root=text, max_count=2) == {(".", 1), (".", 3)}
    assert await found("o$", root=tree / "build" / "out.log") == set()
    assert await found("o$", root=tree / "build" / "out.log", crlf=True) == {(".", 1)}


async def test_matches_span_lines_on_request(tree: Path) -> None:
    [result] = await rapfiles.search(r"line\n.*", "*.txt", tree, multiline=True)
    assert result.line_text == "first line\nHello, Wörld"
    assert [match.text for match in result.matches] == ["line\nHello, Wörld"]
    [result] = await rapfiles.search("first.*last", "*.txt", tree, multiline_dotall=True)
    assert result.line_text.count("\n") == 2


async def test_max_count_counts_results_and_not_context(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x1\nx2\nx3\n")
    [result] = await rapfiles.search("x", root=tmp_path, max_count=1, context=1)
    assert result.line_text == "x1"
    assert [line.line_text for line in result.after] == ["x2"]


async def test_encodings_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "utf16").write_bytes("\ufeffhällo\n".encode("utf-16-le"))
    (tmp_path / "latin1").write_bytes(b"h\xe4llo\n")
    (tmp_path / "binary").write_bytes("x\nhällo\n\0".encode() + b"h\xc3\xa4llo\n")
    assert await found("hällo", root=tmp_path) == {("utf16", 1)}
    assert ("latin1", 1) in await found("hällo", root=tmp_path, encoding="latin1")
    assert await found("hällo", root=tmp_path, binary="text") == {
        ("utf16", 1),
        ("binary", 2),
        ("binary", 3),
    }
    assert await found("x", root=tmp_path, binary="skip") == set()
    [result] = await rapfiles.search("llo", "latin1", tmp_path)
    assert result.line_text == "h\udce4llo" and result.matches[0].start == 2
    assert await found("^..h", root=tmp_path, encoding="none", binary="text") == set()


async def test_bytes_in_bytes_out_and_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/odd\xff"
    Path(os.fsdecode(name)).write_text("x")
    [of_bytes] = await rapfiles.search("x", root=os.fsencode(tmp_path))
    assert of_bytes.path == name
    [result] = await rapfiles.search("x", root=tmp_path)
    assert result.path == os.fsdecode(name)
    both: list[str | Path] = [os.fsdecode(name), tmp_path]
    assert len(await rapfiles.search("x", root=both)) == 2


async def test_lines_of_a_file_stay_together(tmp_path: Path) -> None:
    for n in range(6):
        (tmp_path / str(n)).write_text("line\n" * 3_000)
    results = await rapfiles.search("line", root=tmp_path, threads=4)
    expected = [(path, n) for path in dict.fromkeys(r.path for r in results) for n in range(3_000)]
    assert [(r.path, r.line_number - 1) for r in results] == expected
    results = await rapfiles.search("line", root=tmp_path, max_count=1, sort="path")
    assert [Path(r.path).name for r in results] == list("012345")


def test_without_a_loop_a_plain_for_does_it(tree: Path) -> None:
    assert [result.line_number for result in rapfiles.search("Hello", root=tree)] == [2]


@pytest.mark.parametrize(("regex", "position"), [("a(b", 1), ("äö[z-a]", 3), ("*", 0)])
def test_a_bad_pattern_is_an_error_that_says_where(regex: str, position: int) -> None:
    with pytest.raises(PatternError) as caught:
        rapfiles.search(regex)
    assert (caught.value.pattern, caught.value.position) == (regex, position)
    with pytest.raises(PatternError):
        rapfiles.search("a" * 70_000)
    with pytest.raises(PatternError):
        rapfiles.search("a", "[")


@pytest.mark.parametrize(
    ("regex", "position"),
    [(r"x\p{Nope}", 1), (r"\w{1000}{1000}", None), (r"a\nb", None), (r"\x00", None)],
)
async def test_what_shows_when_it_is_compiled_is_raised_by_the_stream(
    regex: str, position: int | None, tree: Path
) -> None:
    stream = rapfiles.search(regex, root=tree)
    with pytest.raises(PatternError) as caught:
        await stream
    assert (caught.value.pattern, caught.value.position) == (regex, position)


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "klingon"},
        {"binary": "maybe"},
        {"before_context": -1},
        {"context": -2},
        {"max_count": -3},
        {"threads": 0},
        {"sort": "color"},
    ],
)
def test_a_value_that_an_option_cannot_have_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=str(*options.values())):
        rapfiles.search("a", **options)


async def test_roots_that_are_not_there(tmp_path: Path) -> None:
    for root in (tmp_path / "none", ""):
        with pytest.raises(FileNotFoundError) as caught:
            await rapfiles.search("a", root=root)
        assert caught.value.filename == str(root)
    with pytest.raises(ValueError, match="null byte"):
        rapfiles.search("a", root="a\0b")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="fifo"):
        await rapfiles.search("a", root=tmp_path / "fifo")
    assert await rapfiles.search("a", root=tmp_path) == []


async def test_what_cannot_be_read_is_noted_and_the_search_goes_on(tree: Path) -> None:
    (tree / "src" / "loop").symlink_to(tree)
    stream = rapfiles.search("Hello", root=tree, follow_symlinks=True)
    assert len(await stream) == 1
    [error] = stream.errors
    assert error.filename == str(tree / "src" / "loop")
    with pytest.raises(OSError, match="loop"):
        await rapfiles.search("nothing at all", root=tree, follow_symlinks=True, strict=True)


@pytest.mark.parametrize("regex", ["needle", r"needle\n|$x"])
async def test_a_search_that_is_cancelled_leaves_nothing_behind(tmp_path: Path, regex: str) -> None:
    with open(tmp_path / "huge", "wb") as f:
        f.write(b"needle\n")
        f.truncate(1 << 40)
    await rapfiles.search("warm", root=__file__)
    gc.collect()
    fds, threads = open_fds(), native_threads()
    for _ in range(5):
        stream = rapfiles.search(regex, root=tmp_path, binary="text", multiline="\\n" in regex)
        task = asyncio.ensure_future(collect(stream))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stream.close()
    assert settles(open_fds, fds) <= fds
    # Threads of the engine stay a while for the next one: as many as one search needs.
    assert native_threads() <= threads + 8


async def collect(stream: rapfiles.Stream[rapfiles.SearchResult]) -> None:
    async for _ in stream:
        pass


async def test_leaving_early_stops_the_search(tmp_path: Path) -> None:
    for n in range(50):
        (tmp_path / str(n)).write_text("x\n" * 10_000)
    fds = open_fds()
    async with rapfiles.search("x", root=tmp_path) as stream:
        async for result in stream:
            assert result.line_text == "x"
            break
    assert settles(open_fds, fds) <= fds
    assert await stream == []
