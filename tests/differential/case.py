"""What a sequence is: a file before, how it is opened, and the operations on the handle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Opening:
    """The arguments of one ``open``; ``via`` says in which form the path is given."""

    mode: str
    via: str = "str"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Which of aiofiles' handle types a successful opening gives."""
        if "b" not in self.mode:
            return "text"
        if self.options.get("buffering") == 0:
            return "raw"
        if "+" in self.mode:
            return "random"
        return "reader" if "r" in self.mode else "writer"


@dataclass(frozen=True)
class Op:
    """One operation: a handle's method with its arguments, or one of ``play``'s own (``do``)."""

    do: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Case:
    """One sequence. ``before`` is the file's content, None if there is no file."""

    before: bytes | None
    opening: Opening
    ops: tuple[Op, ...]

    def script(self) -> str:
        """The sequence as a program would write it, for a failure's report."""
        lines = [f"file before: {self.before!r}" if self.before is not None else "no file before"]
        options = "".join(f", {name}={value!r}" for name, value in self.opening.options.items())
        via = "" if self.opening.via == "str" else f"    # path given as {self.opening.via}"
        lines.append(f"f = open(path, {self.opening.mode!r}{options}){via}")
        for index, op in enumerate(self.ops):
            lines.append(f"[{index}] f.{op.do}({', '.join(map(repr, op.args))})")
        return "\n".join(lines)
