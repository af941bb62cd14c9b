"""What the import costs, in fresh interpreters."""

import asyncio
import statistics
import subprocess
import sys
import tempfile

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.peers import Operations

PROGRAM = """
import sys, time
fresh = "asyncio" not in sys.modules and {module!r} not in sys.modules
start = time.perf_counter()
import {module}
print(time.perf_counter() - start, fresh)
"""


def once(module: str) -> tuple[float, bool]:
    """Seconds of that import in a new interpreter, and whether nothing had imported it before.

    It runs in an empty directory, so that what is installed is imported, not what lies around.
    """
    with tempfile.TemporaryDirectory() as nowhere:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(module=module)],
            cwd=nowhere,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    if done.returncode:
        raise RuntimeError(" ".join(done.stderr.strip().splitlines()[-1:]))
    seconds, fresh = done.stdout.split()
    return float(seconds), fresh == "True"


async def imported(ops: Operations, bench: Bench) -> Sample:
    """The median of some fresh interpreters."""
    module = ops.get("imports")()
    await asyncio.to_thread(once, module)  # byte code written, files cached
    runs = [await asyncio.to_thread(once, module) for _ in range(bench.scale.imports)]
    evidence = "imported afresh" if all(fresh for _, fresh in runs) else "was imported already"
    return Sample({"time": statistics.median(seconds for seconds, _ in runs)}, evidence)


ROW = Row(
    name="import_time",
    place=230,
    work="`import rapfiles` in a fresh interpreter; *sync* is `import asyncio`",
    cases=(
        Case(
            "import",
            imported,
            lambda bench: "imported afresh",
            needs=("imports",),
            unit="ms",
            musts=(at_most(1.3, "sync"),),
        ),
    ),
)
