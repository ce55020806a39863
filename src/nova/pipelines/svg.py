"""A plan as a picture in SVG that needs nothing else: no script, no font, no file. Light or dark, as its reader has it.

Knows shapes and how text is escaped; refuses to know where the picture is shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from nova.core.plans import Node, NodeKind, Plan
from nova.core.steps import Step, StepState
from nova.core.text import printable, shorten
from nova.pipelines.captions import Caption, caption
from nova.pipelines.graph import in_order
from nova.pipelines.layout import Spot, arrange, edges_of, levels

_WIDTH, _MARGIN, _GAP, _LAYER_GAP = 960, 36, 28, 54
_BOX_MIN, _BOX_MAX, _PAD = 132, 300, 16
_LINE, _TOP, _BOTTOM = 19, 13, 11
_BODY_WIDTH, _TITLE_WIDTH = 6.5, 7.9  # of a character of 12 and 14 pixels, on the wide side
_STYLE = """
.paper{fill:#faf9f6}.card{fill:#fff;stroke:#d9d5cc}.head{fill:#1f2328;font-weight:650}.name{fill:#1f2328;font-weight:600}
.body{fill:#5b6068}.when{fill:#8a5a00;font-style:italic}.line{fill:none;stroke:#a9a59b;stroke-width:1.5}
.tip{fill:#a9a59b}.agent{fill:#5b5bd6}.tool{fill:#0f8f82}.pipeline{fill:#8745b5}.review{fill:#d6336c}.map{fill:#2a78c4}
.choose{fill:#c27803}.wait{fill:#7a7f87}.done{fill:#1a7f37}.running{fill:#2a78c4}.degraded{fill:#9a6700}
.skipped{fill:#6e7781}.waiting{fill:#8250df}.failed{fill:#cf222e}.went{font-weight:600}.faded{opacity:.55}
.is-failed .card{stroke:#cf222e;stroke-width:1.6}.is-waiting .card{stroke:#8250df;stroke-width:1.6}
.is-running .card{stroke:#2a78c4;stroke-width:1.6;stroke-dasharray:5 4}
.is-degraded .card{stroke:#bf8700;stroke-width:1.6}
@media (prefers-color-scheme:dark){
.paper{fill:#15171b}.card{fill:#1f2329;stroke:#3a4049}.head,.name{fill:#eceff3}.body{fill:#a3abb6}.when{fill:#e3b341}
.line{stroke:#5d646e}.tip{fill:#5d646e}.agent{fill:#9a9af5}.tool{fill:#3fc1b0}.pipeline{fill:#c08be8}.review{fill:#f27aa3}
.map{fill:#6cb0f0}.choose{fill:#e3b341}.wait{fill:#9aa1ab}.done{fill:#4ac26b}.running{fill:#6cb0f0}.degraded{fill:#e3b341}
.skipped{fill:#9aa1ab}.waiting{fill:#b692f6}.failed{fill:#ff7b72}
.is-failed .card{stroke:#ff7b72}.is-waiting .card{stroke:#b692f6}.is-running .card{stroke:#6cb0f0}
.is-degraded .card{stroke:#d29922}
}""".strip()
_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"


def svg(plan: Plan, steps: Mapping[str, Step] | None = None) -> str:
    """The picture as the text of an SVG file. steps: path -> step of a run, whose state, time and cost are shown."""
    captions = {name: caption(node, plan, steps or {}) for name, node in plan.nodes.items()}
    widths = {name: _width(one) for name, one in captions.items()}
    edges, inner = edges_of(plan), _WIDTH - 2 * _MARGIN
    layer_of = levels(in_order(plan), edges, widths, width=inner, gap=_GAP)
    layers = arrange(layer_of, edges, widths, width=inner, gap=_GAP)
    right = max((one.x + one.width for layer in layers for one in layer), default=0)
    width = max(right, 420) + 2 * _MARGIN
    head, top = _head(plan, width)
    left = (width - right) // 2
    tops = _tops(layers, captions, top)
    shapes = [*_lines(layers, captions, tops, left), *_boxes(layers, captions, tops, left, plan)]
    return "\n".join([*_opening(plan, captions, width, tops[-1] - _LAYER_GAP + _MARGIN), *head, *shapes, "</svg>", ""])


def _opening(plan: Plan, captions: Mapping[str, Caption], width: int, height: int) -> Iterator[str]:
    name = f"{plan.id}-{plan.revision or plan.version}"
    said = " ".join(f"{_sentence(captions[one])}" for one in in_order(plan))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby={quoteattr(f"title-{name} desc-{name}")} font-family="{_FONT}" font-size="12">'
    )
    yield f"<title id={quoteattr(f'title-{name}')}>{_safe(plan.name)}</title>"
    yield f"<desc id={quoteattr(f'desc-{name}')}>{_safe(f'{plan.description} {said}')}</desc>"
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="paper" width="{width}" height="{height}" rx="14"/>'


def _sentence(one: Caption) -> str:
    rest = ", ".join(part for part in (one.does, one.when, one.went) if part)
    return f"{one.title}: {rest}."


def _head(plan: Plan, width: int) -> tuple[list[str], int]:
    """The name and what the plan does, and where the picture begins below."""
    said, columns = " ".join(printable(plan.description).split()), int((width - 2 * _MARGIN) / _BODY_WIDTH)
    lines = textwrap.wrap(said, columns, max_lines=6, placeholder=" …")
    found = [_text(_MARGIN, _MARGIN + 12, plan.name, "head", 17)]
    found += [_text(_MARGIN, _MARGIN + 34 + 18 * number, line, "body", 12) for number, line in enumerate(lines)]
    return found, _MARGIN + 34 + 18 * len(lines) + 18


def _width(one: Caption) -> int:
    longest = max(len(one.title) * _TITLE_WIDTH, *(len(line) * _BODY_WIDTH for _, line in one.lines()[1:]), 0)
    return min(max(round(longest) + 2 * _PAD + 6, _BOX_MIN), _BOX_MAX)


def _lines_of(one: Caption) -> list[tuple[str, str]]:
    return one.lines(int((_width(one) - 2 * _PAD - 4) / _BODY_WIDTH))


def _height(one: Caption) -> int:
    return _TOP + _LINE * len(_lines_of(one)) + _BOTTOM


def _tops(layers: Sequence[Sequence[Spot]], captions: Mapping[str, Caption], top: int) -> list[int]:
    """Where each layer begins; last, where one more would."""
    tops = [top]
    for layer in layers:
        height = max((_height(captions[one.name]) for one in layer if not one.lane), default=_LINE)
        tops.append(tops[-1] + height + _LAYER_GAP)
    return tops


def _lines(
    layers: Sequence[Sequence[Spot]], captions: Mapping[str, Caption], tops: Sequence[int], left: int
) -> Iterator[str]:
    for layer in layers:
        for one in layer:
            start = tops[one.layer] + (0 if one.lane else _height(captions[one.name]))
            bottom = tops[one.layer + 1] - _LAYER_GAP
            for to in one.below:
                end = tops[to.layer] - (0 if to.lane else 7)
                yield _curve(one.centre + left, start, bottom, to.centre + left, end)
                if not to.lane:
                    x = to.centre + left
                    yield f'<path class="tip" d="M{x - 4.5} {end - 1}h9l-4.5 7z"/>'


def _curve(x: int, start: int, bottom: int, to_x: int, end: int) -> str:
    """Straight down to the end of its layer, then over to where it arrives."""
    bend = (end - bottom) * 0.55
    return f'<path class="line" d="M{x} {start}V{bottom}C{x} {bottom + bend:g} {to_x} {end - bend:g} {to_x} {end}"/>'


def _boxes(
    layers: Sequence[Sequence[Spot]], captions: Mapping[str, Caption], tops: Sequence[int], left: int, plan: Plan
) -> Iterator[str]:
    for layer in layers:
        for one in layer:
            if not one.lane:
                yield from _box(one, captions[one.name], plan.nodes[one.name], one.x + left, tops[one.layer])


def _box(spot: Spot, one: Caption, node: Node, x: int, y: int) -> Iterator[str]:
    height, state = _height(one), one.state.value if one.state is not None else ""
    fade = " faded" if one.state is StepState.SKIPPED else ""
    yield f'<g class="is-{state or "planned"}{fade}">'
    yield f"<title>{_safe(_sentence(one))}</title>"
    radius = height // 2 if node.kind is NodeKind.CHOOSE else 9
    yield f'<rect class="card" x="{x}" y="{y}" width="{spot.width}" height="{height}" rx="{min(radius, 22)}"/>'
    yield f'<rect class="{node.kind}" x="{x + 8}" y="{y + 12}" width="3" height="{height - 24}" rx="1.5"/>'
    styles = {"title": "name", "does": "body", "when": "when", "went": f"went {state}"}
    for number, (part, line) in enumerate(_lines_of(one)):
        if part == "title":
            line = shorten(line, int((spot.width - 2 * _PAD - 4) / _TITLE_WIDTH))
        size = 14 if part == "title" else 12
        yield _text(x + _PAD + 4, y + _TOP + 12 + _LINE * number, line, styles[part], size)
    yield "</g>"


def _text(x: int, y: int, text: str, style: str, size: int) -> str:
    return f'<text class="{style}" x="{x}" y="{y}" font-size="{size}">{_safe(text)}</text>'


def _safe(text: str) -> str:
    """The text as XML may hold it."""
    return escape(printable(text).replace("\ufffe", "").replace("\uffff", ""))
