"""Answers from several processes at once, while the run is walked: on a file and on a server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.a_crew import ACrew, AHome, a_plan

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.outcomes import Done
from nova.core.reviews import Answer, Review
from nova.pipelines.settled import Waits
from nova.store.database import Database
from nova.store.values import Blobs

TIMES = 6


async def test_of_many_answers_at_once_one_counts(database: Database, tmp_path: Path) -> None:
    """Three answers at once beside a leg that writes all the time: one is taken, two are told so, and all goes on."""
    home = AHome(database=database, blobs=Blobs(tmp_path / "blobs"), crew=ACrew())
    each: Json = {"map": [str(number) for number in range(20)], "do": {"tool": "look", "with": {"a": "${item}"}}}
    plan = a_plan(
        {
            "ask": {"review": "Shall it?", "show": {"payload": {"a": 1}}},
            "each": each,
            "then": {"tool": "post", "with": {"a": "${ask.output.answer}"}},
        }
    )
    for _ in range(TIMES):
        run = home.begin(plan)
        leg = asyncio.create_task(home.walk(run.id))
        while not home.waiting():  # noqa: ASYNC110 - a row says it
            await asyncio.sleep(0.002)
        review = home.waiting()[0].id
        answers = [asyncio.to_thread(home.answer, review, Answer.APPROVE) for _ in range(3)]
        found = await asyncio.gather(*answers, return_exceptions=True)
        assert sum(isinstance(one, Review) for one in found) == 1, found
        assert sum(isinstance(one, BadInput) for one in found) == 2, found
        ended = await leg
        outcome = await home.walk(run.id, 2) if isinstance(ended, Waits) else ended
        assert isinstance(outcome, Done), outcome
    assert sum(one.startswith("post") for one in home.crew.did) == TIMES
