"""rapfiles with *now* switched off; loaded only in a process that was started that way."""

import os
from importlib import import_module
from typing import Any

if os.environ.get("RAPFILES_NOW") != "0":
    raise ImportError("RAPFILES_NOW=0 must be set before rapfiles is imported")

rapfiles: Any = import_module("benchmarks.peers.rapfiles")

DISTRIBUTION = rapfiles.DISTRIBUTION


def answered_now() -> int:
    """How many operations were answered at once after all: none, if the switch works."""
    kinds = rapfiles.rapfiles.metrics()["kinds"].values()
    return sum(kind["now"] for kind in kinds)


OPERATIONS = {**rapfiles.OPERATIONS, "answered_now": answered_now}
