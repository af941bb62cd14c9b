"""The rounds: everyone once, and again (A B C A B C …), each result checked before it counts."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import Bound, Verdict
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.crew import names_of
from benchmarks.harness.peers import Peer

PATIENCE = 5.0


@dataclass
class Outcome:
    """What came of one peer in one case. `absent` and `failure` say why there are no figures,
    `once` that there is but one, and why."""

    samples: dict[str, list[float]] = field(default_factory=dict)
    absent: str | None = None
    failure: str | None = None
    once: str | None = None

    @property
    def medians(self) -> dict[str, float]:
        """The median of the rounds, per metric; nothing where a result was wrong."""
        if self.absent or self.failure:
            return {}
        return {name: statistics.median(values) for name, values in self.samples.items() if values}

    def add(self, sample: Sample) -> None:
        """Count one more round."""
        for name, value in sample.values.items():
            self.samples.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Judged:
    """A must or an aim, what was measured for it, and the verdict."""

    kind: str
    bound: str
    measured: str
    verdict: Verdict


@dataclass(frozen=True)
class CaseResult:
    """All outcomes of one case."""

    row: Row
    case: Case
    outcomes: dict[str, Outcome]

    @property
    def medians(self) -> dict[str, dict[str, float]]:
        """Per peer, the medians."""
        return {name: outcome.medians for name, outcome in self.outcomes.items()}

    @property
    def ours(self) -> Outcome:
        """What came of rapfiles."""
        return self.outcomes[self.case.ours]

    def judged(self) -> list[Judged]:
        """Every must, then every aim of the case."""
        return [self._judge("must", bound) for bound in self.case.musts] + [
            self._judge("aim", bound) for bound in self.case.aims
        ]

    def _judge(self, kind: str, bound: Bound) -> Judged:
        verdict = bound.judge(self.case.ours, self.medians)
        if verdict is Verdict.UNJUDGED and self.case.optional and self.ours.absent:
            verdict = Verdict.NOT_THERE
        return Judged(kind, str(bound), bound.measured(self.case.ours, self.medians), verdict)


async def measure(
    row: Row,
    case: Case,
    peers: Mapping[str, Peer],
    bench: Bench,
    rounds: int,
    say: Callable[[str], None] = lambda _: None,
    patience: float = PATIENCE,
) -> CaseResult:
    """Measure a case: a round that doesn't count but compares contents, then those that do.

    A peer that no must or aim refers to, and that needs more than `patience` seconds for the
    first round, is not asked again.
    """
    there = [peers[name] for name in names_of(case) if name in peers]
    outcomes = {peer.name: Outcome(absent=peer.lacks(case)) for peer in there}
    for number in range(rounds + 1):
        for peer in there:
            outcome = outcomes[peer.name]
            if outcome.absent or outcome.failure or outcome.once:
                continue
            say(f"{row.name}, {case.name}: round {number} of {rounds}, {peer.name}")
            start = perf_counter()
            sample = await _sample(peer, row, case, bench, outcome, first=number == 0)
            took = perf_counter() - start
            if sample and took > patience and peer.name not in case.decisive:
                outcome.once = f"measured once only: {took:.0f} s are too long to repeat"
            if sample and (number or outcome.once):
                outcome.add(sample)
    return CaseResult(row, case, outcomes)


async def _sample(
    peer: Peer, row: Row, case: Case, bench: Bench, outcome: Outcome, first: bool
) -> Sample | None:
    """One sample, or None with the failure noted: a wrong result, or an exception."""
    try:
        if first and not await peer.check(row, case, bench):
            outcome.failure = "wrong result: the contents differ"
            return None
        sample = await peer.sample(row, case, bench)
    except Exception as error:  # a peer that fails is shown as such; the others go on
        outcome.failure = f"failed: {error!r}"
        return None
    expected = case.expected(bench)
    if sample.evidence != expected:
        outcome.failure = f"wrong result: {sample.evidence!r} instead of {expected!r}"
        return None
    return sample
