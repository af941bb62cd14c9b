"""A library as the harness sees it: named operations, each in the words its own docs would use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from benchmarks.harness.bench import Bench
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.environment import PEERS, pinned


@dataclass(frozen=True)
class Operations:
    """The operations of one library. `blocking` ones are called, all others awaited."""

    table: Mapping[str, Callable[..., Any]]
    blocking: bool = False

    def get(self, name: str) -> Callable[..., Any]:
        """The operation of that name; `Peer.lacks` has said before that it is there."""
        return self.table[name]


class Peer(Protocol):
    """Something that can be measured: in this process, or in another."""

    name: str
    version: str
    missing: str | None

    def lacks(self, case: Case) -> str | None:
        """Why the case can't be measured here, or None if it can."""

    async def sample(self, row: Row, case: Case, bench: Bench) -> Sample:
        """Run the case's workload once."""

    async def check(self, row: Row, case: Case, bench: Bench) -> bool:
        """Compare contents once, where the case's evidence is only a count."""

    def close(self) -> None:
        """Let go of what the peer holds."""


@dataclass
class Local:
    """A peer in this process."""

    name: str
    operations: Operations
    version: str = ""
    missing: str | None = None

    def lacks(self, case: Case) -> str | None:
        """Why the case can't be measured here, or None if it can."""
        if self.missing:
            return self.missing
        absent = [need for need in case.needs if need not in self.operations.table]
        return f"has no {', '.join(absent)}" if absent else None

    async def sample(self, row: Row, case: Case, bench: Bench) -> Sample:
        """Run the case's workload once."""
        return await case.run(self.operations, bench)

    async def check(self, row: Row, case: Case, bench: Bench) -> bool:
        """Compare contents once, where the case's evidence is only a count."""
        return case.check is None or await case.check(self.operations, bench)

    def close(self) -> None:
        """Nothing to let go of."""


def load(name: str, adapter: str | None = None) -> Local:
    """The peer of that adapter in `benchmarks/peers/`; one that can't be imported says why."""
    try:
        module = import_module(f"benchmarks.peers.{adapter or name}")
    except Exception as error:  # absent or broken: shown in the table, whatever it raises
        return Local(name, Operations({}), missing=f"not available: {error!r}")
    installed, wanted = version_of(module.DISTRIBUTION), pinned(PEERS).get(module.DISTRIBUTION)
    if wanted not in (None, installed):
        return Local(name, Operations({}), missing=f"is installed as {installed}, not {wanted}")
    return Local(name, operations_of(module), installed)


def operations_of(module: Any) -> Operations:
    """The operations that an adapter lists; one that is None is not there (yet)."""
    there = {name: call for name, call in module.OPERATIONS.items() if call is not None}
    return Operations(there, getattr(module, "BLOCKING", False))


def version_of(distribution: str | None) -> str:
    """The installed version of a distribution; empty for what has none."""
    if distribution is None:
        return ""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
