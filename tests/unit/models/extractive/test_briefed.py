"""The built-in model with work that was passed on: what came with it is the answer where the task only points at it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nova.agents.briefs import brief_text
from nova.agents.context import Context, Piece
from nova.agents.prompt import system_text
from nova.core.briefs import Brief, Fact, Reference
from nova.models.extractive import briefed
from nova.models.extractive.replying import reply
from nova.models.extractive.values import Answer, Conversation, Turn

ISSUES = (
    "3 open issues.\nissues/7.md:1  Invoice tax is a cent less\nissues/9.md:1  VAT summary differs\n# Not a heading"
)


def instructions(*facts: Fact, generates: str = "") -> str:
    """What stands before the model of an agent that was given a brief."""
    brief = Brief(
        task="summarise them", agent="summariser", facts=facts, inputs=(Reference(kind="file", ref="notes.md"),),
        constraints=("short",), deadline=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )  # fmt: skip
    agent = Piece(kind="agent", name="summariser", text=f"You are summariser.\n\nGenerates: {generates}")
    memory = Piece(kind="note", name="n1", text="[fact n1, since 2026-11-01] Something else.")
    pieces = (agent, Piece(kind="brief", name="from Nova", text=brief_text(brief)), memory)
    context = Context(pieces=pieces, turns=(), request=brief.task, left_out=(), budget_tokens=8000)
    return system_text(context, datetime(2026, 11, 20, tzinfo=UTC).date())


def said(request: str, told: str) -> Answer:
    """What the built-in model answers at once."""
    answer = reply(Conversation(instructions=told, now=Turn(request=request), earlier=(), today="2026-11-20"), ())
    assert isinstance(answer, Answer)
    return answer


def test_the_facts_of_a_brief_are_found_whole() -> None:
    """Every line of every fact, and nothing of what stands around them."""
    assert briefed.facts(instructions(Fact(text=ISSUES), Fact(text="Due Friday", source="n1"))) == (
        f"- {ISSUES}\n- Due Friday (n1)"
    )
    assert briefed.facts(instructions()) == ""
    assert briefed.facts("You are summariser.") == ""


@pytest.mark.parametrize("request_", ["summarise them", "translate it into German", "list those", "fasse sie zusammen"])
def test_a_task_that_only_points_is_answered_with_what_was_passed_on(request_: str) -> None:
    """“summarise them” is about what came with it, word for word, with its places."""
    answer = said(request_, instructions(Fact(text=ISSUES)))
    assert f"{briefed.TOLD}\n\n- 3 open issues." in answer.text
    assert "issues/7.md:1" in answer.text
    assert not answer.nothing_found


def test_what_must_be_written_is_declined_by_name() -> None:
    """An agent that writes says that it needs a model, and gives what it would be built on."""
    answer = said("summarise them", instructions(Fact(text=ISSUES), generates="a summary"))
    assert answer.needs_model == "a summary"
    assert answer.text.startswith("I can't write a summary without a language model")
    assert "issues/9.md:1" in answer.text


@pytest.mark.parametrize(
    ("request_", "thing"),
    [
        ("summarise them", "a summary"),
        ("übersetze es", "a translation"),
        ("shorten it", "a new wording"),
        ("list them", ""),
    ],
)
def test_an_agent_that_gives_facts_says_what_it_did_not_write(request_: str, thing: str) -> None:
    """Passed-on text is no summary of itself: what would have to be written is named, whoever is asked."""
    assert said(request_, instructions(Fact(text=ISSUES))).needs_model == thing


def test_without_a_brief_nothing_changes() -> None:
    """A request that points at nothing is answered as ever."""
    assert briefed.TOLD not in said("summarise them", "You are summariser.").text


def test_a_long_fact_is_cut_and_counted() -> None:
    """Lines over what an answer shows are counted, so that the outcome says so."""
    answer = said("list them", instructions(Fact(text="\n".join(f"line {number}" for number in range(100)))))
    assert answer.cut == 60
