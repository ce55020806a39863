"""An agent starts a pipeline: a run of its own that waits for the owner, survives a kill, and makes no circle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.terminal import repository

from nova.app.house import Nova
from nova.app.working import Working, somebody_works
from nova.core.degradations import DegradationKind
from nova.core.events import Event, GateDecided, ToolReturned
from nova.core.json import Json
from nova.core.outcomes import Done
from nova.core.requests import Principal
from nova.core.reviews import Answer
from nova.core.runs import RunState
from nova.core.steps import StepState, Walk, WalkState
from nova.pipelines import again
from nova.pipelines.reviews import Given, answer
from nova.settings.home import Home
from nova.store import reviews, steps, walks
from nova.testing.house import Told, a_home, a_nova, ask
from nova.testing.scripted import Call, Say, ScriptedModel

COUNT = """\
id: count
version: 1
description: Counts the words of a file.
inputs:
  path: {type: string}
outputs: {text: "${words.output.headline}"}
nodes:
  words: {tool: text_counts, with: {path: "${inputs.path}"}}
"""
APPROVED = """\
id: approved
version: 1
description: Asks before it says that it was done.
outputs: {text: "It was said: ${ask.output.answer}"}
nodes:
  look: {tool: git_status}
  ask: {review: "Shall it be?", if_ignored: "Nothing happens.", after: [look]}
"""
TALKED = """\
id: talked
version: 1
description: Looks, and asks an agent.
outputs: {text: "${say.output.text}"}
nodes:
  look: {tool: git_status}
  say: {agent: pipeline-runner, task: "What now?", after: [look]}
"""
CHAINED = """\
id: {name}
version: 1
description: An agent of it starts another pipeline.
nodes:
  say: {{agent: pipeline-runner, task: "Start the next one."}}
"""
PIPELINES = {
    "count": COUNT, "approved": APPROVED, "talked": TALKED,
    **{name: CHAINED.format(name=name) for name in ("first", "second", "third")},
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the projects blog and shop, and some pipelines."""
    folders = {
        name: repository(tmp_path / name, posts__first_dot_md="# First\n\nSome words.\n") for name in ("blog", "shop")
    }
    made = a_home(
        tmp_path / "home",
        agents=["pipeline-runner"],
        projects={name: ("blog", folder) for name, folder in folders.items()},
    )
    (made.root / "pipelines").mkdir()
    for name, text in PIPELINES.items():
        (made.root / "pipelines" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return made


@contextmanager
def opened(home: Home, *replies: Say | Call) -> Generator[Nova]:
    """The home with a model that says this and nothing else."""
    with ScriptedModel(*replies) as model:
        nova = a_nova(home, scripted=model)
        try:
            yield nova
        finally:
            nova.close()


def start(pipeline: str, **inputs: str) -> Call:
    """The model's call."""
    return Call("pipelines_start", {"pipeline": pipeline, "inputs": dict(inputs)})


async def told(nova: Nova, text: str = "Do it.", principal: Principal = Principal.OWNER) -> Told:
    """Asks the agent that looks after pipelines, in the project blog."""
    return await ask(nova, text, project="blog", agent="pipeline-runner", principal=principal)


def returned(heard: Told) -> list[str]:
    """What the tools of a run gave back."""
    return [one.happening.text for one in heard.events if isinstance(one.happening, ToolReturned)]


def walked(nova: Nova, name: str) -> list[Walk]:
    """The durable runs of a pipeline."""
    with nova.database.read() as connection:
        return walks.listed(connection, nova.everything, nova.pipelines.blobs, name=name)


async def first(nova: Nova) -> list[str]:
    """Runs the pipeline `first`; what tools gave back in it."""
    heard: list[Event] = []
    await nova.pipelines.run("first", {}, project="blog", heard=heard.append)
    return [one.happening.text for one in heard if isinstance(one.happening, ToolReturned)]


async def seen(condition: Callable[[], bool]) -> None:
    """Waits until something is so, a minute at most."""
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")


async def test_a_call_runs_the_pipeline_and_gives_what_it_gave(home: Home) -> None:
    """The pipeline runs as a root of its own in the agent's project, the record says who started it, and its words
    come back."""
    with opened(home, start("count", path="posts/first.md"), Say("It has been counted.")) as nova:
        heard = await told(nova)
        (walk,) = walked(nova, "count")
        row = nova.pipelines.row_of(walk.run)
        assert isinstance(heard.outcome, Done)
        assert (row.parent, row.project, row.state, row.principal) == ("", "blog", RunState.DONE, "owner")
        assert walk.trigger == f"agent pipeline-runner in run {heard.run}"
        assert f"count ran and is done (run {walk.run})" in returned(heard)[0]
        assert "2 words in 1 sentence" in returned(heard)[0]
        rules = [one.happening.rule for one in heard.events if isinstance(one.happening, GateDecided)]
        assert rules == ["own-pipeline"]


async def test_inputs_come_from_the_owners_words_where_the_model_gives_none(home: Home) -> None:
    """What the owner said beside an input's name is that input."""
    call = Call("pipelines_start", {"pipeline": "count"})
    with opened(home, call, Say("Counted.")) as nova:
        await told(nova, "count the words, path posts/first.md")
        (walk,) = walked(nova, "count")
        assert walk.inputs == {"path": "posts/first.md"}


async def test_a_pipeline_that_cannot_begin_begins_nothing(home: Home) -> None:
    """Missing inputs and unknown names reach the model as sentences, and the outcome names what failed."""
    with opened(home, start("count"), start("coutn"), Say("It could not be started.")) as nova:
        heard = await told(nova)
        missing, unknown = returned(heard)
        assert "“path” is missing" in missing
        assert "count" in unknown
        assert walked(nova, "count") == []
        assert {one.kind for one in heard.outcome.degradations} >= {DegradationKind.TOOL_FAILED}


async def test_a_pipeline_that_fails_is_a_failure_of_the_call(home: Home) -> None:
    """What failed, where, and the command that goes on are told; nothing looks done that is not."""
    with opened(home, start("count", path="missing.md"), Say("That did not work.")) as nova:
        heard = await told(nova)
        (walk,) = walked(nova, "count")
        assert returned(heard)[0].startswith("FAILED: count ran and did not end well")
        assert f"nova runs retry {walk.run}" in returned(heard)[0]
        assert any(one.kind is DegradationKind.TOOL_FAILED for one in heard.outcome.degradations)


async def test_a_review_is_told_with_the_way_to_answer_it(home: Home) -> None:
    """A run that waits for the owner costs nothing; the model is told what is asked, and the answer goes on with it."""
    with opened(home, start("approved"), Say("It waits for you.")) as nova:
        heard = await told(nova)
        (walk,) = walked(nova, "approved")
        with nova.database.read() as connection:
            (review,) = reviews.waiting(connection, nova.everything, nova.pipelines.blobs, root=walk.run)
        assert walk.state is WalkState.PARKED
        assert f"nova reviews approve {review.id}" in returned(heard)[0]
        answer(nova.pipelines.waking(), review.id, Given(answer=Answer.APPROVE, digest=review.digest))
        (walk,) = walked(nova, "approved")
        ran = await nova.pipelines.walk(walk.run, walk.leg)
        assert isinstance(ran.outcome, Done)
        assert ran.outcome.text == "It was said: approve"


@pytest.mark.parametrize("principal", [Principal.WEBHOOK, Principal.VISITOR])
async def test_nobody_else_starts_one(home: Home, principal: Principal) -> None:
    """What a webhook or a visitor asks for starts no pipeline of the owner's."""
    with opened(home) as nova:
        model = ScriptedModel(start("count", path="posts/first.md"), Say("No."))
        again_ = a_nova(home, scripted=model)
        heard = await told(again_, principal=principal)
        rules = [
            (one.happening.verdict, one.happening.rule)
            for one in heard.events
            if isinstance(one.happening, GateDecided)
        ]
        again_.close()
        assert walked(nova, "count") == []
        if principal is Principal.WEBHOOK:
            assert rules == [("deny", "own-pipeline")]
        else:
            assert all(verdict == "deny" for verdict, _ in rules)


async def test_a_pipeline_does_not_start_itself_through_an_agent(home: Home) -> None:
    """An agent in a step is refused the pipeline that it is a step of, and is told the circle."""
    with opened(home, start("first"), Say("It would go round.")) as nova:
        heard = await first(nova)
        assert len(walked(nova, "first")) == 1
        assert "It would go round in a circle: first -> first." in heard[0]


async def test_pipelines_that_start_one_another_are_few(home: Home) -> None:
    """A pipeline whose agent starts a pipeline whose agent starts one comes to an end, and says why."""
    settings = home.settings_file.read_text(encoding="utf-8")
    home.settings_file.write_text(settings.replace("\n[tree]\n", "\n[tree]\ndepth_max = 2\n"), encoding="utf-8")
    with opened(home, start("second"), start("third"), Say("Refused."), Say("Started.")) as nova:
        await first(nova)
        assert (len(walked(nova, "second")), len(walked(nova, "third"))) == (1, 0)
        (walk,) = walked(nova, "second")
        with nova.database.read() as connection:
            (step,) = steps.of_run(connection, nova.everything, walk.run, nova.pipelines.blobs).values()
        assert isinstance(step.output, dict)
        assert step.output["text"] == "Refused."


async def test_a_run_of_another_project_is_not_seen(home: Home) -> None:
    """Looking at runs from a project shows that project's and the home's, whatever is asked for."""
    with opened(home) as nova:
        mine = await nova.pipelines.run("count", {"path": "posts/first.md"}, project="blog")
        other = await nova.pipelines.run("count", {"path": "posts/first.md"}, project="shop")
    asked: list[dict[str, Json]] = [{}, {"run": mine.run[:8]}, {"run": other.run}]
    calls = [Call("runs_look", given) for given in asked]
    with opened(home, *calls, Say("Seen.")) as nova:
        listed, whole, foreign = returned(await told(nova))
        assert mine.run in listed
        assert "step words: done" in whole
        assert foreign.startswith("FAILED: There is no one run")
        assert other.run not in listed


async def test_a_worker_runs_what_an_agent_starts(home: Home) -> None:
    """Where a worker is at work the run goes into its queue, and the agent still tells how it ended."""
    with opened(home, start("count", path="posts/first.md"), Say("Counted.")) as nova:
        working = Working(nova, heard=lambda _event: None)
        task = asyncio.create_task(working.worker.run())
        await seen(lambda: somebody_works(nova))
        heard = await told(nova)
        working.worker.stop()
        await task
        (walk,) = walked(nova, "count")
        assert walk.holder == working.worker.executor
        assert f"count ran and is done (run {walk.run})" in returned(heard)[0]


DYING = """
import asyncio, sys
from pathlib import Path
from nova.settings.home import Home
from nova.testing.house import a_nova, ask
from nova.testing.scripted import Call, Say, ScriptedModel
root = Path(sys.argv[1])
home = Home(root=root, data=root / ".nova", cache=root / ".cache")
model = ScriptedModel(Call("pipelines_start", {"pipeline": "talked"}), Say("never heard"), latency_seconds=1.0)
asyncio.run(ask(a_nova(home, scripted=model), "Do it.", project="blog", agent="pipeline-runner"))
"""


def dying(home: Home) -> subprocess.Popen[bytes]:
    """A process in which the agent starts a pipeline whose second step takes a second."""
    path = os.pathsep.join(sys.path)
    return subprocess.Popen([sys.executable, "-c", DYING, str(home.root)], env={**os.environ, "PYTHONPATH": path})


async def test_a_killed_process_loses_the_step_in_flight_only(home: Home) -> None:
    """When the agent's process is killed, the pipeline's finished steps stay, and its run is taken up alone."""
    with opened(home, Say("Here I am.")) as nova:
        assert walked(nova, "talked") == []
        child = dying(home)
        try:
            await seen(lambda: _looked(nova))
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        (walk,) = walked(nova, "talked")
        before = _steps(nova, walk.run)
        assert (before["look"].state, before["say"].state) == (StepState.DONE, StepState.RUNNING)
        taken = again.resume(nova.pipelines.waking(), walk.run, by_force=True)
        ran = await nova.pipelines.walk(taken.run, taken.leg)
        after = _steps(nova, walk.run)
        assert isinstance(ran.outcome, Done)
        assert ran.outcome.text == "Here I am."
        assert after["look"] == before["look"]


def _looked(nova: Nova) -> bool:
    """Whether the first step is done and the second has begun."""
    found = walked(nova, "talked")
    return bool(found) and _steps(nova, found[0].run).keys() >= {"look", "say"}


def _steps(nova: Nova, run: str) -> dict[str, steps.Step]:
    with nova.database.read() as connection:
        return steps.of_run(connection, nova.everything, run, nova.pipelines.blobs)
