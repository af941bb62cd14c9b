"""Musts and aims as data: a limit on one median, judged against another or against a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """What became of a must or an aim."""

    MET = "met"
    MISSED = "missed"
    UNJUDGED = "not judged"
    NOT_THERE = "not there yet"


@dataclass(frozen=True)
class Bound:
    """`rapfiles[metric] <= factor * against[metric]`, or `<= factor` without `against`."""

    factor: float
    against: str | None = None
    metric: str = "time"
    as_speed: bool = False

    def limit(self, medians: Mapping[str, Mapping[str, float]]) -> float | None:
        """The figure not to be exceeded, or None where the peer it refers to has no result."""
        if self.against is None:
            return self.factor
        theirs = medians.get(self.against, {}).get(self.metric)
        return None if theirs is None else self.factor * theirs

    def judge(self, ours: str, medians: Mapping[str, Mapping[str, float]]) -> Verdict:
        """Whether the median of `ours` keeps to the bound."""
        limit, mine = self.limit(medians), medians.get(ours, {}).get(self.metric)
        if limit is None or mine is None:
            return Verdict.UNJUDGED
        return Verdict.MET if mine <= limit else Verdict.MISSED

    def __str__(self) -> str:
        what = "" if self.metric == "time" else f"{self.metric} "
        if self.against is None:
            return f"{what}≤ {self._told(self.factor, 'g')}"
        if self.as_speed:
            return f"≥ {1 / self.factor:g} × faster than {self.against}"
        return f"{what}≤ {self.factor:g} × {self.against}"

    def _told(self, value: float, form: str) -> str:
        """A figure of this metric with its unit."""
        if self.metric == "growth":
            return f"{value / 1e6:{form}} MB"
        return f"{value * 1e3:{form}} ms"

    def measured(self, ours: str, medians: Mapping[str, Mapping[str, float]]) -> str:
        """The measured counterpart of the bound, in the same words."""
        mine = medians.get(ours, {}).get(self.metric)
        if mine is None:
            return "n/a"
        if self.against is None:
            return self._told(mine, ".2f")
        theirs = medians.get(self.against, {}).get(self.metric)
        if theirs is None:
            return f"no result of {self.against}"
        if self.as_speed:
            return f"{theirs / mine:.1f} × faster"
        return f"{mine / theirs:.2f} × {self.against}"


def at_most(factor: float, against: str, metric: str = "time") -> Bound:
    """No more than `factor` times what the peer takes."""
    return Bound(factor, against, metric)


def faster(times: float, against: str) -> Bound:
    """At least so many times faster than the peer."""
    return Bound(1 / times, against, as_speed=True)


def within(figure: float, metric: str = "gap") -> Bound:
    """No more than a fixed figure, in seconds or bytes, whatever the peers do."""
    return Bound(figure, None, metric)
