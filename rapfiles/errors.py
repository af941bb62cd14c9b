"""Exceptions that are not built in."""

from __future__ import annotations

__all__ = ["PatternError"]


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
