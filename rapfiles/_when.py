"""Moments as people say them: numbers, datetimes, ISO texts, ``-1d``, ``yesterday``."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, time, timedelta, timezone

BILLION = 10**9
LARGEST = 2**100
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
RELATIVE = re.compile(r"([+-])((?:\d+(?:mo|[smhdwy]))+)", re.ASCII)
PART = re.compile(r"(\d+)(mo|[smhdwy])", re.ASCII)
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
MONTHS = {"mo": 1, "y": 12}


def nanoseconds(name: str, when: object) -> int | None:
    """Nanoseconds since 1970 of a moment; ``name`` is the argument's, for the errors."""
    if when is None:
        return None
    try:
        if abs(found := moment(name, when)) < LARGEST:
            return found
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{name} is not a time: {when!r}")


def moment(name: str, when: object) -> int:
    """The same, with whatever error Python has for what is no time."""
    if isinstance(when, bool) or not isinstance(when, (int, float, date, str)):
        raise TypeError(f"{name} must be a number, datetime or str, not {type(when).__name__}")
    if isinstance(when, str):
        return of_text(when.strip(), datetime.now())
    if isinstance(when, date):
        return of_date(when)
    whole = int(when // 1)
    return whole * BILLION + round((when - whole) * BILLION)


def of_date(when: date) -> int:
    """Of a datetime, where it has no zone a local one; of a day, its first moment."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    if when.tzinfo is None:
        when = when.astimezone()
    since = when - EPOCH
    return (since.days * 86_400 + since.seconds) * BILLION + since.microseconds * 1_000


def of_text(text: str, now: datetime) -> int:
    """Of a text; ``now`` is the local time that relative ones are relative to."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    if text.lower() in named:
        return of_date(named[text.lower()])
    if relative := RELATIVE.fullmatch(text.lower()):
        return of_relative(relative, now)
    if sys.version_info < (3, 11) and text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    return of_date(datetime.fromisoformat(text))


def of_relative(relative: re.Match[str], now: datetime) -> int:
    """Of a text like ``-1d12h``: first the months, by the calendar, then exact seconds."""
    sign = 1 if relative[1] == "+" else -1
    months = seconds = 0
    for count, unit in PART.findall(relative[2]):
        months += int(count) * MONTHS.get(unit, 0)
        seconds += int(count) * SECONDS.get(unit, 0)
    return of_date(shifted(now, sign * months)) + sign * seconds * BILLION


def shifted(when: datetime, months: int) -> datetime:
    """The same day some months later or earlier; the month's last if it has no such day."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    for day in range(when.day, when.day - 4, -1):
        try:
            return when.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise OverflowError
