"""Every Python example in README, guide, API pages and docstrings runs and prints what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

import doc_examples
from doc_examples import BadExample, Example

ROOT = Path(__file__).resolve().parents[1]


def cases() -> list[object]:
    """One case per page, one per docstring with examples."""
    found: list[object] = []
    for page in doc_examples.pages(ROOT):
        if examples := list(doc_examples.blocks(page.read_text(encoding="utf-8"), page)):
            found.append(pytest.param(examples, id=str(page.relative_to(ROOT))))
    sources = [*ROOT.glob("rapfiles/**/*.py"), *ROOT.glob("stubs/*.pyi")]
    for source in sorted(sources):
        for text, line in doc_examples.docstrings(source):
            if examples := list(doc_examples.blocks(text, source, line)):
                name = f"{source.relative_to(ROOT)}:{examples[0].line}"
                found.append(pytest.param(examples, id=name))
    return found


@pytest.mark.parametrize("examples", cases())
def test_examples_run(
    examples: list[Example],
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, content in doc_examples.SAMPLES.items():
        tmp_path.joinpath(name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    doc_examples.run(examples, loop_factory)


PAGE = """
# A page

<!--python
prepared = 20
-->

1. In a list:

    ```python title="one.py"
    import asyncio
    await asyncio.sleep(0)
    print(prepared + 1)  #> 21
    ```

```text
not python (
```

```python
print("a"); print("b")
#> a
#> b
```
"""


def test_blocks_are_found_where_they_stand() -> None:
    found = list(doc_examples.blocks(PAGE, Path("page.md")))
    assert [example.line for example in found] == [5, 11, 21]
    assert found[1].code.startswith("import asyncio\nawait")


def test_a_page_is_one_session(loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    doc_examples.run(list(doc_examples.blocks(PAGE, Path("page.md"))), loop_factory)


@pytest.mark.parametrize("line", ["print(1)  #> 2", "#> never printed"])
def test_a_wrong_output_fails(
    line: str, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:7 printed"):
        doc_examples.run([Example(Path("page.md"), 7, line + "\n")], loop_factory)


def test_a_failing_example_names_its_line(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with pytest.raises(ZeroDivisionError) as failure:
        doc_examples.run([Example(Path("page.md"), 7, "x = 1\nx / 0\n")], loop_factory)
    assert failure.traceback[-1].lineno == 7  # counted from 0: line 8 of the page


@pytest.mark.parametrize(
    "text",
    ["```py\n1\n```", "```pycon\n>>> 1\n```", "```{.python}\n1\n```", ">>> 1", "```python\n1"],
)
def test_nothing_that_looks_like_python_escapes(text: str) -> None:
    with pytest.raises(BadExample, match=r"page\.md:1"):
        list(doc_examples.blocks(text, Path("page.md")))
