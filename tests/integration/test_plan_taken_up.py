"""A request in parts whose process died in the middle of a part: taken up, it is answered as it would have been."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls
from tests.conftest import Clock
from tests.integration.terminal import repository

from nova.app.house import Nova
from nova.app.why import run_of
from nova.core.outcomes import Done, Failed, Outcome
from nova.core.runs import RunState
from nova.models.failures import spoken
from nova.pipelines import again
from nova.settings.home import find_home
from nova.store import runs
from nova.testing import Fault, Say, ScriptedModel
from nova.testing.house import a_home, a_nova, ask

KINDS = {"shop": "parts-shop", "diary": "blog"}
TEXT = "what does part SW-10442 cost in the shop, and draft a title for the next blog post in the diary"


class Dies(ScriptedModel):
    """Its second call is the moment of the crash: `then` is called when the first part has long ended."""

    def __init__(self, then: Callable[[], object], *replies: Say | Fault) -> None:
        super().__init__(*replies)
        self._then, self._calls_made = then, 0

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        self._calls_made += 1
        if self._calls_made == 2:
            await asyncio.sleep(0.3)
            self._then()
        async for piece in super()._stream(messages, info):
            yield piece


def put_back(kept: Path, file: Path) -> None:
    """The database as it was when the process died."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    shutil.copy(kept, file)


async def taken_up(
    tmp_path: Path, clock: Clock, first: Say | Fault, second: Say | Fault
) -> tuple[str, Outcome | None, list[RunState]]:
    """The answer without a crash, and that of the run that goes on from the middle, with the states of its parts."""
    houses, kept = list[Nova](), tmp_path / "then.db"
    model = Dies(lambda: houses[0].database.copy_to(kept), first, Say("A title."))
    folders = {name: repository(tmp_path / name, README_dot_md="Words.\n") for name in KINDS}
    projects = {name: (kind, folders[name]) for name, kind in KINDS.items()}
    nova = a_nova(
        a_home(tmp_path / "home", projects=projects, cache=find_home(os.environ).cache), scripted=model, clock=clock
    )
    houses.append(nova)
    told = await ask(nova, TEXT)
    nova.close()
    put_back(kept, nova.home.data / "nova.db")
    nova = a_nova(nova.home, scripted=ScriptedModel(second), clock=clock)
    walk = again.resume(nova.pipelines.waking(), told.run, by_force=True)
    ran = await nova.pipelines.walk(told.run, walk.leg)
    with nova.database.read() as connection:
        parts = sorted(one.state for one in runs.parts_of(connection, nova.everything, told.run))
    assert run_of(nova, told.run).outcome == ran.outcome
    nova.close()
    before = told.outcome
    return before.text if isinstance(before, Done) else "", ran.outcome, parts


async def test_the_answer_is_the_same_as_without_the_crash(
    tmp_path: Path,
    clock: Clock,
) -> None:
    """It names who said what, the part that was done is not asked again, and no part is left as running."""
    before, outcome, parts = await taken_up(tmp_path, clock, Say("The price is 4."), Say("A title."))
    assert isinstance(outcome, Done)
    assert outcome.text == before
    assert parts == [RunState.DONE, RunState.DONE, RunState.FAILED]


async def test_when_no_part_is_answered_it_is_not_done(
    tmp_path: Path,
    clock: Clock,
) -> None:
    """Parts that all fail make a failed answer, after a crash as without one."""
    fault = Fault(spoken(ValueError("The model is gone.")))
    _, outcome, _ = await taken_up(tmp_path, clock, fault, fault)
    assert isinstance(outcome, Failed)
    assert outcome.error == "AllPartsFailed"
