"""The context: within its budget, newest turns first, and nothing cut in silence."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nova.agents.context import Context, Piece, assemble
from nova.core.conversations import Turn
from nova.core.text import tokens_of

AT = datetime(2026, 11, 20, tzinfo=UTC)


def turn(number: int, words: int = 20) -> Turn:
    return Turn(run=f"r{number}", request=f"question {number}", answer="word " * words, at=AT)


def made(*, profile: str = "", request: str = "q", turns: tuple[Turn, ...] = (), budget: int = 400) -> Context:
    return assemble(
        instructions=Piece(kind="agent", name="a", text="You are a."),
        profile=Piece(kind="profile", name="profile.md", text=profile),
        project=None,
        turns=turns,
        request=request,
        budget_tokens=budget,
    )


def test_the_newest_turns_come_first() -> None:
    """When not all turns fit, the oldest are left out, and the list says so."""
    context = made(turns=tuple(turn(number, 60) for number in range(8)))
    kept = [one.run for one in context.turns]
    assert kept == [f"r{number}" for number in range(8 - len(kept), 8)]
    assert 0 < len(kept) < 8
    assert {one.name for one in context.left_out} == {f"r{number}" for number in range(8 - len(kept))}


def test_a_long_profile_is_cut_at_a_paragraph_and_said() -> None:
    """A profile over its share keeps its first paragraphs, and what is missing is listed with its size."""
    profile = "\n\n".join(f"Paragraph {number} " + "word " * 20 for number in range(20))
    context = made(profile=profile)
    shown = next(piece for piece in context.pieces if piece.kind == "profile").text
    assert profile.startswith(shown)
    assert shown
    [left] = context.left_out
    assert left.kind == "profile"
    assert left.tokens + tokens_of(shown) >= tokens_of(profile) - 1


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
    """Whatever goes in, the context fits its budget, and every turn is either in it or in the list."""
    turns = tuple(turn(number, size) for number, size in enumerate(sizes))
    context = made(profile=profile, request=request, turns=turns, budget=budget)
    assert context.tokens <= budget + 20
    left = {one.name for one in context.left_out}
    assert {one.run for one in turns} == {one.run for one in context.turns} | (left & {one.run for one in turns})
