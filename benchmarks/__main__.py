"""The command line: `python -m benchmarks [--row NAME …] [--rounds N] [--json FILE] [--quick]`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import docs, machine, table
from benchmarks.harness.bench import QUICK, Bench, Scale
from benchmarks.harness.case import Row
from benchmarks.harness.crew import gathered
from benchmarks.harness.environment import CACHE
from benchmarks.harness.loops import NAMES, run
from benchmarks.harness.measure import measure
from benchmarks.harness.peers import Peer
from benchmarks.harness.results import ENOUGH_ROUNDS, Report, from_json, to_json
from benchmarks.rows import all_rows


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    names = [row.name for row in all_rows()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--row", nargs="+", action="extend", metavar="NAME", help=f"of {', '.join(names)}")
    add("--peer", nargs="+", action="extend", metavar="NAME", help="only these, and rapfiles")
    add("--rounds", type=int, metavar="N", help=f"at least {ENOUGH_ROUNDS} mean something")
    add("--quick", action="store_true", help="little work, 3 rounds: to try the harness")
    add("--loop", choices=NAMES, default=NAMES[0])
    add("--dir", type=Path, default=CACHE, help="where the files are made (its filesystem counts)")
    add("--json", type=Path, metavar="FILE", help="write the results there")
    add("--from", type=Path, metavar="FILE", dest="source", help="measure nothing, read results")
    add("--write-docs", action="store_true", help="docs/benchmarks.md, its chart, README's table")
    add("--enforce", action="store_true", help="exit 1 if a must is missed or can't be judged")
    given = parser.parse_args(argv)
    unknown = sorted(set(given.row or ()) - set(names))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(names)}")
    given.rounds = given.rounds or (3 if given.quick else ENOUGH_ROUNDS)
    if given.write_docs and (given.quick or given.rounds < ENOUGH_ROUNDS) and not given.source:
        parser.error(f"--write-docs takes whole runs of at least {ENOUGH_ROUNDS} rounds")
    return given


async def measured(
    rows: list[Row], peers: dict[str, Peer], bench: Bench, given: argparse.Namespace
) -> Report:
    """Every case of every row, in turn."""
    results = []
    for row in rows:
        for case in row.cases:
            results.append(await measure(row, case, peers, bench, given.rounds, _progress))
            _progress(f"{row.name}, {case.name}: measured\n")
    versions = {name: peer.version for name, peer in peers.items() if peer.version}
    about = machine.describe(bench.directory)
    return Report(about, given.loop, given.rounds, given.quick, versions, results)


def measure_all(given: argparse.Namespace, rows: list[Row]) -> Report:
    """Make the files, gather the peers, measure, and leave nothing behind."""
    given.dir.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="files-", dir=given.dir))
    try:
        bench = Bench(directory, QUICK if given.quick else Scale())
        with gathered(rows, bench, given.loop, given.peer) as peers:
            return run(measured(rows, peers, bench, given), given.loop)
    finally:
        shutil.rmtree(directory)


def main(argv: list[str] | None = None) -> int:
    """Measure or read, show, write, and judge."""
    given = arguments(argv)
    rows = [row for row in all_rows() if not given.row or row.name in given.row]
    report = from_json(given.source, rows) if given.source else measure_all(given, rows)
    print(table.render(report))
    if given.json:
        given.json.write_text(to_json(report), encoding="utf-8")
    if given.write_docs:
        docs.write(report)
    bad = report.failures()
    if given.enforce:
        there = {result.row.name for result in report.results}
        bad += [f"{row.name}: no results" for row in rows if row.name not in there]
        bad += report.not_met()
    for line in bad:
        print(line, file=sys.stderr)
    return 1 if bad else 0


def _progress(text: str) -> None:
    """What is going on now, on one line where someone looks; elsewhere only what is finished."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text.endswith("\n"):
        print(text, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
