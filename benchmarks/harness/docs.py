"""docs/benchmarks.md, its picture and data, and the README's table: all written from one report."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import chart
from benchmarks.harness.case import SYNC
from benchmarks.harness.environment import ROOT
from benchmarks.harness.measure import CaseResult
from benchmarks.harness.results import Report, from_json, to_json
from benchmarks.harness.table import cell, columns, figure, label, lines_of, notes_on, times
from benchmarks.peers import EXISTING, NOW_OFF
from benchmarks.rows import all_rows

TEMPLATE = Path(__file__).with_name("template.md")
BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"
README_PEERS = (SYNC, "aiofiles", "anyio", "to_thread")


def write(report: Report, root: Path = ROOT) -> None:
    """Write everything below `root`. A run of some rows replaces those and keeps the others."""
    assets = root / "docs" / "assets"
    data = assets / "benchmarks.json"
    if {result.row.name for result in report.results} != {row.name for row in all_rows()}:
        if not data.exists():
            raise SystemExit("docs/assets/benchmarks.json is not there: run all rows first")
        report = report.merged_into(from_json(data, all_rows()))
    if report.draft or report.failures():
        raise SystemExit("these results are a draft or have failures: nothing for the docs")
    assets.mkdir(parents=True, exist_ok=True)
    data.write_text(to_json(report), encoding="utf-8")
    picture = chart.draw(report.results, _in_a_line(report))
    (assets / "benchmarks.svg").write_text(picture, encoding="utf-8")
    (root / "docs" / "benchmarks.md").write_text(page(report), encoding="utf-8")
    readme = root / "README.md"
    if not readme.exists() or BEGIN not in (text := readme.read_text(encoding="utf-8")):
        print(f"README.md has no {BEGIN}: its table is not written")
    else:
        readme.write_text(between_markers(text, readme_table(report)), encoding="utf-8")


def page(report: Report) -> str:
    """The text of docs/benchmarks.md."""
    works = {result.row.name: result.row.work for result in report.results}
    notes = notes_on(report.results)
    return TEMPLATE.read_text(encoding="utf-8").format(
        rounds=report.rounds,
        loop=report.loop,
        existing=report.versions.get(EXISTING, EXISTING.split()[-1]),
        figures="\n".join(_figures(group) for group in _groups(report.results)),
        notes="Without a figure, or with only one:\n\n" + "".join(f"- {note}\n" for note in notes)
        if notes
        else "",
        works=_grid([["row", "work"], *([f"`{name}`", work] for name, work in works.items())]),
        verdicts=_verdicts(report.results),
        machine=_grid([["", ""], *([name, value] for name, value in report.machine.items())]),
        versions=_grid([["library", "version"], *_versions(report)]),
    )


def readme_table(report: Report) -> str:
    """The titled cases, a few peers, and the two ratios that matter."""
    head = ["", "rapfiles", "blocking", *README_PEERS[1:], "of blocking", "faster than aiofiles"]
    cells = [head]
    for result in report.results:
        ours = result.ours.medians.get(metric := result.case.metrics[0])
        if not result.case.title or ours is None:
            continue
        medians, unit = result.medians, result.case.unit
        theirs = {name: medians.get(name, {}).get(metric) for name in (*README_PEERS,)}
        shown = [figure(value, unit) if value else "n/a" for value in theirs.values()]
        sync, aiofiles = theirs[SYNC], theirs["aiofiles"]
        ratios = [f"{ours / sync:.2f}×" if sync else "", times(aiofiles / ours) if aiofiles else ""]
        title = f"{result.case.title}, {unit}"
        cells.append([title, f"**{figure(ours, unit)}**", *shown, *ratios])
    return f"{_grid(cells, numbers=True)}\n{_in_a_line(report)}\n"


def between_markers(text: str, table: str) -> str:
    """The README with that table between its markers."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"README.md has {BEGIN} without {END}")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _in_a_line(report: Report) -> str:
    about = report.machine
    return (
        f"{about['CPU']}, {about['cores']} cores, {about['kernel']}, {about['filesystem']}, "
        f"{about['Python']}, {report.loop}; median of {report.rounds} rounds."
    )


def _versions(report: Report) -> list[list[str]]:
    shown = {name: version for name, version in report.versions.items() if name != NOW_OFF}
    return [[name.removesuffix(f" {version}"), version] for name, version in shown.items()]


def _groups(results: list[CaseResult]) -> list[list[CaseResult]]:
    """Cases that have the same peers: one table each."""
    groups: dict[tuple[str, ...], list[CaseResult]] = {}
    for result in results:
        groups.setdefault(tuple(columns([result])), []).append(result)
    return list(groups.values())


def _figures(results: list[CaseResult]) -> str:
    names = columns(results)
    cells = [["row", "", "rapfiles", *names]]
    for result, metric in lines_of(results):
        ours = cell(result, result.case.ours, metric)
        others = [cell(result, name, metric) for name in names]
        cells.append([f"`{result.row.name}`", label(result.case, metric), f"**{ours}**", *others])
    return _grid(cells)


def _verdicts(results: list[CaseResult]) -> str:
    cells = [["row", "", "", "bound", "measured", "verdict"]]
    for result in results:
        for one in result.judged():
            bad = one.verdict.value in ("missed", "not judged")
            verdict = f"**{one.verdict.value}**" if bad else one.verdict.value
            where = [f"`{result.row.name}`", result.case.name]
            cells.append([*where, one.kind, one.bound, one.measured, verdict])
    return _grid(cells)


def _grid(cells: list[list[str]], numbers: bool = False) -> str:
    rule = ["---", *(["---:" if numbers else "---"] * (len(cells[0]) - 1))]
    return "".join(f"| {' | '.join(line)} |\n" for line in [cells[0], rule, *cells[1:]])
