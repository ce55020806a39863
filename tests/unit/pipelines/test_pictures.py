"""A plan and a run are drawn so that every node, its order and its state can be read off, in text and in SVG."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.plans import KNOWN

from nova.core.json import Json
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.plans import Plan
from nova.core.steps import Step, StepState
from nova.pipelines.captions import price, spent
from nova.pipelines.drawing import draw
from nova.pipelines.layout import edges_of
from nova.pipelines.load import make_plan
from nova.pipelines.svg import svg

NODES: dict[str, Json] = {
    "read": {"tool": "list_numbers", "with": {"count": 3}},
    "left": {"tool": "echo", "with": {"text": "${read.output.text}"}},
    "right": {"tool": "echo", "with": {"text": "${read.output.text}"}},
    "each": {"map": "${read.output.numbers}", "do": {"tool": "add", "with": {"a": "${item}"}}},
    "join": {"agent": "orientation", "task": "${left.output.text} ${right.output.text} ${read.output.text}"},
    "decide": {
        "choose": [
            {"name": "good", "when": {"value": "${join.output.verified}", "is": True}, "then": ["ask"]},
            {"name": "otherwise", "then": ["rest"]},
        ]
    },
    "ask": {"review": "Go on?"},
    "rest": {"wait": 7200},
    "end": {"tool": "fail", "after": ["ask", "rest", "each"], "when": {"value": "${read.output.count}", "more": 2}},
}
PLAN = make_plan({"id": "picture", "version": 2, "description": "All & <everything>.", "nodes": NODES}, KNOWN)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def step(path: str, state: StepState, seconds: float = 0.0, attempt: int = 1, usage: Usage | None = None) -> Step:
    """A step of a run of the plan."""
    return Step(
        run="r1", path=path, name=path, kind="tool", scope="home", label=Label(scopes=frozenset({"home"})),
        state=state, attempt=attempt, started_at=NOW, ended_at=NOW, seconds=seconds, usage=usage or Usage(),
    )  # fmt: skip


STEPS = {
    one.path: one
    for one in (
        step("read", StepState.DONE, 0.04),
        step("left", StepState.DEGRADED, 1.25, 3),
        step("right", StepState.FAILED, 200),
        step("each", StepState.RUNNING, 1),
        step("each[0]", StepState.DONE, 1),
        step("each[1]", StepState.FAILED, 1),
        step("join", StepState.DONE, 14, 1, Usage(model_calls=2, cost_usd=0.0123)),
        step("ask", StepState.WAITING),
        step("rest", StepState.SKIPPED),
    )
}


def test_the_picture_shows_each_node_once_in_order() -> None:
    """What comes before stands above; each line of the picture keeps to 80 columns."""
    picture = draw(PLAN)
    rows = picture.splitlines()
    where = {name: [n for n, row in enumerate(rows) if re.search(rf"[│║] {name} ", row)] for name in NODES}
    assert all(len(found) == 1 for found in where.values()), where
    order = {name: found[0] for name, found in where.items()}
    assert (
        order["read"] < order["left"] == order["right"] < order["join"] < order["decide"] < order["ask"] < order["end"]
    )
    assert max(map(len, rows)) <= 80
    assert all(row == row.rstrip() for row in rows)
    for words in ("if good", "if otherwise", "wait 2 h", "when read.count > 2", "for each: tool add", "review by the"):
        assert words in picture


def test_lines_lead_where_they_should() -> None:
    """Followed from box to box, the lines are the edges of the plan, and no others."""
    picture = draw(PLAN)
    assert followed(picture, list(NODES)) == {
        ("read", "left"), ("read", "right"), ("read", "each"), ("left", "join"), ("right", "join"), ("join", "decide"),
        ("decide", "ask"), ("decide", "rest"), ("ask", "end"), ("rest", "end"), ("each", "end"),
    }  # fmt: skip


@st.composite
def _graphs(draw: st.DrawFn) -> dict[str, Json]:
    """The nodes of a plan in which each comes after up to three others."""
    nodes: dict[str, Json] = {}
    for number in range(draw(st.integers(1, 14))):
        earlier = st.sampled_from(sorted(nodes)) if nodes else st.nothing()
        after = draw(st.lists(earlier, max_size=min(len(nodes), 3), unique=True))
        nodes[f"n{number}"] = {"wait": 1, "after": [*after]}
    return nodes


@given(_graphs())
@settings(max_examples=150, deadline=None)
def test_lines_of_any_plan_lead_where_they_should(nodes: dict[str, Json]) -> None:
    """However tangled a plan is, its lines neither break nor run into each other, and keep to 80 columns."""
    plan = make_plan({"id": "tangle", "version": 1, "description": "Any.", "nodes": nodes}, KNOWN)
    picture = draw(plan)
    assert followed(picture, list(nodes)) == set(edges_of(plan)), picture
    assert max(map(len, picture.splitlines())) <= 80


_DOWN, _UP, _LEFT, _RIGHT = (1, 0), (-1, 0), (0, -1), (0, 1)
_OPEN = {
    "│": {_UP, _DOWN}, "─": {_LEFT, _RIGHT}, "╯": {_UP, _LEFT}, "╰": {_UP, _RIGHT}, "╮": {_DOWN, _LEFT},
    "╭": {_DOWN, _RIGHT}, "┤": {_UP, _DOWN, _LEFT}, "├": {_UP, _DOWN, _RIGHT}, "┴": {_UP, _LEFT, _RIGHT},
    "┬": {_DOWN, _LEFT, _RIGHT}, "┼": {_UP, _DOWN, _LEFT, _RIGHT}, "▼": {_UP, _DOWN},
}  # fmt: skip


def followed(picture: str, names: list[str]) -> set[tuple[str, str]]:
    """The edges that somebody finds who follows the lines downwards from below each box to the next arrow."""
    rows = picture.splitlines()

    def at(row: int, column: int) -> str:
        return rows[row][column] if row < len(rows) and 0 <= column < len(rows[row]) else " "

    boxes: dict[str, tuple[int, int]] = {}
    for name in names:
        row = next(n for n, text in enumerate(rows) if re.search(rf"[│║] {name} ", text))
        match = re.search(rf"[│║] {name} ", rows[row])
        assert match
        boxes[name] = (row, match.start())
    owner: dict[tuple[int, int], str] = {}
    exits: list[tuple[str, int, int]] = []
    for name, (row, left) in boxes.items():
        top, right = row - 1, left
        while at(top, right) not in "┐╗╮" or right == left:
            right += 1
        owner |= {(top, column): name for column in range(left, right + 1)}
        bottom = row
        while at(bottom, left) not in "└╚╰":
            bottom += 1
        exits += [(name, bottom + 1, column) for column in range(left, right + 1) if at(bottom, column) in "┬╤"]
    found: set[tuple[str, str]] = set()
    for name, row, column in exits:
        queue, seen = [(row, column, _DOWN)], set[tuple[int, int, tuple[int, int]]]()
        while queue:
            state = queue.pop()
            if state in seen:
                continue
            seen.add(state)
            line, place, way = state
            if (line, place) in owner:
                found.add((name, owner[line, place]))
                continue
            sign = at(line, place)
            back = (-way[0], -way[1])
            if sign == "│" and way in (_LEFT, _RIGHT):  # it passes below the line that it crosses
                queue.append((line, place + way[1], way))
                continue
            assert back in _OPEN.get(sign, set()), f"a line of {name} breaks at row {line}, column {place}: {sign!r}"
            ways = _OPEN[sign] - {back}
            queue += [(line + go[0], place + go[1], go) for go in ways if go != _UP]
    return found


def test_a_run_shows_how_each_step_went() -> None:
    """State, time, cost, tries and elements stand in the boxes."""
    picture = draw(PLAN, STEPS)
    for words in (
        "✓ done · 40 ms", "≈ degraded · 1.2 s", "3 tries", "✗ failed · 3 min 20 s", "▶ running · 1.0 s",
        "2 elements, 1 failed", "✓ done · 14 s · $0.0123", "… waiting", "– skipped",
    ):  # fmt: skip
        assert words in picture, picture


def test_any_terminal_can_show_it() -> None:
    """In ASCII the same picture has the same shape."""
    plain = draw(PLAN, STEPS, ascii_only=True)
    assert plain.isascii()
    assert [len(row) for row in plain.splitlines()] == [len(row) for row in draw(PLAN, STEPS).splitlines()]
    assert "+===" in plain


@pytest.mark.parametrize("width", [40, 60, 120])
def test_it_keeps_to_the_width(width: int) -> None:
    """A narrow terminal gets a narrow picture, in which every node still stands."""
    picture = draw(PLAN, STEPS, width=width)
    assert max(map(len, picture.splitlines())) <= width
    assert all(f" {name} " in picture for name in NODES)


def _texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_svg_is_whole_and_needs_nothing_else() -> None:
    """It is well-formed, has a title and a description, follows light and dark, and loads and runs nothing."""
    picture = svg(PLAN, STEPS)
    root = ElementTree.fromstring(picture)
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "text", "path", "g"}
    assert root.get("role") == "img"
    labels = (root.get("aria-labelledby") or "").split()
    assert [element.get("id") for element in root if element.get("id")] == labels
    assert "prefers-color-scheme:dark" in picture
    assert "href" not in picture
    assert "url(" not in picture
    assert {*NODES, "picture@2", "All & <everything>."} <= set(_texts(picture))


def test_the_svg_holds_no_foreign_markup() -> None:
    """Whatever a plan says stays text."""
    evil = "</text><script>alert(1)</script>\x1b[31m\u202e]]>"
    plan = replace(PLAN, description=evil)
    picture = svg(plan)
    assert "<script" not in picture
    assert "\x1b" not in picture
    assert any("<script>alert(1)</script>" in text for text in _texts(picture))


def test_nothing_stands_outside_the_svg() -> None:
    """Every box lies within the picture's size, and no two overlap."""
    root = ElementTree.fromstring(svg(PLAN, STEPS))
    width, height = int(root.get("width") or 0), int(root.get("height") or 0)
    boxes = [
        tuple(int(one.get(key) or 0) for key in ("x", "y", "width", "height"))
        for one in root.iter("{http://www.w3.org/2000/svg}rect")
        if one.get("class") == "card"
    ]
    assert len(boxes) == len(NODES)
    for number, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert x + w <= width
        assert y + h <= height
        for x2, y2, w2, h2 in boxes[:number]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.04, "40 ms"), (0.0999, "0.1 s"), (9.94, "9.9 s"), (59.4, "59 s"), (59.9, "1 min"),
     (200, "3 min 20 s"), (3600, "1 h"), (100_000, "1 d 3 h")],
)  # fmt: skip
def test_durations_in_words(seconds: float, words: str) -> None:
    """A duration is said as a person says it."""
    assert spent(seconds) == words


def test_prices_in_words() -> None:
    """A price nobody knows is not free."""
    assert [price(one) for one in (None, 0.0, 0.0031, 1.5)] == ["cost unknown", "$0", "$0.0031", "$1.50"]


def test_a_plan_without_nodes_is_an_empty_picture() -> None:
    """Even that ends in a picture, not in an error."""
    empty: Plan = replace(PLAN, nodes={})
    assert draw(empty) == ""
    assert "picture@2" in svg(empty)
