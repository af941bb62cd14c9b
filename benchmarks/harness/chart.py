"""The picture: one panel per titled case, one bar per peer, drawn as SVG without help."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.harness.case import OURS, SYNC
from benchmarks.harness.measure import CaseResult
from benchmarks.harness.table import figure, times

COLUMNS, MARGIN, GUTTER = 3, 28, 20
PANEL, PADDING, LABELS, VALUES = 316, 16, 92, 88
HEAD, TITLE, STEP, BAR, FOOT = 84, 46, 19, 11, 34
HEADLINE = "What one operation takes"
SUBTITLE = (
    "Median of interleaved rounds, warm page cache. Shorter is better; in grey, times rapfiles."
)
NAMES = {SYNC: "blocking code", "to_thread": "to_thread", OURS: "rapfiles"}

STYLE = """
text { font: 11px -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif }
text { fill: #4b5563 } .sheet { fill: #ffffff; stroke: #e5e7eb } .panel { fill: #f8fafc }
.head { font-size: 20px; font-weight: 600; fill: #111827 }
.sub { font-size: 12.5px; fill: #6b7280 }
.title { font-size: 13px; font-weight: 600; fill: #111827 } .unit, .foot { fill: #6b7280 }
.bar { fill: #cbd5e1 } .sync { fill: #64748b } .ours { fill: #e2571c }
.more { fill: #9ca3af }
.name, .unit { text-anchor: end } .our { font-weight: 700; fill: #b8400e }
@media (prefers-color-scheme: dark) {
text { fill: #aab4c2 } .sheet { fill: #0d1117; stroke: #30363d } .panel { fill: #161b22 }
.head, .title { fill: #f0f6fc } .sub, .unit, .foot { fill: #8b949e }
.more { fill: #6e7681 } .bar { fill: #3d4754 } .sync { fill: #8493a8 }
.ours { fill: #ff7b42 } .our { fill: #ff9a6c }
}
"""


@dataclass(frozen=True)
class Bar:
    """One peer's bar: what is written beside it, and how long it is."""

    name: str
    seconds: float
    kind: str


def bars_of(result: CaseResult) -> list[Bar]:
    """The peers that have a figure, the quickest first."""
    metric, ours = result.case.metrics[0], result.case.ours
    bars = [
        Bar(NAMES.get(name, name), medians[metric], _kind(name, ours))
        for name, medians in result.medians.items()
        if metric in medians
    ]
    return sorted(bars, key=lambda bar: bar.seconds)


def _kind(name: str, ours: str) -> str:
    return "ours" if name == ours else "sync" if name == SYNC else "bar"


def draw(results: list[CaseResult], about: str) -> str:
    """The whole picture, for the cases that have a title."""
    panels = [result for result in results if result.case.title and bars_of(result)]
    rows = -(-len(panels) // COLUMNS)
    most = max((len(bars_of(result)) for result in panels), default=0)
    height = TITLE + most * STEP + PADDING // 2
    width = 2 * MARGIN + COLUMNS * PANEL + (COLUMNS - 1) * GUTTER
    total = HEAD + rows * (height + GUTTER) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" '
        f'width="{width}" height="{total}" role="img" aria-label="{HEADLINE}">',
        f"<style>{STYLE}</style>",
        _rect("sheet", 0.5, 0.5, width - 1, total - 1, 10),
        _text(MARGIN, 38, HEADLINE, "head"),
        _text(MARGIN, 60, SUBTITLE, "sub"),
    ]
    for number, result in enumerate(panels):
        x = MARGIN + number % COLUMNS * (PANEL + GUTTER)
        y = HEAD + number // COLUMNS * (height + GUTTER)
        parts += _panel(result, x, y, height)
    parts += [_text(MARGIN, total - FOOT // 2 + 2, about, "foot"), "</svg>"]
    return "\n".join(parts) + "\n"


def _panel(result: CaseResult, x: int, y: int, height: int) -> list[str]:
    bars, unit = bars_of(result), result.case.unit
    room = PANEL - LABELS - VALUES - 2 * PADDING
    longest = max(bar.seconds for bar in bars)
    ours = next((bar.seconds for bar in bars if bar.kind == "ours"), None)
    parts = [
        _rect("panel", x, y, PANEL, height, 8),
        _text(x + PADDING, y + 26, result.case.title, "title"),
        _text(x + PANEL - PADDING, y + 26, unit, "unit"),
    ]
    for number, bar in enumerate(bars):
        top, start = y + TITLE + number * STEP, x + PADDING + LABELS
        long, our = max(1.5, bar.seconds / longest * room), " our" * (bar.kind == "ours")
        parts += [
            _text(start - 8, top + BAR - 1, bar.name, f"name{our}"),
            _rect(bar.kind, start, top, long, BAR, 2),
            _value(start + long + 6, top + BAR - 1, bar, unit, ours),
        ]
    return parts


def _value(x: float, y: float, bar: Bar, unit: str, ours: float | None) -> str:
    """The figure at the end of a bar and, fainter, how many times ours it is."""
    shown = figure(bar.seconds, unit)
    if bar.kind == "ours":
        return _text(x, y, shown, "our")
    more = "" if ours is None else f'<tspan class="more" dx="5">{times(bar.seconds / ours)}</tspan>'
    return f'<text x="{x:g}" y="{y:g}">{shown}{more}</text>'


def _rect(kind: str, x: float, y: float, width: float, height: float, radius: int) -> str:
    size = f'width="{width:.4g}" height="{height:.4g}"'
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" {size} rx="{radius}"/>'


def _text(x: float, y: float, words: str, kind: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:g}" y="{y:g}">{escape(words)}</text>'
