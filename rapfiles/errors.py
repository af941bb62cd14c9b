"""Exceptions that are not built in."""

from __future__ import annotations

__all__ = ["DecodeError", "PatternError"]


class DecodeError(ValueError):
    """Data that can't be decompressed.

    ```python
    import rapfiles

    try:
        await rapfiles.pipeline("notes.txt").decompress("gzip").read()
    except rapfiles.DecodeError as error:
        print(error.kind, error.filename)
        #> corrupt notes.txt
    ```
    """

    def __init__(
        self, format: str | None, kind: str, reason: str, filename: str | bytes | None = None
    ) -> None:
        super().__init__(format, kind, reason, filename)
        self.format = format
        """``"bz2"``, ``"gzip"``, ``"xz"``, ``"zstd"``; None if that never became clear."""
        self.kind = kind
        """``"corrupt"``; ``"truncated"``: the data end too early; ``"trailing"``: something else
        follows them; ``"unknown"``: they are of no known format; ``"too_large"``: they become more
        than the limit allows."""
        self.reason = reason
        """The same in a sentence."""
        self.filename = filename
        """The file they come from, if they come straight from one."""

    def __str__(self) -> str:
        return self.reason if self.filename is None else f"{self.reason}: {self.filename!r}"


class PatternError(ValueError):
    """A pattern that is none: a glob or a regular expression.

    ```python
    import rapfiles

    try:
        raise rapfiles.PatternError("a[", 1, "a bracket that is never closed")
    except ValueError as error:
        print(error)
        #> a bracket that is never closed, at character 1 of 'a['
    ```
    """

    def __init__(self, pattern: str | bytes, position: int | None, reason: str) -> None:
        super().__init__(pattern, position, reason)
        self.pattern = pattern
        """The pattern, as it was given."""
        self.position = position
        """Which of its characters is wrong, counted from 0, if that can be said."""
        self.reason = reason
        """What is wrong with it."""

    def __str__(self) -> str:
        shown = self.pattern if len(self.pattern) <= 100 else self.pattern[:100]
        dots = "" if shown is self.pattern else "…"
        where = "in" if self.position is None else f"at character {self.position} of"
        return f"{self.reason}, {where} {shown!r}{dots}"
