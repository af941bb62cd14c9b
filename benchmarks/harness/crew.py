"""Everyone a run needs, made once: the local peers, and those in processes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.harness.bench import Bench
from benchmarks.harness.case import OURS, Case, Row
from benchmarks.harness.environment import existing_python
from benchmarks.harness.isolated import Isolated
from benchmarks.harness.peers import Local, Operations, Peer, load
from benchmarks.peers import EXISTING, NOW_OFF, STANDARD


def names_of(case: Case) -> list[str]:
    """Who is measured in a case: ours first, then the peers in the order of the columns."""
    return [case.ours, *(STANDARD if case.peers is None else case.peers)]


def _make(name: str, bench: Bench, loop: str) -> Peer:
    apart: dict[str, Callable[[], Peer]] = {
        EXISTING: lambda: Isolated(name, "existing", existing_python(), bench, loop),
        NOW_OFF: lambda: Isolated(
            name, "rapfiles_now_off", sys.executable, bench, loop, {"RAPFILES_NOW": "0"}
        ),
    }
    try:
        return apart[name]() if name in apart else load(name)
    except Exception as error:  # shown in the table: a run goes on without one of its peers
        return Local(name, Operations({}), missing=f"not available: {error}")


@contextmanager
def gathered(
    rows: list[Row], bench: Bench, loop: str, only: list[str] | None = None
) -> Iterator[dict[str, Peer]]:
    """The peers those rows need (or of them only the named, and always ours), closed at the end."""
    cases = [case for row in rows for case in row.cases]
    wanted = dict.fromkeys(name for case in cases for name in names_of(case))
    ours = {OURS, *(case.ours for case in cases)}
    chosen = [name for name in wanted if not only or name in only or name in ours]
    peers = {name: _make(name, bench, loop) for name in chosen}
    try:
        yield peers
    finally:
        for peer in peers.values():
            peer.close()
