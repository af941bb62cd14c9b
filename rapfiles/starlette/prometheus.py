"""`rapfiles.metrics` in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from .._settings import metrics
from ..types import KindMetrics

CONTENT_TYPE = "text/plain; version=0.0.4"


def exposition() -> str:
    """All that is counted. Kinds of operation that were never used are left out."""
    read = metrics()
    used = {name: kind for name, kind in read["kinds"].items() if _is_used(kind)}
    lines = [*_counters(used), *_latencies(used)]
    for name, value, about in (
        ("queued", read["queued"], "Operations with workers or waiting for one."),
        ("threads_limit", read["threads"], "The most workers there may be."),
        ("fd_limit", read["fd_limit"], "The most files that operations may hold open."),
        ("now_enabled", int(read["now"]), "Whether operations are attempted at once."),
    ):
        lines += [*_head(name, "gauge", about), f"rapfiles_{name} {value}"]
    return "\n".join(lines) + "\n"


def _is_used(kind: KindMetrics) -> bool:
    return any((kind["now"], kind["soon"], kind["errors"], kind["cancelled"]))


def _head(name: str, sort: str, about: str) -> Iterator[str]:
    yield f"# HELP rapfiles_{name} {about}"
    yield f"# TYPE rapfiles_{name} {sort}"


def _counters(kinds: dict[str, KindMetrics]) -> Iterator[str]:
    yield from _head("operations_total", "counter", "Operations done: at once, or by a worker.")
    for name, kind in kinds.items():
        yield f'rapfiles_operations_total{{kind="{name}",way="now"}} {kind["now"]}'
        yield f'rapfiles_operations_total{{kind="{name}",way="soon"}} {kind["soon"]}'
    yield from _head("errors_total", "counter", "Operations that ended with an exception.")
    for name, kind in kinds.items():
        yield f'rapfiles_errors_total{{kind="{name}"}} {kind["errors"]}'
    yield from _head("cancelled_total", "counter", "Operations given up by their task.")
    for name, kind in kinds.items():
        yield f'rapfiles_cancelled_total{{kind="{name}"}} {kind["cancelled"]}'
    yield from _head("bytes_total", "counter", "Bytes read or written.")
    for name, kind in kinds.items():
        yield f'rapfiles_bytes_total{{kind="{name}"}} {kind["bytes"]}'


def _latencies(kinds: dict[str, KindMetrics]) -> Iterator[str]:
    name = "worker_seconds"
    yield from _head(name, "histogram", "From the first step to the result, with a worker.")
    for label, kind in kinds.items():
        sums = list(accumulate(kind["latency_buckets"]))
        for exponent, total in enumerate(sums[:-1]):
            limit = f"{2**exponent / 1e6:.6f}"
            yield f'rapfiles_{name}_bucket{{kind="{label}",le="{limit}"}} {total}'
        yield f'rapfiles_{name}_bucket{{kind="{label}",le="+Inf"}} {sums[-1]}'
        yield f'rapfiles_{name}_sum{{kind="{label}"}} {kind["seconds"]:.6f}'
        yield f'rapfiles_{name}_count{{kind="{label}"}} {sums[-1]}'
