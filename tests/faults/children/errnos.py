"""Runs every operation while its system calls fail: `errnos.py <root> <rounds>`.

The last line of output says of each run what was raised or returned (whether that is right is for
others to see: looking would be calls that fail, too), and which files below the root are left open.
"""

import asyncio
import base64
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import rapfiles.os
from faults.tools.errnos import CASES, directories

LONGEST_S = 30


def left_open(root: Path) -> list[str]:
    """What is open below the root."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:  # the listing's own
            continue
    return [path for path in found if path.startswith(str(root))]


async def give_back(root: Path) -> None:
    """Opens and closes: an operation that lacks a descriptor waits until somebody does."""
    while True:
        await rapfiles.os.listdir(root.parent)
        await asyncio.sleep(0.002)


async def outcome(name: str, here: Path) -> Any:
    """What a caller sees."""
    operation, _ = CASES[name]
    try:
        value = await asyncio.wait_for(operation(here), LONGEST_S)
    except OSError as error:
        return [error.errno, str(error.filename), str(error.filename2)]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return {"value": base64.b64encode(pickle.dumps(value)).decode()}


async def main(root: Path, rounds: int) -> None:
    """One after the other, so that each call of the log belongs to one of them."""
    giver = asyncio.ensure_future(give_back(root))
    told = {here.name: await outcome(name, here) for name, here in directories(root, rounds)}
    giver.cancel()
    for _ in range(500):
        if not left_open(root):
            break
        await asyncio.sleep(0.01)
    print(json.dumps({"told": told, "left": left_open(root), "loop": os.getpid()}))


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
