"""The other end of `isolated`: reads questions line by line, runs samples, answers in JSON.

It is started as a script with `-I`, so that `rapfiles` is what its own interpreter has installed.
The project's root comes last on the path: it is needed for `benchmarks`, not for `rapfiles`.
"""

import json
import os
import sys
from pathlib import Path
from typing import IO, Any

sys.path.append(str(Path(__file__).resolve().parents[2]))

from benchmarks.harness.bench import Bench, Scale
from benchmarks.harness.loops import run
from benchmarks.harness.peers import Local, load
from benchmarks.rows import all_rows


async def answer(question: dict[str, Any], peer: Local, bench: Bench) -> dict[str, Any]:
    """Do what one line asks for; whatever goes wrong is an answer, too."""
    try:
        row = next(row for row in all_rows() if row.name == question["row"])
        case = row.case(question["case"])
        if question["do"] == "check":
            return {"right": await peer.check(row, case, bench)}
        sample = await peer.sample(row, case, bench)
        return {"values": sample.values, "evidence": sample.evidence}
    except Exception as error:
        return {"error": repr(error)}


async def serve(questions: IO[str], answers: IO[str], setting: dict[str, Any]) -> None:
    """Say what is here, then answer until the pipe closes."""
    peer = load(setting["name"], setting["adapter"])
    bench = Bench(Path(setting["directory"]), Scale(**setting["scale"]))
    hello: dict[str, Any] = {"version": peer.version, "missing": peer.missing}
    reply: dict[str, Any] = {**hello, "operations": list(peer.operations.table)}
    while True:
        print(json.dumps(reply), file=answers, flush=True)
        # Blocking on purpose: between two samples nothing may run here.
        if not (line := questions.readline()):
            return
        reply = await answer(json.loads(line), peer, bench)


def main() -> None:
    """Keep the pipe for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    setting = json.loads(sys.stdin.readline())
    run(serve(sys.stdin, answers, setting), setting["loop"])
    # A library that can't end cleanly is not what is measured here.
    os._exit(0)


if __name__ == "__main__":
    main()
