"""Where there is no descriptor left, what needs one waits, and in the end says so."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

SCRIPT = """
import asyncio, errno, os, resource
import rapfiles

async def main():
    await asyncio.gather(*[rapfiles.atomic_write_file(f"warm-{n}", "") for n in range(8)])
    limit = len(os.listdir("/proc/self/fd")) + 40
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    held = []
    try:
        while True:
            held.append(os.open(".", os.O_RDONLY))
    except OSError:
        os.close(held.pop())
    # There is one: enough for the directory that each of them opens, not for the file in it.
    writes = [rapfiles.atomic_write_file(f"new-{n}", "text") for n in range(8)]
    ends = await asyncio.wait_for(asyncio.gather(*writes, return_exceptions=True), 30)
    print(sorted({getattr(end, "errno", end) for end in ends}) == [errno.EMFILE])
    for fd in held:
        os.close(fd)
    await rapfiles.atomic_write_file("after", "text")
    print(sorted(name for name in os.listdir(".") if not name.startswith("warm-")))

asyncio.run(main())
"""


def test_two_that_lack_a_second_one_do_not_wake_each_other_for_ever(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    end = python(SCRIPT)
    assert end.stderr == ""
    assert end.stdout.split("\n")[:2] == ["True", "['after']"]
