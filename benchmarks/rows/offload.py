"""What a file costs that the kernel can't answer at once: the same reads with *now* off."""

from dataclasses import replace

from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import at_most
from benchmarks.harness.case import Case, Row, Sample, Workload
from benchmarks.harness.peers import Operations
from benchmarks.peers import NOW_OFF
from benchmarks.rows import read_conc, read_small


def none_now(run: Workload) -> Workload:
    """The same work, of which nothing counts that was answered *now* although that is off."""

    async def read(ops: Operations, bench: Bench) -> Sample:
        answered_now = ops.table.get("answered_now", lambda: 0)
        before = answered_now()
        sample = await run(ops, bench)
        return replace(sample, evidence=int(sample.evidence) - (answered_now() - before))

    return read


ROW = Row(
    name="offload",
    place=50,
    work="read_small and read_conc with *now* switched off: what a cold or unsupported file costs",
    cases=(
        Case(
            "sequential",
            none_now(read_small.read),
            read_small.all_right,
            needs=("read_file",),
            ours=NOW_OFF,
            musts=(at_most(0.75, "to_thread"),),
            aims=(at_most(0.375, "to_thread"),),
        ),
        Case(
            "100 tasks",
            none_now(read_conc.read),
            read_small.all_right,
            needs=("read_file",),
            ours=NOW_OFF,
            musts=(at_most(0.4, "to_thread"),),
            aims=(at_most(0.2, "to_thread"),),
        ),
    ),
)
