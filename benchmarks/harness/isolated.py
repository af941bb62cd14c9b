"""A peer in a process of its own, driven line by line over a pipe, so that it interleaves too."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.harness.bench import Bench
from benchmarks.harness.case import Case, Row, Sample

WORKER = Path(__file__).with_name("worker.py")
PATIENCE = 600.0


class Isolated:
    """The parent's end. It blocks while the worker works: nothing else is to run meanwhile."""

    def __init__(
        self,
        name: str,
        adapter: str,
        python: str,
        bench: Bench,
        loop: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._answers = b""
        self._process = subprocess.Popen(
            [python, "-I", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        hello = self._ask(
            name=name,
            adapter=adapter,
            directory=str(bench.directory),
            scale=asdict(bench.scale),
            loop=loop,
        )
        self.version: str = hello["version"]
        self.missing: str | None = hello["missing"]
        self._operations: set[str] = set(hello["operations"])

    def lacks(self, case: Case) -> str | None:
        """Why the case can't be measured there, or None if it can."""
        if self.missing:
            return self.missing
        absent = [need for need in case.needs if need not in self._operations]
        return f"has no {', '.join(absent)}" if absent else None

    async def sample(self, row: Row, case: Case, bench: Bench) -> Sample:
        """Have the case's workload run once over there."""
        answer = self._ask(do="sample", row=row.name, case=case.name)
        return Sample(answer["values"], answer["evidence"])

    async def check(self, row: Row, case: Case, bench: Bench) -> bool:
        """Have the contents compared once over there."""
        return bool(self._ask(do="check", row=row.name, case=case.name)["right"])

    def close(self) -> None:
        """End the worker: kindly, then not."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f"the process of {self.name} has ended") from None
        answer: dict[str, Any] = json.loads(self._line())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._answers:
            ready, _, _ = select.select([self._process.stdout], [], [], end - time.monotonic())
            data = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            if not data:
                why = "has ended" if ready else f"gave no answer in {PATIENCE:g} s"
                raise RuntimeError(f"the process of {self.name} {why}")
            self._answers += data
        line, _, self._answers = self._answers.partition(b"\n")
        return line
