"""pyo3-async-runtimes' `future_into_py` around an empty operation: the other way back."""

from importlib import import_module
from typing import Any

_native: Any = import_module("rapfiles._rapfiles")

DISTRIBUTION = None
OPERATIONS = {"noop": getattr(_native, "_bench_future_into_py", None)}
