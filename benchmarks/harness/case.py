"""What a row of the table is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.harness.bounds import Bound

if TYPE_CHECKING:
    from benchmarks.harness.bench import Bench
    from benchmarks.harness.peers import Operations

Evidence = int | str
"""What a workload says it did: plain enough to come over a pipe, compared before it counts."""

OURS = "rapfiles"
SYNC = "sync"


@dataclass(frozen=True)
class Sample:
    """One measurement: seconds per metric ("time" is per operation; "growth" is bytes), and what
    was really done."""

    values: dict[str, float]
    evidence: Evidence


Workload = Callable[["Operations", "Bench"], Awaitable[Sample]]
Check = Callable[["Operations", "Bench"], Awaitable[bool]]


@dataclass(frozen=True)
class Case:
    """One workload, measured for every peer that has the operations it needs.

    A sample counts if its evidence equals `expected`. Where evidence is only a count, because
    comparing contents under the clock would cost more than the work, `check` compares the
    contents once, before the rounds.

    `optional` says that rapfiles may lack an operation for now: the case is then shown as "not
    there yet" and fails nothing. Without it a missing operation counts against the row. A case
    with a `title` is also in README's table and in the picture.
    """

    name: str
    run: Workload
    expected: Callable[[Bench], Evidence]
    needs: tuple[str, ...]
    unit: str = "µs"
    metrics: tuple[str, ...] = ("time",)
    ours: str = OURS
    peers: tuple[str, ...] | None = None
    musts: tuple[Bound, ...] = ()
    aims: tuple[Bound, ...] = ()
    optional: bool = False
    title: str = ""
    check: Check | None = None

    @property
    def decisive(self) -> set[str | None]:
        """Those whose figures decide about a must or an aim."""
        return {self.ours, *(bound.against for bound in (*self.musts, *self.aims))}


@dataclass(frozen=True)
class Row:
    """A row of BENCH's table: its name, its place, what is done, and its cases."""

    name: str
    place: int
    work: str
    cases: tuple[Case, ...]

    def case(self, name: str) -> Case:
        """The case of that name."""
        for case in self.cases:
            if case.name == name:
                return case
        raise LookupError(f"row {self.name} has no case {name!r}")
