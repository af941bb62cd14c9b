"""Starlette's FileResponse."""

from functools import partial

from benchmarks.harness.serving import missing, under_load

DISTRIBUTION = "starlette"

if why := missing():
    raise ImportError(why)

OPERATIONS = {"respond": partial(under_load, "starlette")}
