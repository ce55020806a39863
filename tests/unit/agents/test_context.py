"""The context: within its budget, newest turns first, and nothing cut in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nova.agents.context import Context, Piece, assemble
from nova.agents.hearing import EARLIER
from nova.core.conversations import Turn
from nova.core.episodes import Episode
from nova.core.labels import Label, Scope
from nova.core.text import tokens_of
from nova.memory.recall import Recall, Recalled

AT = datetime(2026, 11, 20, tzinfo=UTC)
HOME_ONLY = Scope.of("home")
WORDS = ("tax", "price", "stock", "part", "image", "supplier", "order", "parcel", "label", "drawer", "bin", "box")


def turn(number: int, words: int = 20) -> Turn:
    return Turn(run=f"r{number}", request=f"question {number}", answer="word " * words, at=AT)


def made(
    *,
    profile: str = "",
    request: str = "q",
    turns: tuple[Turn, ...] = (),
    budget: int = 400,
    recalled: Sequence[Recalled] = (),
) -> Context:
    return assemble(
        instructions=Piece(kind="agent", name="a", text="You are a."),
        profile=Piece(kind="profile", name="profile.md", text=profile),
        project=None,
        turns=turns,
        request=request,
        budget_tokens=budget,
        scope=HOME_ONLY,
        conversation="c1",
        recalled=Recall(pieces=tuple(recalled)),
    )


def test_the_newest_turns_come_first() -> None:
    """When not all turns fit word for word, the oldest do not, and the list says so."""
    context = made(turns=tuple(turn(number, 60) for number in range(8)))
    kept = [one.run for one in context.turns]
    assert kept == [f"r{number}" for number in range(8 - len(kept), 8)]
    assert 0 < len(kept) < 8
    assert {f"r{number}" for number in range(8 - len(kept))} == listed(context) | cited(context)


def test_a_long_profile_is_cut_at_a_paragraph_and_said() -> None:
    """A profile over its share keeps the paragraphs that matter, in order; each missing one is listed with its size."""
    paragraphs = [f"Paragraph {number} " + "word " * 20 for number in range(19)]
    profile = "\n\n".join([*paragraphs, "- I always want sources."])
    context = made(profile=profile)
    shown = next(piece for piece in context.pieces if piece.kind == "profile").text
    kept = shown.split("\n\n")
    assert kept == [*(one.strip() for one in paragraphs[: len(kept) - 1]), "- I always want sources."]
    assert [left.kind for left in context.left_out] == ["profile"] * (20 - len(kept))
    assert context.left_out[0].name.startswith(f"profile.md: Paragraph {len(kept) - 1} ")
    assert sum(left.tokens for left in context.left_out) + tokens_of(shown) >= tokens_of(profile) - 20


def test_a_request_longer_than_the_budget_keeps_both_ends() -> None:
    """An oversized request loses its middle, never its end, and the list says so."""
    context = made(request="begin " + "x" * 50_000 + " finish", budget=400)
    assert context.request.startswith("begin ")
    assert context.request.endswith(" finish")
    assert [one.kind for one in context.left_out] == ["request"]


@given(
    profile=st.text(max_size=4000),
    request=st.text(min_size=1, max_size=3000),
    sizes=st.lists(st.integers(0, 200), max_size=8),
    budget=st.integers(120, 2000),
)
def test_it_never_exceeds_its_budget_by_more_than_the_cut_mark(
    profile: str, request: str, sizes: list[int], budget: int
) -> None:
    """Whatever goes in, the context fits its budget, and every turn is in it, cited by a line, or in the list."""
    turns = tuple(turn(number, size) for number, size in enumerate(sizes))
    context = made(profile=profile, request=request, turns=turns, budget=budget)
    assert context.tokens <= budget + 20
    verbatim = {one.run for one in context.turns}
    assert verbatim | cited(context) | listed(context) == {one.run for one in turns}
    assert not verbatim & (cited(context) | listed(context))


def test_turns_beyond_the_twelfth_stay_as_lines_that_cite_them() -> None:
    """In a long conversation the old turns are there as lines before the newest, and the list says where in full."""
    turns = tuple(
        replace(turn(number), request=f"We decided to keep {word} in its own table.")
        for number, word in enumerate(WORDS)
    )
    small = tuple(turn(number, 5) for number in range(12, 24))
    context = made(turns=(*turns, *small), budget=8000)
    assert [one.run for one in context.turns] == [one.run for one in small]
    places = [piece.name for piece in context.pieces if piece.kind == "conversation"]
    assert places[0] == EARLIER
    assert "- [r0] owner: We decided to keep tax in its own table." in earlier(context)
    assert cited(context) == {one.run for one in turns}
    assert [(one.name, one.why) for one in context.left_out] == [
        (EARLIER, "12 older turns are here as 12 lines, in full: nova conversations show c1")
    ]


def test_memory_never_pushes_the_newest_turn_out() -> None:
    """However much is recalled beside a full profile, the turn that a follow-up hangs on is there word for word."""
    profile = "\n\n".join(f"Paragraph {number} " + "word " * 40 for number in range(40))
    said = [
        Episode(id=f"e{n}", scope="home", conversation="c9", number=n, speaker="owner", at=AT, text="word " * 90)
        for n in range(20)
    ]
    recalled = [Recalled(what=one, score=1.0, ranks={"words": 1}) for one in said]
    for words in (20, 300, 600):
        context = made(profile=profile, turns=(turn(1, 30), turn(2, words)), budget=1500, recalled=recalled)
        assert [one.run for one in context.turns][-1:] == ["r2"]
        assert context.tokens <= 1500
    assert any(piece.kind == "episode" for piece in context.pieces)


def test_turns_that_were_not_even_read_are_counted() -> None:
    """Of a conversation longer than what is read for a context, the list still says how many turns it has."""
    turns = tuple(replace(turn(number, 5), number=number) for number in range(301, 400))
    whys = {one.name: one.why for one in made(turns=turns, budget=1000).left_out}
    assert whys[EARLIER].startswith("387 older turns are here as ")
    assert re.fullmatch(r"3\d\d older turns without a line, in full: nova conversations show c1", whys["oldest turns"])


def test_a_turn_of_another_wall_is_in_no_form_there() -> None:
    """A turn whose label names a foreign scope is neither word for word, nor a line, nor in the list."""
    foreign = replace(turn(0), request="We decided on canary.", label=Label(scopes=frozenset({"home", "shop"})))
    context = made(turns=(foreign, *(turn(number, 5) for number in range(1, 20))), budget=8000)
    assert "canary" not in str(context)
    assert "r0" not in {*(one.run for one in context.turns), *cited(context), *listed(context)}


def earlier(context: Context) -> str:
    return "".join(piece.text for piece in context.pieces if piece.name == EARLIER)


def cited(context: Context) -> set[str]:
    return set(re.findall(r"^- \[(r\d+)\]", earlier(context), re.MULTILINE))


def listed(context: Context) -> set[str]:
    return {one.name for one in context.left_out if one.kind == "conversation" and one.name != EARLIER}
