"""Conversations over a whole Nova: forked, moved, closed and continued, with what reaches a model looked at."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conftest import Clock

from nova.app import conversations as talks
from nova.app import forking, naming
from nova.app.house import Nova
from nova.app.why import reason_of, run_of
from nova.coordinator import conversation
from nova.core.errors import BadInput, Unknown
from nova.core.events import ContextAssembled, Routed
from nova.core.ids import new_id
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done, NeedsInput
from nova.core.requests import Principal
from nova.core.routes import AskBack, Reading, RouteExplanation, ToPlan, Zone
from nova.core.routes_json import route_to_json
from nova.core.runs import Run, RunState
from nova.settings.home import find_home
from nova.store.record import Record
from nova.store.tables import METADATA
from nova.testing import Say, ScriptedModel
from nova.testing.house import Told, a_home, a_nova, ask

CANARY = "canary-5d1e-the-clients-margin"


@pytest.fixture
def projects(tmp_path: Path) -> dict[str, tuple[str, Path]]:
    """Two small repositories: a shop and a blog."""
    made: dict[str, tuple[str, Path]] = {}
    for name, kind in (("shop", "parts-shop"), ("diary", "blog")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "README.md").write_text(f"The {name}.\n", encoding="utf-8")
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        made[name] = (kind, folder)
    return made


class Talk:
    """A Nova whose model says what it is told to, one answer for each question."""

    def __init__(self, nova: Nova, model: ScriptedModel, clock: Clock) -> None:
        self.nova, self.model, self.clock = nova, model, clock

    async def say(self, text: str, *, in_: str = "", project: str | None = "shop", agent: str = "orientation") -> Told:
        """Asks, a minute later than before."""
        self.clock.forward(minutes=1)
        return await ask(self.nova, text, project=project, agent=agent or None, conversation=in_)

    @property
    def heard(self) -> str:
        """The turns that the model was shown for the last answer, without its instructions and what was recalled."""
        return str([part for message in self.model.asked[-1] for part in message.parts])


@pytest.fixture
def talk(tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock) -> Generator[Talk]:
    """A house with two projects; the model answers `answer 0.`, `answer 1.`, and so on."""
    model = ScriptedModel(*[Say(f"answer {number}.") for number in range(40)])
    home = a_home(tmp_path / "home", projects=projects, cache=find_home(os.environ).cache)
    nova = a_nova(home, scripted=model, clock=clock)
    yield Talk(nova, model, clock)
    nova.close()


def rows_of(nova: Nova, scope: str) -> str:
    """Every row of every table that lies in this scope, as text."""
    with nova.database.read() as connection:
        tables = [table for table in METADATA.sorted_tables if "scope" in table.c]
        return "\n".join(
            str(tuple(row))
            for table in tables
            for row in connection.execute(select(table).where(table.c.scope == scope))
        )


async def test_a_fork_and_its_origin_do_not_hear_each_other(talk: Talk) -> None:
    """A fork begins with the turns up to its point; what is said later in either is not before the other's model."""
    first = await talk.say("the brass hinge?")
    await talk.say("the steel bolt?", in_=first.conversation)
    await talk.say("the oak board?", in_=first.conversation)
    point = talks.shown(talk.nova, first.conversation, number=1, count=20).runs[1]
    forked = forking.fork(talk.nova, first.conversation, point.id)
    assert (forked.turns, forked.shared, forked.title) == (2, 2, "the brass hinge?")
    await talk.say("the glass pane?", in_=forked.conversation.id)
    assert "brass hinge" in talk.heard
    assert "steel bolt" in talk.heard
    assert "oak board" not in talk.heard
    await talk.say("the tin lid?", in_=first.conversation)
    assert "oak board" in talk.heard
    assert "glass pane" not in talk.heard


async def test_a_fork_goes_on_where_the_last_shared_turn_stood(talk: Talk) -> None:
    """A follow-up right after a fork goes to who answered before it, in the same project."""
    first = await talk.say("where is the deposit computed?")
    forked = forking.fork(talk.nova, first.conversation)
    again = await talk.say("why?", in_=forked.conversation.id, project=None, agent="")
    assert (again.routed.zone, again.routed.agents) == ("followed", ["orientation"])
    assert run_of(talk.nova, again.run).project == "shop"


async def test_a_moved_conversation_brings_no_word_into_the_other_scope(talk: Talk) -> None:
    """After a move: no text, title or answer of the old scope is in the context, the record or any row of the new."""
    first = await talk.say(f"is the margin {CANARY}?")
    await talk.say(f"and {CANARY} in May?", in_=first.conversation)
    moved = talks.move(talk.nova, first.conversation, "diary")
    assert (moved.conversation.scope, moved.conversation.project) == ("diary", "diary")
    for text, agent in (("why?", ""), ("which posts are there?", "blog-writer"), ("and the first?", "")):
        told = await talk.say(text, in_=first.conversation, project=None, agent=agent)
        run = run_of(talk.nova, told.run)
        assert (run.scope, run.project) == ("diary", "diary")
        assert CANARY not in str(told.events)
    assert CANARY not in "".join(str(asked) for asked in talk.model.asked[2:])
    assert CANARY not in rows_of(talk.nova, "diary")
    assert CANARY in rows_of(talk.nova, "shop")
    [listed] = talks.listed(talk.nova, project=None, open_only=False, count_max=9)
    assert CANARY in listed.title
    assert listed.projects == ("shop", "diary")
    back = talks.move(talk.nova, first.conversation, "shop")
    await talk.say("and now?", in_=back.conversation.id, project=None)
    assert CANARY in talk.heard
    assert "which posts" not in talk.heard


@pytest.mark.parametrize("route", ["AskBack", "ToAgent"])
async def test_an_open_question_stays_behind_when_its_conversation_moves(talk: Talk, route: str) -> None:
    """A number typed after a move picks no option of the old scope: neither a reading nor a whole request."""
    nova, scope = talk.nova, Scope.of("shop")
    talk_id = conversation.begin(nova.database, scope, talk.clock(), project="shop", first=f"the {CANARY} one")
    asked = AskBack(
        text=f"the {CANARY} one",
        question=f"Which {CANARY}?",
        readings=(Reading(agent="orientation", what="where"), Reading(agent="decisions", what="why")),
        zone=Zone.ASK,
        explanation=RouteExplanation(zone=Zone.ASK, sentence=f"open: {CANARY}"),
    )
    run = Run(
        id=new_id("r"), conversation=talk_id, request=f"the {CANARY} one", principal="owner", scope="shop",
        label=Label(scopes=frozenset({"shop"})), state=RunState.RUNNING, started_at=talk.clock(), last_at=talk.clock(),
        project="shop", route=route, agents=("orientation",),
    )  # fmt: skip
    record = Record(nova.database, scope, run, now=talk.clock)
    record.begin(Routed(kind="AskBack", agents=[], zone="ask", decision=route_to_json(asked)))
    options = (f"where {CANARY} is", f"why {CANARY} is")
    asks_back = NeedsInput(question="Which?", options=options)
    record.save(replace(run, state=RunState.NEEDS_INPUT, outcome=asks_back))
    talks.move(nova, talk_id, "diary")
    told = await talk.say("1", in_=talk_id, project=None, agent="")
    assert run_of(nova, told.run).request == "1"
    assert CANARY not in str(told.events)
    assert CANARY not in rows_of(nova, "diary")


async def test_a_part_in_another_project_hears_nothing_of_the_first(talk: Talk) -> None:
    """A request over two projects: the part in the diary is not shown what was said in the shop."""
    first = await talk.say(f"is the margin {CANARY}?")
    text = "what does part SW-10442 cost in the shop, and draft a title for the next blog post in the diary"
    told = await talk.say(text, in_=first.conversation, agent="")
    reason = reason_of(talk.nova, told.run)
    assert isinstance(reason.route, ToPlan)
    assert [part.run.project for part in reason.parts] == ["shop", "diary"]
    in_shop, in_diary = (str(asked) for asked in talk.model.asked[-2:])
    assert CANARY in in_shop
    assert CANARY not in in_diary


async def test_older_turns_are_there_as_lines_and_said_to_be(talk: Talk) -> None:
    """In a long conversation the first decision is still before the model, cited by run; the record has every turn."""
    first = await talk.say("We decided to bill deposits on the first of the month, because the bank runs then.")
    for number in range(13):
        await talk.say(f"what about shelf number {number} in hall {number}?", in_=first.conversation)
    told = await talk.say("and the other shelf?", in_=first.conversation)
    line = f"- [{first.run}] owner: We decided to bill deposits on the first of the month, because the bank runs then."
    assert line in str(talk.model.asked[-1])
    [context] = [one.happening for one in told.events if isinstance(one.happening, ContextAssembled)]
    pieces = [one["name"] for one in context.pieces if isinstance(one, dict) and one["kind"] == "conversation"]
    assert (pieces[0], len(pieces)) == ("earlier turns", 13)
    why = f"2 older turns are here as 2 lines, in full: nova conversations show {first.conversation}"
    assert [one["why"] for one in context.left_out if isinstance(one, dict) and one["kind"] == "conversation"] == [why]
    page = talks.shown(talk.nova, first.conversation, number=2, count=10)
    assert (len(page.runs), page.of, page.runs[0].id) == (5, 2, first.run)


async def test_turns_keep_their_order_when_the_clock_goes_backwards(talk: Talk) -> None:
    """A turn follows the one before it whatever the clock says: in what is shown, heard, forked and followed."""
    first = await talk.say("the brass hinge?")
    talk.clock.forward(hours=-3)
    second = await talk.say("the steel bolt?", in_=first.conversation)
    talk.clock.forward(minutes=-1)
    third = await talk.say("the oak board?", in_=first.conversation)
    order = [first.run, second.run, third.run]
    assert [run.id for run in talks.shown(talk.nova, first.conversation, number=1, count=9).runs] == order
    assert talk.heard.index("brass hinge") < talk.heard.index("steel bolt") < talk.heard.index("oak board")
    forked = forking.fork(talk.nova, first.conversation, second.run)
    assert [run.id for run in talks.shown(talk.nova, forked.conversation.id, number=1, count=9).runs] == order[:2]


async def test_a_closed_conversation_is_read_and_not_continued(talk: Talk) -> None:
    """Closed: the newest is another one, asking in it is refused before anything is recorded, until it is reopened."""
    first = await talk.say("the brass hinge?")
    second = await talk.say("the steel bolt?")
    nova, within = talk.nova, timedelta(hours=12)
    talks.close(nova, second.conversation)
    newest = conversation.newest(nova.database, nova.everything, talk.clock(), within)
    assert newest is not None
    assert newest.id == first.conversation
    with pytest.raises(BadInput, match="is closed since 2026-11-20"):
        await talk.say("and?", in_=second.conversation)
    with pytest.raises(BadInput, match="closed since"):
        talks.close(nova, second.conversation)
    assert talks.shown(nova, second.conversation, number=1, count=5).runs[0].request == "the steel bolt?"
    talks.reopen(nova, second.conversation)
    with pytest.raises(BadInput, match="is open"):
        talks.reopen(nova, second.conversation)
    assert isinstance((await talk.say("and?", in_=second.conversation)).outcome, Done)


async def test_a_number_of_thousands_of_digits_is_a_request_like_any_other(talk: Talk) -> None:
    """Where options wait, a number that is none of them is no crash."""
    first = await talk.say("where did I leave off?", project=None)
    assert isinstance(first.outcome, NeedsInput)
    told = await talk.say("1" * 5000, in_=first.conversation, project="shop")
    assert isinstance(told.outcome, Done)


async def test_the_newest_is_of_the_project_that_is_asked_for(talk: Talk) -> None:
    """With a project, the newest conversation that stands in it is meant; after half a day none is."""
    first = await talk.say("the brass hinge?")
    await talk.say("which posts?", project="diary", agent="blog-writer")
    nova, within = talk.nova, timedelta(hours=12)
    found = conversation.newest(nova.database, nova.everything, talk.clock(), within, project="shop")
    assert found is not None
    assert found.id == first.conversation
    talk.clock.forward(hours=13)
    assert conversation.newest(nova.database, nova.everything, talk.clock(), within) is None


async def test_a_name_works_wherever_an_id_does(talk: Talk) -> None:
    """A name finds its conversation in any case; an unknown one is met with the nearest."""
    first = await talk.say("the brass hinge?")
    naming.name(talk.nova, first.conversation, "  Hinge  prices ")
    nova = talk.nova
    assert conversation.find(nova.database, nova.everything, "hinge PRICES").id == first.conversation
    with pytest.raises(Unknown, match="Did you mean Hinge prices"):
        talks.shown(nova, "hinge price", number=1, count=5)
    naming.name(nova, "Hinge prices", "hinges")
    assert talks.listed(nova, project=None, open_only=True, count_max=5)[0].conversation.name == "hinges"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("taken", "is already called “Taken”"),
        ("", "begins with a letter or a digit"),
        ("  ", "begins with a letter or a digit"),
        ("--force", "begins with a letter or a digit"),
        ("c1234567ab", "looks like the id"),
        ("c12ab", "looks like the id"),
        ("C", "looks like the id"),
        ("x" * 61, "60 is the most"),
    ],
)
async def test_a_name_that_could_mean_two_is_refused(talk: Talk, name: str, said: str) -> None:
    """A name is unique, and is no id; what is refused changes nothing."""
    first, second = await talk.say("the brass hinge?"), await talk.say("the steel bolt?")
    naming.name(talk.nova, first.conversation, "Taken")
    with pytest.raises(BadInput, match=said):
        naming.name(talk.nova, second.conversation, name)
    listed = talks.listed(talk.nova, project=None, open_only=False, count_max=9)
    assert {one.conversation.name for one in listed} == {"Taken", ""}


async def test_what_cannot_be_forked_or_moved_is_said(talk: Talk) -> None:
    """A run of another conversation, the project it is in, a chain of forks without end: each has its sentence."""
    first, second = await talk.say("the brass hinge?"), await talk.say("the steel bolt?")
    nova = talk.nova
    with pytest.raises(BadInput, match=f"{second.run} is no turn of {first.conversation}; it was said in"):
        forking.fork(nova, first.conversation, second.run)
    with pytest.raises(Unknown, match="no run named"):
        forking.fork(nova, first.conversation, "r0000000000")
    with pytest.raises(BadInput, match="is in shop already"):
        talks.move(nova, first.conversation, "shop")
    with pytest.raises(Unknown, match="Did you mean diary"):
        talks.move(nova, first.conversation, "diari")
    for which in ("", "   "):
        with pytest.raises(BadInput, match="No conversation was given"):
            talks.close(nova, which)
    with pytest.raises(BadInput, match="More than one conversation begins with c"):
        talks.close(nova, "c")
    later = await talk.say("the oak board?", in_=first.conversation)
    deep = forking.fork(nova, first.conversation, first.run)
    with pytest.raises(BadInput, match=f"{later.run} is no turn of"):
        forking.fork(nova, deep.conversation.id, later.run)
    for _ in range(15):
        deep = forking.fork(nova, deep.conversation.id)
    with pytest.raises(BadInput, match="16 forks"):
        forking.fork(nova, deep.conversation.id)


async def test_a_conversation_that_is_not_there_is_refused_before_anything_is_recorded(talk: Talk) -> None:
    """A request in an unknown conversation gets a sentence, and leaves no run behind."""
    with pytest.raises(Unknown, match="no conversation named"):
        await talk.say("hello", in_="c0000000000")
    assert talks.listed(talk.nova, project=None, open_only=False, count_max=9) == ()


async def test_a_visitor_goes_on_only_in_what_a_visitor_began(talk: Talk) -> None:
    """Whoever knows the id of the owner's conversation is told nothing of it, not even that it is there."""
    first = await talk.say("the brass hinge?", project=None, agent="general-chat")
    with pytest.raises(Unknown, match="no conversation named"):
        await ask(talk.nova, "and?", conversation=first.conversation, principal=Principal.VISITOR)
    talks.close(talk.nova, first.conversation)
    with pytest.raises(Unknown, match="no conversation named"):
        await ask(talk.nova, "and?", conversation=first.conversation, principal=Principal.VISITOR)
    visit = await ask(talk.nova, "what services do you offer?", principal=Principal.VISITOR)
    again = await ask(talk.nova, "and prices?", conversation=visit.conversation, principal=Principal.VISITOR)
    assert again.conversation == visit.conversation


async def test_said_things_are_found_by_their_words_grouped_by_conversation(talk: Talk) -> None:
    """A search shows the matching turns with their runs under their conversation, and a project narrows it."""
    first = await talk.say("Where do we keep the brass hinges of the supplier?")
    await talk.say("Which posts speak of gardens?", project="diary", agent="blog-writer")
    found = talks.search(talk.nova, "brass hinges", project=None, count_max=10)
    assert found.conversations[0].conversation == first.conversation
    assert first.run in {said.run for said, _ in found.conversations[0].episodes}
    inside = talks.search(talk.nova, "brass hinges", project="diary", count_max=10)
    assert first.conversation not in {one.conversation for one in inside.conversations}
