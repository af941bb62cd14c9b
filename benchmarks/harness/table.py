"""Figures as words, and the table on a terminal."""

from __future__ import annotations

from benchmarks.harness.case import Case
from benchmarks.harness.measure import CaseResult
from benchmarks.harness.results import Report

PER_ONE = {"s": 1.0, "ms": 1e3, "µs": 1e6, "MB": 1e-6}
"""How many of a unit are one second, or one byte."""

MARKS = {"met": "met", "missed": "MISSED", "not judged": "NOT JUDGED", "not there yet": "n/a yet"}


def figure(value: float, unit: str) -> str:
    """A duration or a size in that unit, with three figures that mean something."""
    value *= PER_ONE[unit]
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:,.{digits}f}" if value >= 0.1 else f"{value:.2g}"


def unit_of(case: Case, metric: str) -> str:
    """What a metric of a case is shown in."""
    return "MB" if metric == "growth" else case.unit


def times(ratio: float) -> str:
    """How many times as long as rapfiles a peer takes."""
    digits = 0 if ratio >= 9.95 else 1 if ratio >= 0.995 else 2
    return f"{ratio:,.{digits}f}×"


def cell(result: CaseResult, name: str, metric: str) -> str:
    """One peer's figure and its ratio to ours, or why there is none."""
    outcome = result.outcomes.get(name)
    if outcome is None:
        return ""
    if metric not in outcome.medians:
        return "failed" if outcome.failure else "n/a"
    text, ours = (
        figure(outcome.medians[metric], unit_of(result.case, metric)),
        result.ours.medians.get(metric),
    )
    if name == result.case.ours or not ours:
        return text
    return f"{text} ({times(outcome.medians[metric] / ours)})"


def label(case: Case, metric: str) -> str:
    """What the line is about, with its unit."""
    return f"{case.name}{'' if metric == 'time' else f', {metric}'}, {unit_of(case, metric)}"


def columns(results: list[CaseResult]) -> list[str]:
    """Every peer that takes part, ours left out: it always comes first."""
    names = (name for result in results for name in result.outcomes if name != result.case.ours)
    return list(dict.fromkeys(names))


def lines_of(results: list[CaseResult]) -> list[tuple[CaseResult, str]]:
    """One line of a table per case and metric."""
    return [(result, metric) for result in results for metric in result.case.metrics]


def render(report: Report) -> str:
    """The whole report as plain text."""
    names = columns(report.results)
    cells = [["row", "case", "rapfiles", *names]]
    for result, metric in lines_of(report.results):
        ours = cell(result, result.case.ours, metric)
        others = [cell(result, name, metric) for name in names]
        cells.append([result.row.name, label(result.case, metric), ours, *others])
    text = _aligned(cells)
    judged = [["row", "case", "", "bound", "measured", "verdict"]]
    for result in report.results:
        for one in result.judged():
            verdict = MARKS[one.verdict.value]
            where = [result.row.name, result.case.name]
            judged.append([*where, one.kind, one.bound, one.measured, verdict])
    if len(judged) > 1:
        text += "\n" + _aligned(judged)
    notes = notes_on(report.results)
    if report.draft:
        notes.append("A draft: too few rounds or too little work for figures that mean anything.")
    return text + "".join(f"{note}\n" for note in ["", *notes])


def notes_on(results: list[CaseResult]) -> list[str]:
    """Why figures are missing, each reason once with all the rows it is true of."""
    rows: dict[str, dict[str, None]] = {}
    for result in results:
        for name, outcome in result.outcomes.items():
            if why := outcome.failure or outcome.absent or outcome.once:
                rows.setdefault(f"{name}: {why}", {})[result.row.name] = None
    return [f"{why} ({', '.join(names)})" for why, names in rows.items()]


def _aligned(cells: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    rule = ["─" * width for width in widths]
    lines = [cells[0], rule, *cells[1:]]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )
