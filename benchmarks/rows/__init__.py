"""The rows of the table. Every module here that defines `ROW` is one; none is listed by hand.

A new row is one new file: a workload (an async function that takes a peer's `Operations` and the
`Bench`, runs the work under a clock, and returns a `Sample`), what a right result is, and
the musts and aims it is held to. `read_small.py` is the shortest example.
"""

from importlib import import_module
from pkgutil import iter_modules

from benchmarks.harness.case import Row


def all_rows() -> list[Row]:
    """Every row, in the order of its `place` in the table."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    rows: list[Row] = [module.ROW for module in modules if hasattr(module, "ROW")]
    return sorted(rows, key=lambda row: (row.place, row.name))
