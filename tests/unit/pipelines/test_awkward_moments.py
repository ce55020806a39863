"""Answers, stops and pins that come while a run is being walked: each counts, and none breaks the record."""

from __future__ import annotations

import asyncio

from tests.support.a_crew import EVERYTHING, AHome, a_plan

from nova.core.outcomes import Done
from nova.core.plans import Plan
from nova.core.reviews import Answer
from nova.core.runs import RunState
from nova.store import events


def asking_beside_work() -> Plan:
    """A review, and beside it a tool that takes its time."""
    return a_plan(
        {
            "ask": {"review": "Shall it?", "show": {"payload": {"a": 1}}},
            "slow": {"tool": "look", "with": {"a": "1"}},
            "then": {"tool": "look", "with": {"a": "${ask.output.answer}"}},
        }
    )


async def until_asked(home: AHome) -> str:
    """The review, as soon as it is there."""
    async with asyncio.timeout(20):
        while not home.waiting():  # noqa: ASYNC110 - the other side is a row
            await asyncio.sleep(0.01)
    return home.waiting()[0].id


async def test_an_answer_that_comes_while_another_branch_works_breaks_nothing(home: AHome) -> None:
    """The answer is written into the record that the leg writes too; the run goes on, and its numbers have no gap."""
    home.crew.tools["look"] = [0.4]
    run = home.begin(asking_beside_work())
    leg = asyncio.create_task(home.walk(run.id))
    home.answer(await until_asked(home), Answer.APPROVE)
    assert isinstance(await leg, Done)
    assert home.row(run.id).state is RunState.DONE
    with home.database.read() as connection:
        found = events.of_run(connection, EVERYTHING, run.id)
    assert [event.number for event in found] == list(range(1, len(found) + 1))
    assert "ReviewAnswered" in [type(event.happening).__name__ for event in found]
