"""A run's results, to and from JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness.bounds import Verdict
from benchmarks.harness.case import Row
from benchmarks.harness.measure import CaseResult, Judged, Outcome

ENOUGH_ROUNDS = 5


@dataclass
class Report:
    """What was measured, on what, with whom."""

    machine: dict[str, str]
    loop: str
    rounds: int
    quick: bool
    versions: dict[str, str]
    results: list[CaseResult]

    @property
    def draft(self) -> bool:
        """Whether the figures are too few, or of too little work, to be shown to anyone."""
        return self.quick or self.rounds < ENOUGH_ROUNDS

    def failures(self) -> list[str]:
        """Where rapfiles gave a wrong result or failed: never acceptable."""
        return [
            f"{result.row.name}, {result.case.name}: {result.ours.failure}"
            for result in self.results
            if result.ours.failure
        ]

    def not_met(self) -> list[str]:
        """The musts that are missed, or that nothing could be said about."""
        return [
            f"{result.row.name}, {result.case.name}: must {judged.bound}, "
            f"measured {judged.measured}: {judged.verdict.value}"
            for result in self.results
            for judged in result.judged()
            if judged.kind == "must" and judged.verdict in (Verdict.MISSED, Verdict.UNJUDGED)
        ]

    def merged_into(self, earlier: Report) -> Report:
        """These rows in place of the earlier run's; the other rows stay as they were."""
        if (self.machine, self.loop) != (earlier.machine, earlier.loop):
            raise ValueError("the earlier results are of another machine or loop: run all rows")
        mine = {result.row.name for result in self.results}
        kept = [result for result in earlier.results if result.row.name not in mine]
        both = sorted(kept + self.results, key=lambda result: result.row.place)
        rounds = min(self.rounds, earlier.rounds)
        versions = {**earlier.versions, **self.versions}
        return Report(self.machine, self.loop, rounds, self.quick, versions, both)


def to_json(report: Report) -> str:
    """Everything, verdicts included, for machines and for `from_json`."""
    rows: dict[str, Any] = {}
    for result in report.results:
        row = rows.setdefault(result.row.name, {"work": result.row.work, "cases": {}})
        row["cases"][result.case.name] = {
            "ours": result.case.ours,
            "peers": {name: _outcome(outcome) for name, outcome in result.outcomes.items()},
            "judged": [_judged(judged) for judged in result.judged()],
        }
    whole = {
        "machine": report.machine,
        "loop": report.loop,
        "rounds": report.rounds,
        "quick": report.quick,
        "versions": report.versions,
        "unit": "seconds",
        "rows": rows,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    samples = {name: [_short(v) for v in values] for name, values in outcome.samples.items()}
    median = {name: _short(value) for name, value in outcome.medians.items()}
    why = {"absent": outcome.absent, "failure": outcome.failure, "once": outcome.once}
    return {"median": median, "samples": samples} | {k: v for k, v in why.items() if v}


def _short(seconds: float) -> float:
    return float(f"{seconds:.5g}")


def _judged(judged: Judged) -> dict[str, str]:
    return {
        "kind": judged.kind,
        "bound": judged.bound,
        "measured": judged.measured,
        "verdict": judged.verdict.value,
    }


def from_json(path: Path, rows: list[Row]) -> Report:
    """A report read back. Musts and aims are judged anew, by what the rows say now."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    results = [
        CaseResult(row, case, {name: _read(it) for name, it in found["peers"].items()})
        for row in rows
        for case in row.cases
        if (found := whole["rows"].get(row.name, {"cases": {}})["cases"].get(case.name))
    ]
    settings = {key: whole[key] for key in ("machine", "loop", "rounds", "quick", "versions")}
    return Report(**settings, results=results)


def _read(found: dict[str, Any]) -> Outcome:
    return Outcome(found["samples"], found.get("absent"), found.get("failure"), found.get("once"))
