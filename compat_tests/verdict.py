"""When a run counts as a pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import ITEMS


@dataclass
class Seen:
    """What a run reported of itself; ``exit`` is its exit code, None if it had to be stopped."""

    exit: int | None
    file: str = "?"
    collected: int = 0
    deselected: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    coroutines_run: int = 0
    loops: dict[str, int] = field(default_factory=dict)
    warnings: int = 0
    problems: list[str] = field(default_factory=list)
    reported: bool = True

    @classmethod
    def read(cls, path: Path, exit: int | None) -> Seen:
        """The report at ``path``, or one that says there is none."""
        try:
            report: dict[str, Any] = json.loads(path.read_text())
        except (OSError, ValueError):
            return cls(exit, reported=False)
        report.pop("code")
        return cls(exit, **report)


def problems_of(seen: Seen, loop: str) -> list[str]:
    """Every reason why the run is not a pass."""
    if seen.exit is None:
        return ["did not end in time"]
    found = list(seen.problems)
    if not seen.reported:
        found.append("no report was written")
    if seen.exit != 0:
        found.append(f"exit code {seen.exit}")
    if seen.collected != ITEMS:
        found.append(f"{seen.collected} tests collected, not {ITEMS}")
    if seen.deselected:
        found.append(f"{seen.deselected} tests deselected")
    if set(seen.outcomes) - {"passed", "skipped"} or sum(seen.outcomes.values()) != ITEMS:
        found.append(f"outcomes: {seen.outcomes}")
    if set(seen.loops) != {loop} or not 0 < seen.coroutines_run <= seen.loops[loop]:
        found.append(f"{seen.coroutines_run} async tests ran, on loops {seen.loops}, not on {loop}")
    return found


def summary_of(seen: Seen) -> str:
    """The figures of a run in one line."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(seen.outcomes.items()))
    return (
        f"{seen.collected} collected, {counts or 'none ran'}, {seen.deselected} deselected, "
        f"{seen.warnings} warnings, from {seen.file}"
    )
