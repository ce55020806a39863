"""Where each node of a plan stands in a picture: layers from top to bottom, few crossings, lines as straight as can be.

Knows widths and edges in whole units (characters or pixels); refuses to know what is drawn with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nova.core.plans import Plan, before
from nova.pipelines.graph import in_order

_SWEEPS = 8
_NEARLY = 2


@dataclass(slots=True, kw_only=True)
class Spot:
    """A place in a layer: of a node, or (lane) of a line that passes the layer on its way down.

    x: its left edge. aside: how far from its centre lines arrive, where they would otherwise run into each other.
    """

    name: str
    layer: int
    width: int
    lane: bool = False
    x: int = 0
    aside: int = 0
    above: list[Spot] = field(default_factory=list["Spot"])
    below: list[Spot] = field(default_factory=list["Spot"])

    @property
    def centre(self) -> int:
        """Where lines arrive and leave."""
        return self.x + self.width // 2


def edges_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Which node comes right before which; what follows from other edges is left out."""
    order = in_order(plan)
    waits = {name: before(plan.nodes[name], plan.nodes) & set(plan.nodes) - {name} for name in order}
    all_before: dict[str, frozenset[str]] = {}
    for name in order:
        further = (all_before.get(one, frozenset[str]()) for one in waits[name])
        all_before[name] = waits[name].union(*further)
    return tuple(
        (one, name)
        for name in order
        for one in sorted(waits[name], key=order.index)
        if not any(one in all_before.get(other, ()) for other in waits[name])
    )


def levels(
    order: Sequence[str], edges: Sequence[tuple[str, str]], widths: Mapping[str, int], *, width: int, gap: int
) -> dict[str, int]:
    """Each node's layer, from 0: the first below all that come before it in which there is room, for the lines that
    pass it as well.
    """
    found = _levels(order, edges, widths, width, gap)
    for less in range(gap + 1, width // 2, gap + 1):
        if all(total <= width for total in _totals(found, edges, widths, gap)):
            break
        found = _levels(order, edges, widths, width - less, gap)
    return found


def lanes(layer_of: Mapping[str, int], edges: Sequence[tuple[str, str]], layer: int) -> int:
    """How many lines pass this layer on their way down."""
    return len({one for one, other in edges if layer_of[one] < layer < layer_of[other]})


def _totals(
    layer_of: Mapping[str, int], edges: Sequence[tuple[str, str]], widths: Mapping[str, int], gap: int
) -> list[int]:
    count = max(layer_of.values(), default=-1) + 1
    totals = [(gap + 1) * lanes(layer_of, edges, layer) - gap for layer in range(count)]
    for name, layer in layer_of.items():
        totals[layer] += widths[name] + gap
    return totals


def _levels(
    order: Sequence[str], edges: Sequence[tuple[str, str]], widths: Mapping[str, int], width: int, gap: int
) -> dict[str, int]:
    found: dict[str, int] = {}
    used: dict[int, int] = {}
    for name in order:
        layer = max((found[one] + 1 for one, other in edges if other == name and one in found), default=0)
        while used.get(layer, 0) and used[layer] + gap + widths[name] > width:
            layer += 1
        used[layer] = used.get(layer, -gap) + gap + widths[name]
        found[name] = layer
    return found


def arrange(
    layer_of: Mapping[str, int], edges: Sequence[tuple[str, str]], widths: Mapping[str, int], *, width: int, gap: int
) -> list[list[Spot]]:
    """The layers, each from left to right, with every x between 0 and `width` as far as they fit there.

    layer_of: each node's layer (see `levels`). gap: the least space between two neighbours.
    """
    spots = {name: Spot(name=name, layer=layer, width=widths[name]) for name, layer in layer_of.items()}
    layers: list[list[Spot]] = [[] for _ in range(max((one.layer for one in spots.values()), default=-1) + 1)]
    for one in spots.values():
        layers[one.layer].append(one)
    _connect(spots, edges, layers)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            layer.sort(key=lambda one: _mean([near.centre for near in (one.above if down else one.below)], one.centre))
            _place(layer, down=down, width=width, gap=gap)
    for layer in layers:
        _straighten(layer, width, gap)
    left = min((one.x for layer in layers for one in layer), default=0)
    for layer in layers:
        for one in layer:
            one.x -= left
    return layers


def _connect(spots: Mapping[str, Spot], edges: Sequence[tuple[str, str]], layers: list[list[Spot]]) -> None:
    """Links spots of neighbouring layers; a longer line gets a lane in each layer between, shared by its start."""
    lanes: dict[tuple[str, int], Spot] = {}
    for start, end in edges:
        upper = spots[start]
        for layer in range(spots[start].layer + 1, spots[end].layer):
            if (lane := lanes.get((start, layer))) is None:
                lane = lanes[start, layer] = Spot(name=start, layer=layer, width=1, lane=True)
                layers[layer].append(lane)
                _link(upper, lane)
            upper = lane
        _link(upper, spots[end])


def _link(upper: Spot, lower: Spot) -> None:
    if lower not in upper.below:
        upper.below.append(lower)
        lower.above.append(upper)


def _mean(values: Sequence[int], default: int) -> float:
    return sum(values) / len(values) if values else default


def _place(layer: Sequence[Spot], *, down: bool, width: int, gap: int) -> None:
    """Each spot below (or above) the middle of its neighbours, pushed aside where two want the same place."""
    wanted: list[int] = []
    for one in layer:
        near = one.above if down else one.below
        other = one.below if down else one.above
        middle = _mean([spot.centre for spot in near or other], one.centre)
        wanted.append(round(middle) - one.width // 2)
    from_left = _pushed([one.width for one in layer], wanted, gap)
    mirrored = _pushed(
        [one.width for one in reversed(layer)],
        [-x - one.width for x, one in zip(reversed(wanted), reversed(layer), strict=True)],
        gap,
    )
    from_right = [-x - one.width for x, one in zip(mirrored, reversed(layer), strict=True)][::-1]
    for one, left, right in zip(layer, from_left, from_right, strict=True):
        one.x = (left + right) // 2
    _keep_inside(layer, width, gap)


def _pushed(widths: Sequence[int], wanted: Sequence[int], gap: int) -> list[int]:
    found: list[int] = []
    for number, want in enumerate(wanted):
        least = found[-1] + widths[number - 1] + gap if found else want
        found.append(max(want, least))
    return found


def _keep_inside(layer: Sequence[Spot], width: int, gap: int) -> None:
    end = width
    for one in reversed(layer):
        one.x = min(one.x, end - one.width)
        end = one.x - gap
    start = 0
    for one in layer:
        one.x = max(one.x, start)
        start = one.x + one.width + gap


def _straighten(layer: Sequence[Spot], width: int, gap: int) -> None:
    """Moves each spot right below one above it, where that makes a line straight and its neighbours leave room."""
    for number, one in enumerate(layer):
        over = _straight_above(one)
        if over is None:
            continue
        least = layer[number - 1].x + layer[number - 1].width + gap if number else 0
        most = layer[number + 1].x - gap - one.width if number + 1 < len(layer) else width - one.width
        wanted = over - one.width // 2
        if least <= wanted <= most:
            one.x = wanted


def _straight_above(one: Spot) -> int | None:
    """The column to move to: of the only spot above, or of one that is nearly right above."""
    if len(one.above) == 1 and (one.lane or len(one.above[0].below) == 1):
        return one.above[0].centre
    near = [over.centre for over in one.above if abs(over.centre - one.centre) <= _NEARLY]
    return min(near, key=lambda column: abs(column - one.centre), default=None)
