"""A plan as a picture of characters: boxes from top to bottom with lines between, in a given number of columns.

Knows layers and characters; refuses to know colours and terminals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nova.core.plans import NodeKind, Plan
from nova.core.steps import Step
from nova.pipelines.captions import Caption, caption
from nova.pipelines.graph import in_order
from nova.pipelines.layout import Spot, arrange, edges_of, lanes, levels

WIDTH = 80
_BOX_MIN, _GAP, _PORTS = 12, 2, 3
_UNTANGLED_MAX = 12
_BOX_MAX = range(44, 21, -1)
_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LINES = {
    0: " ", _UP: "╵", _DOWN: "╷", _LEFT: "╴", _RIGHT: "╶", _UP | _DOWN: "│", _LEFT | _RIGHT: "─",
    _UP | _LEFT: "╯", _UP | _RIGHT: "╰", _DOWN | _LEFT: "╮", _DOWN | _RIGHT: "╭",
    _UP | _DOWN | _LEFT: "┤", _UP | _DOWN | _RIGHT: "├", _UP | _LEFT | _RIGHT: "┴", _DOWN | _LEFT | _RIGHT: "┬",
    _UP | _DOWN | _LEFT | _RIGHT: "┼",
}  # fmt: skip
_PLAIN = str.maketrans(
    "╵╷╴╶│─╯╰╮╭┤├┴┬┼┌┐└┘═║╔╗╚╝╤▼▶✓≈–…✗·→", "||--|-+++++++++++++=|++++=v>*~-.x,>"
)  # each sign by one that every terminal has


@dataclass(frozen=True, slots=True)
class _Frame:
    """The signs of a box: its corners from the top left clockwise, its sides, and where a line leaves below."""

    corners: str
    across: str
    side: str
    leaves: str


_FRAME = _Frame("┌┐┘└", "─", "│", "┬")
_FRAMES = {NodeKind.REVIEW: _Frame("╔╗╝╚", "═", "║", "╤"), NodeKind.CHOOSE: _Frame("╭╮╯╰", "─", "│", "┬")}


@dataclass(slots=True)
class _Paper:
    """Characters by row and column."""

    rows: list[dict[int, str]] = field(default_factory=list[dict[int, str]])

    def put(self, row: int, column: int, text: str) -> None:
        """Writes the text from this place on."""
        while len(self.rows) <= row:
            self.rows.append({})
        self.rows[row].update({column + number: sign for number, sign in enumerate(text)})

    def text(self) -> str:
        """All of it, lines without trailing blanks."""
        lines = ("".join(row.get(column, " ") for column in range(max(row, default=-1) + 1)) for row in self.rows)
        return "\n".join(line.rstrip() for line in lines)


def draw(plan: Plan, steps: Mapping[str, Step] | None = None, *, width: int = WIDTH, ascii_only: bool = False) -> str:
    """The picture, lines separated by line feeds. steps: path -> step of a run, whose state, time and cost are shown.

    width: columns to keep to, at least 40. A review has double lines, a choose round corners.
    """
    width = max(width, 40)
    captions = {name: caption(node, plan, steps or {}) for name, node in plan.nodes.items()}
    edges = edges_of(plan)
    narrow = {name: min(_width(one), _BOX_MAX[-1]) for name, one in captions.items()}
    layer_of = levels(in_order(plan), edges, narrow, width=width, gap=_GAP)
    widths = _widths(layer_of, edges, captions, width)
    layers = arrange(layer_of, edges, widths, width=width, gap=_GAP)
    paper, row = _Paper(), 0
    for number, layer in enumerate(layers):
        row = _draw_layer(paper, row, layer, captions, plan)
        if number + 1 < len(layers):
            row = _draw_lines(paper, row, layer)
    text = paper.text()
    return text.translate(_PLAIN) if ascii_only else text


def _width(one: Caption) -> int:
    return max(_BOX_MIN, max(len(line) for _, line in one.lines()) + 4)


def _widths(
    depth: Mapping[str, int], edges: Sequence[tuple[str, str]], captions: Mapping[str, Caption], width: int
) -> dict[str, int]:
    """How wide each box is: as its text asks, but narrower where many nodes stand side by side."""
    found: dict[str, int] = {}
    for level in set(depth.values()):
        members = [name for name in depth if depth[name] == level]
        room = width - (_GAP + 1) * lanes(depth, edges, level)  # for lines that pass
        widths: dict[str, int] = {}
        for box_max in _BOX_MAX:
            widths = {name: min(_width(captions[name]), box_max) for name in members}
            if sum(widths.values()) + _GAP * (len(members) - 1) <= room:
                break
        found |= widths
    return found


def _draw_layer(paper: _Paper, row: int, layer: Sequence[Spot], captions: Mapping[str, Caption], plan: Plan) -> int:
    """Draws the boxes of a layer from this row on; gives the first row below all of them."""
    height = max((len(captions[one.name].lines(one.width - 4)) for one in layer if not one.lane), default=0) + 2
    for one in layer:
        below = row
        if not one.lane:
            below = _draw_box(paper, row, one, captions[one.name], _FRAMES.get(plan.nodes[one.name].kind, _FRAME))
        for line in range(below, row + height) if one.below else ():
            paper.put(line, one.centre, "│")
    return row + height


def _draw_box(paper: _Paper, row: int, spot: Spot, one: Caption, frame: _Frame) -> int:
    inner = spot.width - 2
    corners, lines = frame.corners, one.lines(inner - 2)
    paper.put(row, spot.x, corners[0] + frame.across * inner + corners[1])
    for number, (_, line) in enumerate(lines, 1):
        paper.put(row + number, spot.x, f"{frame.side} {line:<{inner - 2}} {frame.side}")
    end = row + len(lines) + 1
    paper.put(end, spot.x, corners[3] + frame.across * inner + corners[2])
    if spot.below:
        paper.put(end, spot.centre, frame.leaves)
    return end + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bus:
    """Lines that run along one row: from the columns of some spots to those of the spots below them all."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def span(self) -> tuple[int, int]:
        """The columns that its row covers, first and last."""
        return min(self.starts + self.ends), max(self.starts + self.ends)

    @property
    def straight(self) -> bool:
        """Whether it needs no row of its own."""
        return len(self.starts) == 1 and self.ends == self.starts


def _buses(layer: Sequence[Spot]) -> list[_Bus]:
    """The lines below a layer; spots that all lead to the same ones share theirs, others arrive beside each other."""
    together: dict[frozenset[int], list[Spot]] = {}
    for one in layer:
        if one.below:
            together.setdefault(frozenset(map(id, one.below)), []).append(one)
    groups = list(together.values())
    ports = [_ports(group, groups) for group in groups]
    return [
        _Bus(starts=tuple(one.centre for one in group), ends=tuple(ends))
        for group, ends in zip(groups, ports, strict=True)
    ]


def _ports(group: Sequence[Spot], groups: Sequence[Sequence[Spot]]) -> list[int]:
    """The column in which the lines of a group arrive at each spot below."""
    found: list[int] = []
    for to in group[0].below:
        arriving = sorted((one for one in groups if to in one[0].below), key=_middle)
        first = to.centre + to.aside - _PORTS * (len(arriving) - 1) // 2
        found.append(first + _PORTS * [id(one) for one in arriving].index(id(group)))
    return found


def _middle(group: Sequence[Spot]) -> float:
    return sum(one.centre for one in group) / len(group)


def _draw_lines(paper: _Paper, row: int, layer: Sequence[Spot]) -> int:
    """Draws the lines down to the next layer; gives the row where that begins."""
    _untangle(layer)
    buses = _buses(layer)
    tracks = _tracks([one for one in buses if not one.straight])
    count = max(tracks.values(), default=-1) + 1
    across: dict[tuple[int, int], int] = {}
    down: dict[tuple[int, int], int] = {}
    for bus in buses:
        track = tracks.get(bus, -1)
        for line in range(count):
            columns = bus.starts if line < track else bus.ends if line > track else ()
            down.update({(line, column): _UP | _DOWN for column in columns})
        for column, mask in _row_of(bus) if track >= 0 else ():
            across[track, column] = across.get((track, column), 0) | mask
    for line, column in {*across, *down}:
        paper.put(row + line, column, _sign(across.get((line, column), 0), down.get((line, column), 0)))
    lanes_below = {to.centre for spot in layer for to in spot.below if to.lane}
    for column in {end for bus in buses for end in bus.ends}:
        paper.put(row + count, column, "│" if column in lanes_below else "▼")
    return row + count + 1


def _row_of(bus: _Bus) -> Iterator[tuple[int, int]]:
    """Each column of the bus's row, and the directions in which its lines go on from there."""
    first, last = bus.span
    for column in range(first, last + 1):
        sides = (_LEFT if column > first else 0) | (_RIGHT if column < last else 0)
        yield column, sides | (_UP if column in bus.starts else 0) | (_DOWN if column in bus.ends else 0)


def _sign(across: int, down: int) -> str:
    """A line that only crosses another goes over it; one that ends there joins it."""
    if across and down and not across & (_UP | _DOWN):
        return _LINES[down]
    return _LINES[across | down]


def _untangle(layer: Sequence[Spot]) -> None:
    """Moves arrivals aside by a column where lines would start and end in each other's columns, round in a circle."""
    for _ in range(_UNTANGLED_MAX):
        buses = [one for one in _buses(layer) if not one.straight]
        tangled = buses
        while free := [one for one in tangled if not any(_above(other, one) for other in tangled if other is not one)]:
            tangled = [one for one in tangled if one not in free]
        starts = {start for bus in tangled for start in bus.starts}
        below = [to for one in layer for to in one.below if to.centre + to.aside in starts]
        if not tangled or not below:
            return
        if below[0].lane:
            below[0].x += 1
        else:
            below[0].aside += 1


def _tracks(buses: Sequence[_Bus]) -> dict[_Bus, int]:
    """The row of each bus, so that no two share a stretch, and none runs down over the start of another."""
    rows: dict[_Bus, int] = {}
    left = sorted(set(buses), key=lambda bus: (bus.span[1] - bus.span[0], bus.starts))
    while left:
        free = [one for one in left if not any(_above(other, one) for other in left if other is not one)]
        bus = (free or left)[0]
        left.remove(bus)
        least = max((row + 1 for other, row in rows.items() if _above(other, bus)), default=0)
        taken = {row for other, row in rows.items() if _overlap(other, bus)}
        rows[bus] = next(row for row in range(least, len(buses) + least + 1) if row not in taken)
    return rows


def _above(one: _Bus, other: _Bus) -> bool:
    """Whether `one` must have a higher row: it starts in a column in which `other` ends."""
    return any(start in other.ends and start not in other.starts for start in one.starts)


def _overlap(one: _Bus, other: _Bus) -> bool:
    return one.span[0] <= other.span[1] and other.span[0] <= one.span[1]
