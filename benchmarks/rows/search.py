"""Lines of files, by a word and by a regular expression."""

from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from re import compile as compiled

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.drive import completed, timed
from benchmarks.harness.peers import Operations

LITERAL = "Needle42"
REGEX = r"\b[a-z]+[A-Z][a-z]+\d{2}\b|\bz[a-z]*ng\b"


async def search(
    regex: str, where: Callable[[Bench], str], ops: Operations, bench: Bench
) -> Sample:
    """Find the lines; the evidence is how many and the sum of their numbers."""
    root = where(bench)
    with timed() as clock:
        count, numbers = await completed(ops, "search", regex, root)
    return Sample({"time": clock.seconds}, f"{count} {numbers}")


@cache
def right(regex: str, root: str) -> str:
    """What the standard library finds."""
    matches, count, numbers = compiled(regex).search, 0, 0
    paths = [Path(root)] if Path(root).is_file() else Path(root).glob("*/*")
    for path in paths:
        with path.open(encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if matches(line):
                    count, numbers = count + 1, numbers + number
    return f"{count} {numbers}"


def case(name: str, regex: str, where: Callable[[Bench], str]) -> Case:
    """One search, measured."""
    run: Callable[[Operations, Bench], Awaitable[Sample]] = partial(search, regex, where)
    return Case(
        name,
        run,
        lambda bench: right(regex, where(bench)),
        needs=("search",),
        unit="ms",
        peers=("rg",),
        musts=(at_most(1.3, "rg"),),
        aims=(at_most(1, "rg"),),
    )


ROW = Row(
    name="search",
    place=200,
    work="a word and a regular expression, in 100,000 small files and in one of 1 GB",
    cases=(
        case("word, small files", LITERAL, lambda bench: bench.texts),
        case("regex, small files", REGEX, lambda bench: bench.texts),
        case("word, big file", LITERAL, lambda bench: bench.book),
        case("regex, big file", REGEX, lambda bench: bench.book),
    ),
)
