"""Replaces a file again and again, until it is killed: `atomic_writes.py <loop> <path>`."""

import hashlib
import os
import sys

import rapfiles
from faults.tools.child import runner


async def main(path: str) -> None:
    number = 0
    while True:
        number += 1
        body = number.to_bytes(8, "big") + os.urandom(16) + bytes(4 << 20)
        data = hashlib.sha256(body).digest() + body
        await rapfiles.atomic_write_file_bytes(path, data, durability="none")
        print("written", flush=True)


runner(sys.argv[1])(main(sys.argv[2]))
