"""The order in which a route is found, on a real head."""

from __future__ import annotations

import pytest
from tests.unit.coordinator.rosters import WORKSHOP

from nova.coordinator.arbiter import question, read_vote
from nova.coordinator.head import Head
from nova.coordinator.routing import route, settle
from nova.core.degradations import DegradationKind
from nova.core.errors import BadInput, Unknown
from nova.core.routes import AskBack, Asked, Nobody, Route, RouteView, Thread, ToAgent, ToPlan, Vote, VoteKind, Zone
from nova.models.encoders import Encoder

HOME = RouteView(agents=WORKSHOP)


def go(text: str, head: Head, encoder: Encoder, view: RouteView = HOME) -> Route:
    """The route before any arbiter."""
    return route(text, view, head, encoder).route


def test_named_by_option(head: Head, encoder: Encoder) -> None:
    """An agent named by an option takes the request, whatever the words say, and the record tells who named it."""
    view = RouteView(agents=WORKSHOP, named="diary", named_by="--agent")
    made = go("Which invoices are still unpaid?", head, encoder, view)
    assert isinstance(made, ToAgent)
    assert (made.agent, made.zone) == ("diary", Zone.TOLD)
    assert "--agent" in made.explanation.sentence


def test_named_in_words(head: Head, encoder: Encoder) -> None:
    """An @name picks the agent and is not passed on to it."""
    made = go("@joiner which invoices are still unpaid?", head, encoder)
    assert isinstance(made, ToAgent)
    assert (made.agent, made.text, made.zone) == ("joiner", "which invoices are still unpaid?", Zone.TOLD)


def test_unknown_name(head: Head, encoder: Encoder) -> None:
    """A named agent that does not exist is an error with the nearest name, never a silent guess."""
    with pytest.raises(Unknown, match="book-keeper"):
        go("@bookkeeper what is overdue", head, encoder)
    with pytest.raises(Unknown, match="diary"):
        go("what is overdue", head, encoder, RouteView(agents=WORKSHOP, named="diaries"))


def test_other_at_signs(head: Head, encoder: Encoder) -> None:
    """An @ inside the words that names no agent is just a word."""
    made = go("write to anna@hansen.example and say sorry for the scratch @property", head, encoder)
    assert made.zone is not Zone.TOLD


def test_empty(head: Head, encoder: Encoder) -> None:
    """A request without words is refused with a sentence."""
    for text in ("", "  \n ", "@diary"):
        with pytest.raises(BadInput, match="empty"):
            go(text, head, encoder)


def test_answer_by_number(head: Head, encoder: Encoder) -> None:
    """A number after a question back picks that reading, and the agent gets the original request."""
    first = go("fix this please", head, encoder)
    assert isinstance(first, AskBack)
    asked = Asked(text=first.text, readings=first.readings)
    for reply in ("2", "2.", "the second one", first.readings[1].agent):
        made = go(reply, head, encoder, RouteView(agents=WORKSHOP, thread=Thread(request=first.text, asked=asked)))
        assert isinstance(made, ToAgent)
        assert (made.agent, made.text, made.zone) == (first.readings[1].agent, "fix this please", Zone.TOLD)


def test_question_back_can_be_ignored(head: Head, encoder: Encoder) -> None:
    """Something new after a question back is routed by its own words."""
    first = go("fix this please", head, encoder)
    assert isinstance(first, AskBack)
    thread = Thread(request=first.text, asked=Asked(text=first.text, readings=first.readings))
    made = go("Which invoices are still unpaid?", head, encoder, RouteView(agents=WORKSHOP, thread=thread))
    assert isinstance(made, ToAgent)
    assert made.agent == "book-keeper"


@pytest.mark.parametrize(
    "text", ["yes", "and the second one", "do that", "why?", "and in the other one?", "ja, mach das"]
)
def test_follow_up(text: str, head: Head, encoder: Encoder) -> None:
    """A request that means nothing by itself goes to the agent that answered just before."""
    thread = Thread(request="how many oak boards are left", agents=("store-keeper",))
    made = go(text, head, encoder, RouteView(agents=WORKSHOP, thread=thread))
    assert isinstance(made, ToAgent)
    assert (made.agent, made.zone) == ("store-keeper", Zone.FOLLOWED)


def test_new_subject(head: Head, encoder: Encoder) -> None:
    """A conversation does not hold on to a request that is clearly another agent's."""
    thread = Thread(request="how many oak boards are left", agents=("store-keeper",))
    made = go("write a friendly reminder to the supplier", head, encoder, RouteView(agents=WORKSHOP, thread=thread))
    assert isinstance(made, ToAgent)
    assert made.agent == "letter-writer"


def test_conversation_counts(head: Head, encoder: Encoder) -> None:
    """What the conversation contributed is part of the explanation."""
    thread = Thread(request="how many oak boards are left", agents=("store-keeper",))
    made = go(
        "and what about the beech ones for the wardrobe", head, encoder, RouteView(agents=WORKSHOP, thread=thread)
    )
    assert any("conversation" in one.what for one in made.explanation.contributions)


def test_taught_request_is_sure(head: Head, encoder: Encoder) -> None:
    """A request near to an example is sure, and the explanation cites an example of that agent with its cosine."""
    made = go("Which of the invoices are not paid yet?", head, encoder)
    assert isinstance(made, ToAgent)
    assert (made.agent, made.zone) == ("book-keeper", Zone.SURE)
    assert made.explanation.matches[0].agent == "book-keeper"
    assert made.explanation.matches[0].cosine > 0.6
    assert made.explanation.cutoffs is not None


@pytest.mark.parametrize(
    "text", ["who won the football match yesterday", "what is the capital of mongolia", "tell me a joke"]
)
def test_nobodys_job(text: str, head: Head, encoder: Encoder) -> None:
    """World knowledge and chatter belong to nobody, and the nearest agent is named."""
    made = go(text, head, encoder)
    assert isinstance(made, Nobody)
    assert made.nearest in {agent.name for agent in WORKSHOP}


@pytest.mark.parametrize("text", ["check it", "can you look at this", "make it better", "is that right?"])
def test_vague(text: str, head: Head, encoder: Encoder) -> None:
    """A request without a subject is asked back with two to four readings, however high its score."""
    made = go(text, head, encoder)
    assert isinstance(made, AskBack)
    assert 2 <= len(made.readings) <= 4
    assert made.explanation.vague
    assert "1. " in made.question


def test_out_of_reach(head: Head, encoder: Encoder) -> None:
    """A project's specialist is a candidate only where its kind of project is in reach, and else is named."""
    text = "why does the moisture in the kiln fall so slowly"
    inside = go(text, head, encoder, RouteView(agents=WORKSHOP, kind="kiln"))
    outside = go(text, head, encoder)
    assert isinstance(inside, ToAgent)
    assert inside.agent == "kiln-master"
    assert "kiln-master" not in {one.agent for one in outside.explanation.ranking}
    assert "kiln-master" in outside.explanation.out_of_reach


def test_visitor(head: Head, encoder: Encoder) -> None:
    """A visitor reaches the visitors' agent and no other, even with the owner's words."""
    for text in ("where can I park", "Which invoices are still unpaid?"):
        made = go(text, head, encoder, RouteView(agents=WORKSHOP, visitor=True))
        assert {one.agent for one in made.explanation.ranking} == {"guide"}


def test_probabilities(head: Head, encoder: Encoder) -> None:
    """The candidates' probabilities and nobody's add up to one."""
    made = go("how thick must the shelf be", head, encoder)
    assert sum(one.score for one in made.explanation.ranking) + made.explanation.nobody == pytest.approx(1.0, abs=1e-3)


def test_two_jobs(head: Head, encoder: Encoder) -> None:
    """A request for two agents becomes a plan with both parts in the order they are written."""
    made = go("Which invoices are still unpaid? Then write a friendly reminder to Hansen.", head, encoder)
    assert isinstance(made, ToPlan)
    assert [part.agent for part in made.parts] == ["book-keeper", "letter-writer"]
    assert made.aloud


def test_one_job(head: Head, encoder: Encoder) -> None:
    """One request with an «and» in it stays whole."""
    made = go("reserve six beech planks and two boxes of screws for the wardrobe", head, encoder)
    assert not isinstance(made, ToPlan)


def test_grey_is_said_aloud(head: Head, encoder: Encoder) -> None:
    """A guess is said aloud, never passed off as certain, and an arbiter's question offers five at most."""
    decision = route("the wardrobe for Hansen costs more than planned", HOME, head, encoder)
    assert isinstance(decision.route, ToAgent)
    assert decision.route.zone is Zone.GREY
    assert decision.route.aloud
    assert DegradationKind.UNSURE_ROUTE in {one.kind for one in decision.route.explanation.degradations}
    assert decision.arbitration is not None
    assert 2 <= len(decision.arbitration.candidates) <= 5
    text = question(decision.arbitration)
    assert "does not do: " in text
    assert "was once asked: " in text


def test_votes(head: Head, encoder: Encoder) -> None:
    """Each answer of an arbiter leads to its own route, and the vote is kept beside the head's ranking."""
    decision = route("the wardrobe for Hansen costs more than planned", HOME, head, encoder)
    assert decision.arbitration is not None
    names = tuple(one.agent for one in decision.arbitration.candidates[:2])
    shapes = {VoteKind.ONE: ToAgent, VoteKind.SEVERAL: ToPlan, VoteKind.NONE: Nobody, VoteKind.ASK: AskBack}
    for kind, shape in shapes.items():
        made = settle(decision, Vote(kind=kind, agents=names, reason="because", model="tester"), HOME)
        assert isinstance(made, shape)
        assert made.explanation.vote is not None
        assert made.explanation.ranking == decision.route.explanation.ranking


def test_no_arbiter(head: Head, encoder: Encoder) -> None:
    """Where no model could be asked, the best guess stays and the explanation says that nobody was asked."""
    decision = route("the wardrobe for Hansen costs more than planned", HOME, head, encoder)
    made = settle(decision, None, HOME)
    assert isinstance(made, ToAgent)
    assert DegradationKind.NO_ARBITER in {one.kind for one in made.explanation.degradations}


def test_reading_votes(head: Head, encoder: Encoder) -> None:
    """An arbiter's answer counts only as the asked-for object with names of candidates; anything else is no vote."""
    asked = route("the wardrobe for Hansen costs more than planned", HOME, head, encoder).arbitration
    assert asked is not None
    name = asked.candidates[0].agent
    vote = read_vote(f'Sure!\n```json\n{{"choice": "one", "agents": ["{name}"], "reason": "money"}}\n```', asked, "m")
    assert vote == Vote(kind=VoteKind.ONE, agents=(name,), reason="money", model="m")
    none = read_vote('{"choice": "none", "agents": []}', asked, "m")
    assert none is not None
    assert none.kind is VoteKind.NONE
    for answer in (
        "",
        "no idea",
        '{"choice": "one", "agents": ["made-up"]}',
        '["one"]',
        '{"choice": "perhaps"}',
        "{" * 9,
    ):
        assert read_vote(answer, asked, "m") is None


@pytest.mark.parametrize(
    "text", ["\ud800 unpaid", "x" * 300_000, "\x00\x1b[2J", "и что?", "?" * 50, "🙂", "a, " * 3000]
)
def test_strange_text(text: str, head: Head, encoder: Encoder) -> None:
    """Surrogates, control characters, other scripts and huge texts get a route like any other."""
    assert go(text, head, encoder).explanation.sentence
