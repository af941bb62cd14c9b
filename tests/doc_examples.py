"""Finds and runs the Python examples of the documentation; `test_docs.py` is the caller.

An example is a fenced block tagged ``python`` in a Markdown page or a docstring. It may ``await``
at its top level. The examples of one page share their names, as a reader's session would; each
docstring stands alone. All start in a directory of their own that holds the files of `SAMPLES`.
Comments of the form ``#> text`` are what the example prints. A block inside ``<!--python`` …
``-->`` runs too and is not shown: that is the place to prepare something.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SAMPLES: dict[str, bytes] = {
    "notes.txt": "first line\nzweite Zeile: Grüße\nthird line\n".encode(),
    "server.log": b"".join(
        b"%s request %d\n" % (b"ERROR" if n % 10 == 0 else b"INFO", n) for n in range(100)
    ),
    "config.json": b'{"name": "demo", "workers": 4}\n',
    "data.bin": bytes(range(256)) * 1024,
}

OPENING = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|~{3,})\s*(?P<tag>[^\s`]*)[^`]*$")
HIDDEN = re.compile(r"^(?P<indent>\s*)<!--\s*(?P<tag>python)\s*$")
# Tags under which Python could hide from this collector, and the prompt of a doctest.
NEAR_MISSES = re.compile(
    r"^(\{.*python.*|py\d?|python\d.*|ipython|pycon|python-.*)$", re.IGNORECASE
)


class BadExample(Exception):
    """A block that looks like Python and would not be run."""


@dataclass(frozen=True)
class Example:
    """One block: where its first line of code stands, and the code."""

    path: Path
    line: int
    code: str


def blocks(text: str, path: Path, first_line: int = 1) -> Iterator[Example]:
    """The Python examples of a Markdown text that begins at ``first_line`` of ``path``."""
    lines = iter(enumerate(text.splitlines(), first_line))
    for number, line in lines:
        hidden = HIDDEN.match(line)
        opening = hidden or OPENING.match(line)
        if opening is None:
            if line.lstrip().startswith(">>> "):
                raise BadExample(f"{path}:{number}: a prompt outside a block; write ```python")
            continue
        closing = "-->" if hidden else opening["fence"]
        body = []
        for _, inner in lines:
            if inner.strip().startswith(closing) and not inner.strip().strip(closing[0] + ">"):
                break
            body.append(inner)
        else:
            raise BadExample(f"{path}:{number}: the block is never closed")
        if NEAR_MISSES.match(opening["tag"]):
            raise BadExample(f"{path}:{number}: tagged {opening['tag']!r}; write ```python")
        if opening["tag"] == "python":
            yield Example(path, number + 1, textwrap.dedent("\n".join(body)) + "\n")


def pages(root: Path) -> Iterator[Path]:
    """The Markdown pages of the repository."""
    yield from (path for path in map(root.joinpath, PAGES_AT_ROOT) if path.exists())
    yield from sorted(root.glob("docs/**/*.md"))


PAGES_AT_ROOT = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def docstrings(path: Path) -> Iterator[tuple[str, int]]:
    """Each docstring of a module or stub, with the number of its first line."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, documented) and (text := ast.get_docstring(node, clean=False)):
            yield text, node.body[0].lineno


def expected_output(code: str) -> list[str] | None:
    """The texts of the ``#>`` comments; None without any: the output is free."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    said = [
        t.string[2:].strip()
        for t in tokens
        if t.type == tokenize.COMMENT and t.string.startswith("#>")
    ]
    return said or None


def run(examples: list[Example], new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Run examples in order, in one namespace and the current directory; check what they print."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    loop = new_loop()
    try:
        for example in examples:
            # The blank lines make the traceback's line numbers those of the page.
            source = "\n" * (example.line - 1) + example.code
            code = compile(
                source, str(example.path), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                result = eval(code, namespace)
                if code.co_flags & inspect.CO_COROUTINE:
                    loop.run_until_complete(result)
            expected = expected_output(example.code)
            if expected is not None:
                seen = [line.strip() for line in printed.getvalue().splitlines()]
                assert seen == expected, (
                    f"{example.path}:{example.line} printed {seen}, not {expected}"
                )
    finally:
        close(loop)


def close(loop: asyncio.AbstractEventLoop) -> None:
    """End what the examples left running, as ``asyncio.run`` does."""

    async def end(tasks: set[asyncio.Task[object]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await loop.shutdown_asyncgens()
        await loop.shutdown_default_executor()

    loop.run_until_complete(end(asyncio.all_tasks(loop)))
    loop.close()
