"""From a request to an outcome, with a scripted model: the wall, the conversation, the parts, and every end."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import aclosing
from pathlib import Path

import pytest
from tests.conftest import Clock

from nova.app.house import Nova
from nova.app.why import reason_of, run_of
from nova.core.degradations import DegradationKind
from nova.core.errors import BadInput, Unknown
from nova.core.events import ContextAssembled, GateDecided, ModelCalled, RunFinished, ToolReturned
from nova.core.labels import Scope
from nova.core.outcomes import Done, Failed, NeedsInput, Stopped
from nova.core.requests import Principal, Request
from nova.core.routes import ToPlan
from nova.settings.home import find_home
from nova.store import events, runs
from nova.testing import Call, Say, ScriptedModel
from nova.testing.house import a_home, a_nova, ask

SECRET = "canary-7f3a-the-clients-margin"


@pytest.fixture
def projects(tmp_path: Path) -> dict[str, tuple[str, Path]]:
    """Two small repositories: a shop with a secret in it, and a blog."""
    made: dict[str, tuple[str, Path]] = {}
    for name, kind, text in (("shop", "parts-shop", f"The margin is {SECRET}.\n"), ("diary", "blog", "A post.\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "README.md").write_text(text, encoding="utf-8")
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        made[name] = (kind, folder)
    return made


def a_house(tmp_path: Path, projects: dict[str, tuple[str, Path]], model: ScriptedModel, clock: Clock) -> Nova:
    home = a_home(tmp_path / "home", projects=projects, cache=find_home(os.environ).cache)
    return a_nova(home, scripted=model, clock=clock)


async def test_a_named_agent_answers_with_a_tool(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """An explicit @agent wins; its tool call passes the gate; the answer cites what the tool gave, and is verified."""
    with ScriptedModel(Call("files_read", {"path": "README.md"}), Say("It is in `README.md:1`.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        told = await ask(nova, "@parts-catalogue what is the margin?", project="shop")
        nova.close()
    assert isinstance(told.outcome, Done)
    assert told.outcome.verified
    assert [str(citation) for citation in told.outcome.citations] == ["README.md:1"]
    assert told.routed.agents == ["parts-catalogue"]
    assert told.routed.zone == "told"
    gates = [event.happening for event in told.events if isinstance(event.happening, GateDecided)]
    assert [(gate.tool, gate.verdict) for gate in gates] == [("files_read", "allow")]
    assert [event.number for event in told.events] == list(range(1, len(told.events) + 1))


async def test_a_source_that_no_tool_gave_is_not_verified(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """An answer that cites a place nobody looked at is Done, but not verified."""
    with ScriptedModel(Say("See `invented.py:12`.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        told = await ask(nova, "where is it?", project="shop", agent="parts-catalogue")
        nova.close()
    assert isinstance(told.outcome, Done)
    assert not told.outcome.verified
    assert told.outcome.citations == ()


async def test_a_path_outside_the_project_is_denied(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """The gate denies a path that leaves the project; the model is told, and the outcome says so."""
    with ScriptedModel(Call("files_read", {"path": "../diary/README.md"}), Say("I may not.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        told = await ask(nova, "read the diary", project="shop", agent="parts-catalogue")
        nova.close()
    assert DegradationKind.TOOL_DENIED in {one.kind for one in told.outcome.degradations}
    assert not [event for event in told.events if isinstance(event.happening, ToolReturned)]


async def test_one_projects_answer_never_reaches_another_project(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """In one conversation: what was read in the shop is in no message and no row of the diary."""
    with ScriptedModel(
        Call("files_read", {"path": "README.md"}),
        Say(f"The margin is {SECRET} (`README.md:1`)."),
        Say("A post."),
        Say("Still the shop."),
    ) as model:
        nova = a_house(tmp_path, projects, model, clock)
        first = await ask(nova, "what is the margin?", project="shop", agent="parts-catalogue")
        clock.forward(minutes=1)
        talk = first.conversation
        await ask(nova, "which posts are there?", project="diary", agent="blog-writer", conversation=talk)
        clock.forward(minutes=1)
        await ask(nova, "and the margin?", project="shop", agent="parts-catalogue", conversation=talk)
        assert SECRET not in str(model.asked[2])
        assert SECRET in str(model.asked[3])
        with nova.database.read() as connection:
            diary = Scope.of("diary")
            for run in runs.latest(connection, diary):
                assert SECRET not in str(events.of_run(connection, diary, run.id))
        nova.close()


async def test_a_run_without_a_project_moves_behind_the_wall_of_the_one_it_finds(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """Asked at home, answered in the only project of the agent's kind: everything read there is under its scope."""
    with ScriptedModel(Call("files_read", {"path": "README.md"}), Say(SECRET)) as model:
        nova = a_house(tmp_path, projects, model, clock)
        told = await ask(nova, "what is the margin?", agent="parts-catalogue")
        run = run_of(nova, told.run)
        assert (run.scope, run.project) == ("shop", "shop")
        with nova.database.read() as connection:
            assert SECRET not in str(events.of_run(connection, Scope.of("home"), run.id))
            assert SECRET not in str(runs.latest(connection, Scope.of("home")))
            assert SECRET in str(events.of_run(connection, Scope.of("shop"), run.id))
        nova.close()


async def test_which_project_is_asked_and_answered_by_number(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """When an agent could mean several projects it asks; the number alone is the whole answer."""
    with ScriptedModel(Say("On main.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        first = await ask(nova, "where did I leave off?", agent="orientation")
        assert isinstance(first.outcome, NeedsInput)
        assert [option.partition(":")[0] for option in first.outcome.options] == ["in diary", "in shop"]
        clock.forward(minutes=1)
        second = await ask(nova, "2", conversation=first.conversation)
        assert isinstance(second.outcome, Done)
        assert run_of(nova, second.run).project == "shop"
        nova.close()


async def test_several_agents_answer_their_parts_and_are_named(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """A request that spans agents runs part by part, each in its own project, and the answer names who said what."""
    with ScriptedModel(Say("The price is 4."), Say("A title.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        text = "what does part SW-10442 cost in the shop, and draft a title for the next blog post in the diary"
        told = await ask(nova, text)
        assert isinstance(told.outcome, Done)
        assert "**parts-catalogue**" in told.outcome.text
        assert "**blog-writer**" in told.outcome.text
        reason = reason_of(nova, told.run)
        assert isinstance(reason.route, ToPlan)
        assert [part.run.project for part in reason.parts] == ["shop", "diary"]
        assert reason.run.label.scopes >= {"shop", "diary"}
        nova.close()


async def test_what_one_project_gave_does_not_go_into_another(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """A part that needs an earlier one of another project goes without its text, and the outcome says why."""
    with ScriptedModel(Say("The price is 4."), Say("A title.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        text = "what does part SW-10442 cost in the shop, and then draft a title for the next blog post in the diary"
        told = await ask(nova, text)
        assert [part.run.project for part in reason_of(nova, told.run).parts] == ["shop", "diary"]
        assert "The price is 4." not in str(model.asked[1])
        cut = [one.what for one in told.outcome.degradations if one.kind is DegradationKind.HANDOFF_CUT]
        assert cut == [
            "Not passed on to blog-writer: “The price is 4.” comes from shop, which blog-writer may not read here."
        ]
        nova.close()


async def test_a_visitor_reaches_one_agent(tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock) -> None:
    """Whatever a visitor asks or names, visitor-guide answers, without profile, project or tools."""
    with ScriptedModel(Say("Hello.")) as model:
        nova = a_house(tmp_path, projects, model, clock)
        told = await ask(nova, "what services do you offer and what do they cost?", principal=Principal.VISITOR)
        assert set(told.routed.agents) <= {"visitor-guide"}
        named = await ask(nova, "@parts-catalogue the margin please", principal=Principal.VISITOR)
        assert isinstance(named.outcome, Failed)
        assert "parts-catalogue" not in named.outcome.mend
        contexts = [event.happening for event in told.events if isinstance(event.happening, ContextAssembled)]
        kinds = {str(piece["kind"]) for context in contexts for piece in context.pieces if isinstance(piece, dict)}
        assert kinds <= {"agent", "request", "conversation"}
        nova.close()


async def test_closing_the_stream_stops_the_run(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """Whoever stops listening stops the run: the record ends with Stopped by a person, and nothing runs on."""
    model = ScriptedModel(Say("never said"), latency_seconds=30)
    nova = a_house(tmp_path, projects, model, clock)
    request = Request(
        text="what is the margin?", principal=Principal.OWNER, at=clock(), project="shop", agent="parts-catalogue"
    )
    async with aclosing(nova.ask(request)) as stream:
        async for event in stream:
            if isinstance(event.happening, ContextAssembled):
                break
    run = run_of(nova, "")
    assert isinstance(run.outcome, Stopped)
    assert run.outcome.reason == "person"
    last = reason_of(nova, run.id).events[-1].happening
    assert isinstance(last, RunFinished)
    assert last.state == "stopped"
    nova.close()


async def test_a_project_whose_folder_is_gone_is_named(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """A project that points nowhere fails with its path and the file to mend, and no model is called."""
    with ScriptedModel() as model:
        nova = a_house(tmp_path, {"shop": ("parts-shop", tmp_path / "gone")}, model, clock)
        told = await ask(nova, "what is the margin?", project="shop", agent="parts-catalogue")
        nova.close()
    assert isinstance(told.outcome, Failed)
    assert "gone" in told.outcome.what
    assert "shop.md" in told.outcome.mend
    assert not [event for event in told.events if isinstance(event.happening, ModelCalled)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no question"),
        ("  \n\t ", "no question"),
        ("x" * 200_000, "too long"),
        ("\x00\x01\x02\x03\x04\x05\x06\x07" * 20, "binary"),
        ("\ud800\udfff" * 50, "binary"),
    ],
)
async def test_what_is_no_question_is_refused_before_anything_is_recorded(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock, text: str, said: str
) -> None:
    """Empty, huge and binary input get a sentence, and leave no run behind."""
    with ScriptedModel() as model:
        nova = a_house(tmp_path, projects, model, clock)
        with pytest.raises(BadInput, match=said):
            await ask(nova, text)
        with nova.database.read() as connection:
            assert runs.latest(connection, nova.everything) == []
        nova.close()


@pytest.mark.parametrize(("project", "agent"), [("shopp", None), (None, "parts-catalog")])
async def test_unknown_names_are_met_with_the_nearest(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock, project: str | None, agent: str | None
) -> None:
    """An unknown project or agent is named, with the one that was probably meant."""
    with ScriptedModel() as model:
        nova = a_house(tmp_path, projects, model, clock)
        if project:
            with pytest.raises(Unknown, match="Did you mean shop"):
                await ask(nova, "what is the margin?", project=project)
        else:
            told = await ask(nova, "what is the margin?", project="shop", agent=agent)
            assert isinstance(told.outcome, Failed)
            assert "parts-catalogue" in told.outcome.mend
        nova.close()


async def test_two_requests_side_by_side_keep_their_records_apart(
    tmp_path: Path, projects: dict[str, tuple[str, Path]], clock: Clock
) -> None:
    """Two runs at the same time on one home: each record is whole and numbered without gaps."""
    with ScriptedModel(*[Say("yes")] * 6, latency_seconds=0.02) as model:
        nova = a_house(tmp_path, projects, model, clock)
        asked = [ask(nova, f"margin {number}?", project="shop", agent="parts-catalogue") for number in range(6)]
        for told in await asyncio.gather(*asked):
            assert [event.number for event in told.events] == list(range(1, len(told.events) + 1))
            assert isinstance(told.outcome, Done)
        nova.close()
