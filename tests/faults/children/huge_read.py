"""Reads all of a huge file: `huge_read.py <loop> <how> <path>` must end in MemoryError, alive."""

import resource
import sys
from pathlib import Path

import rapfiles
from faults.tools.child import report, runner
from faults.tools.counters import fd_count, memory_kib, settled
from faults.tools.limits import soft_limit


async def read(how: str, path: Path) -> int:
    if how == "whole bytes":
        return len(await rapfiles.read_file_bytes(path))
    if how == "whole text":
        return len(await rapfiles.read_file(path))
    if how == "text":
        async with rapfiles.open(path) as text:
            return len(await text.read())
    async with rapfiles.open(path, "rb", buffering=0 if how == "unbuffered" else -1) as file:
        return len(await file.read())


async def main(how: str, path: Path) -> None:
    plain = path.with_name("plain")
    await rapfiles.write_file_bytes(plain, b"plain")
    before = fd_count()
    refused = False
    with soft_limit(resource.RLIMIT_AS, (memory_kib("VmSize") << 10) + (2 << 30)):
        try:
            await read(how, path)
        except MemoryError:
            refused = True
        assert refused, "3 TB were read?"
        for _ in range(100):
            assert await rapfiles.read_file_bytes(plain) == b"plain"
    assert await settled(fd_count, before) == before
    report(peak_mib=memory_kib("VmHWM") / 1024)


runner(sys.argv[1])(main(sys.argv[2], Path(sys.argv[3])))
