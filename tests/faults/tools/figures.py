"""How much of each promise's figure a run proves, and what the proofs measured."""

from __future__ import annotations

import os

FULL = os.environ.get("FAULTS_FULL", "0") not in ("", "0")

#: One line for each proof that ran, printed at the end of the run.
LINES: list[str] = []


def share(full: int, in_ci: int) -> int:
    """The whole figure with FAULTS_FULL=1, else the share that a run in CI has time for."""
    return full if FULL else min(full, in_ci)


def record(proof: str, text: str, *, full: int | None = None, ran: int | None = None) -> None:
    """Add a line to the summary of the run; says so where only a share of the figure ran."""
    if full is not None and ran is not None and ran < full:
        text += f" [a share: {ran:,} of {full:,}; FAULTS_FULL=1 runs all]"
    LINES.append(f"{proof}: {text}")
