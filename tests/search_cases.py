"""Random trees and queries, and what ``rg --json`` says to them."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORDS = "foo Foo FOO bar baz x äöü Straße 1 42 _a foo_bar naïve 日本 a.b (c) don't -".split()
ATOMS = [
    *(
        "foo",
        "bar",
        "ba[rz]",
        "x",
        "ä",
        "日本",
        r"\d+",
        r"\w+",
        r"\s",
        r"\S+",
        ".",
        r"[^a-z ]",
        r"\bfoo",
    ),
    *(
        "a|b",
        "(foo|bar)+",
        "o{2}",
        "o*",
        "",
        r"\bba\w",
        "FOO",
        "Foo",
        "[[:upper:]]",
        r"\pL+",
        "é?",
        r"\.",
    ),
]
NEW = {"-w", "-x", "-U", "-v", "--crlf", "-m1", "-m2", "-m10"}
ANCHORED = ["^", "$", r"\b", r"\B", "^ *", " *$"]


@dataclass(frozen=True)
class Query:
    """A regular expression, the options for rapfiles, and the flags that say the same to rg."""

    regex: str
    options: dict[str, Any]
    flags: tuple[str, ...]

    @property
    def context(self) -> tuple[int, int]:
        """How many lines before and after are wanted."""
        both = self.options.get("context", 0)
        options = self.options
        return options.get("before_context", both), options.get("after_context", both)


@dataclass(frozen=True)
class Found:
    """What one side has found: matching lines with their spans, and the lines around them."""

    matches: set[tuple[bytes, int, int, bytes, tuple[tuple[int, int], ...]]] = field(
        default_factory=set
    )
    context: set[tuple[bytes, int, bytes]] = field(default_factory=set)


def make_tree(chance: random.Random, root: Path) -> None:
    """Some files of every kind, some of them in directories."""
    for n in range(chance.randint(1, 8)):
        folder = root / "/".join(chance.choices("ab", k=chance.randint(0, 2)))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{n}.{chance.choice(['txt', 'log'])}").write_bytes(contents(chance))


def contents(chance: random.Random) -> bytes:
    """The bytes of a file."""
    end = chance.choices(["\n", "\r\n", "\n\n"], [6, 2, 1])[0]
    lines = [line(chance) for _ in range(chance.choice([0, 1, 2, 5, 20, 60, 400]))]
    text = end.join(lines) + (end if chance.random() < 0.7 else "")
    if chance.random() < 0.03:
        text = text * (140_000 // (len(text) + 1))  # several blocks
    kind = chance.random()
    if kind < 0.08:
        return ("\ufeff" + text).encode(chance.choice(["utf-16-le", "utf-16-be", "utf-8"]))
    data = text.encode()
    if kind < 0.18:
        data = text.encode("latin-1", "replace")
    if kind < 0.28:
        for _ in range(chance.randint(1, 3)):
            # In the first block: what rg does with a later one depends on what it searched before.
            at = chance.randint(0, min(len(data), 60_000))
            data = data[:at] + chance.choice([b"\0", b"\xff", b"\xe4\xb8"]) + data[at:]
    return data


def line(chance: random.Random) -> str:
    if chance.random() < 0.004:
        return " ".join(chance.choices(WORDS, k=14_000))
    return " ".join(chance.choices(WORDS, k=chance.choice([0, 1, 2, 3, 8])))


def make_query(chance: random.Random, *, old: bool = False) -> Query:
    """A regular expression and options, as likely odd as plain.

    ``old``: without what rg does differently from version 14 on. Before, it missed matches behind
    the first one of a line where there is a ``\\b`` in the expression.
    """
    options: dict[str, Any] = {"case_sensitive": True}
    flags: list[str] = []

    def choose(probability: float, flag: str, **given: object) -> bool:
        chosen = chance.random() < probability and not (old and flag in NEW)
        if chosen:
            flags.append(flag)
            options.update(given)
        return chosen

    multiline = choose(0.25, "-U", multiline=True)
    if multiline:
        choose(0.4, "--multiline-dotall", multiline_dotall=True)
    choose(0.15, "-v", invert=True)
    fixed = choose(0.15, "-F", fixed_strings=True)
    choose(0.15, "-w", word=True) or choose(0.1, "-x", line_regexp=True)
    choose(0.15, "-i", case_sensitive=False) or choose(0.2, "-S", case_sensitive=None)
    choose(0.15, "-a", binary="text")
    choose(0.15, "--crlf", crlf=True)
    for name, letter in (("before_context", "B"), ("after_context", "A"), ("context", "C")):
        count = chance.choice([1, 2, 5])
        choose(0.12, f"-{letter}{count}", **{name: count})
    most = chance.choice([1, 2, 10])
    if not (multiline and "-v" in flags):  # rg counts something else there
        choose(0.12, f"-m{most}", max_count=most)
    label = chance.choice(["latin1", "utf-16le", "sjis", "none"])
    choose(0.06, f"-E{label}", encoding=label)
    words = regex(chance, fixed, multiline)
    return Query(re.sub(r"\\[bB]", "", words) if old else words, options, tuple(flags))


def regex(chance: random.Random, fixed: bool, multiline: bool) -> str:
    if fixed:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 2)))
    atoms = [
        *ATOMS,
        *([r"\n", r"(?s:.{1,20})", r"\s+", r"foo\n+bar", r"\r?\n"] if multiline else []),
    ]
    parts = chance.choices([*atoms, *ANCHORED], k=chance.randint(1, 4))
    return "".join(parts) if chance.random() < 0.8 else "|".join(parts)


def ask_rg(rg: str, root: Path, query: Query) -> Found | None:
    """What rg finds; nothing if it refuses the question or fails on it."""
    command = [rg, "--json", "--no-config", "--no-ignore", "--hidden", "--no-mmap", "-j1"]
    command += [*query.flags, "-e", query.regex, str(root)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    if done.returncode not in (0, 1):
        return None
    found = Found()
    most = query.options.get("max_count", sys.maxsize)
    counts: Counter[bytes] = Counter()
    reached: dict[bytes, set[int]] = {}
    for message in map(json.loads, done.stdout.splitlines()):
        data = message["data"]
        if message["type"] not in ("match", "context"):
            continue
        path, number, lines = raw(data["path"]), data["line_number"], raw(data["lines"])
        near = reached.setdefault(path, set())
        if message["type"] == "context" or counts[path] == most:
            found.context.add((path, number, without_end(lines)))
            continue
        counts[path] += 1
        # Lines of an inverted search match nothing; rg finds matches in some of them.
        parts = [] if query.options.get("invert") else data["submatches"]
        spans = tuple((part["start"], part["end"]) for part in parts)
        found.matches.add((path, number, data["absolute_offset"], lines, spans))
        height = max(1, len(lines.splitlines()))
        before, after = query.context
        near.update(range(number - before, number + height + after))
    # rg shows lines around an empty match behind the last line, and not that match.
    found.context.intersection_update({c for c in found.context if c[1] in reached[c[0]]})
    return found


def raw(value: dict[str, str]) -> bytes:
    if "text" in value:
        return value["text"].encode()
    return base64.b64decode(value["bytes"])


def without_end(line: bytes) -> bytes:
    return line[: -2 if line.endswith(b"\r\n") else -1] if line.endswith(b"\n") else line


def taken_apart(results: Iterable[Any]) -> Found:
    """Our results in the same form."""
    found, near = Found(), []
    for result in results:
        path = os.fsencode(result.path)
        spans = tuple((match.byte_start, match.byte_end) for match in result.matches)
        place = (result.line_number, result.byte_offset)
        found.matches.add((path, *place, result.line_bytes, spans))
        near += [(path, line) for line in (*result.before, *result.after)]
    numbers = {(path, number) for path, number, *_ in found.matches}
    for path, line in near:
        if (path, line.line_number) not in numbers:
            text = line.line_text.encode("utf-8", "surrogateescape")
            found.context.add((path, line.line_number, text))
    return found
