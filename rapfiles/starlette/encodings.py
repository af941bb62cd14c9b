"""Which encodings a client accepts."""

from __future__ import annotations

from starlette.types import Scope

_SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}


def accepted(scope: Scope) -> list[tuple[str, str]]:
    """Encodings, each with the suffix of files that are in it: the best liked first."""
    listed = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    liked = _weights(b",".join(listed).decode("latin-1"))
    anything = liked.get("*", 0.0)
    weights = {coding: liked.get(coding, anything) for coding in _SUFFIXES}
    # Equally liked, the denser comes first: it stands first above.
    ordered = sorted(weights, key=lambda coding: -weights[coding])
    return [(coding, _SUFFIXES[coding]) for coding in ordered if weights[coding] > 0]


def _weights(header: str) -> dict[str, float]:
    weights = {}
    for item in header.split(","):
        coding, *parameters = (word.strip().lower() for word in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _number(value)
        weights[coding] = weight
    return weights


def _number(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
