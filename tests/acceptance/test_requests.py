"""Forty requests over the example workspace with no key: the right agent, the right facts, the right sources.

Each file in requests/ holds requests of one project; what an answer must contain was written by whoever wrote the
projects, before any answer was seen. A request counts when every turn of it is right.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator
from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from nova.app.demo import prepare
from nova.app.house import Nova, open_nova
from nova.coordinator.conversation import answer_of
from nova.core.outcomes import NeedsInput
from nova.settings.home import Home, find_home
from nova.testing.house import Told, ask

REQUESTS = Path(__file__).parent / "requests"
RIGHT_MIN = 36


class Turn(BaseModel):
    """What is said, and what must come of it."""

    model_config = ConfigDict(extra="forbid")
    say: str
    agent: str = ""
    agents: list[str] = []
    ask: list[str] = []
    none: bool = False
    contains: list[str] = []
    cites: list[str] = []
    degraded: list[str] = []


class Wanted(BaseModel):
    """One request, of one turn or several."""

    model_config = ConfigDict(extra="forbid")
    id: str
    category: Literal["single", "ambiguous", "span", "conversation", "none"]
    project: str | None = None
    turns: list[Turn]


def wanted() -> list[Wanted]:
    """All requests of all files."""
    files = sorted(REQUESTS.glob("*.yaml"))
    lists = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [one for values in lists for one in TypeAdapter(list[Wanted]).validate_python(values)]


@pytest.fixture(scope="module")
def nova(tmp_path_factory: pytest.TempPathFactory) -> Generator[Nova]:
    """The demonstration's home, all 34 agents, no provider."""
    folder = tmp_path_factory.mktemp("demo")
    home = Home(root=folder / "home", data=folder / "home" / ".nova", cache=find_home(os.environ).cache)
    prepare(home, lambda _: None)
    opened = open_nova(home)
    yield opened
    opened.close()


def test_there_are_forty_of_the_right_kinds() -> None:
    """Forty requests, among them 4 ambiguous, 4 that span agents, 4 out of scope and 4 conversations."""
    kinds = [one.category for one in wanted()]
    assert len(kinds) == 40
    assert {kind: kinds.count(kind) for kind in ("ambiguous", "span", "none", "conversation")} == {
        "ambiguous": 4,
        "span": 4,
        "none": 4,
        "conversation": 4,
    }


def test_at_least_36_of_40_are_right(nova: Nova, capsys: pytest.CaptureFixture[str]) -> None:
    """With no key, at least 36 of the 40 requests get the right agent, the right facts and the right sources."""
    wrong: dict[str, list[str]] = {}
    for one in wanted():
        complaints = asyncio.run(_try(nova, one))
        if complaints:
            wrong[one.id] = complaints
    with capsys.disabled():
        print(f"\n  {40 - len(wrong)} of 40 requests are right")
        for name, complaints in wrong.items():
            print(f"  {name}: " + "; ".join(complaints))
    assert 40 - len(wrong) >= RIGHT_MIN


async def _try(nova: Nova, one: Wanted) -> list[str]:
    conversation = ""
    complaints: list[str] = []
    for turn in one.turns:
        told = await ask(nova, turn.say, project=one.project, conversation=conversation)
        conversation = told.conversation
        complaints += _complaints(turn, told)
    return complaints


def _complaints(turn: Turn, told: Told) -> list[str]:
    routed, outcome = told.routed, told.outcome
    answer = answer_of(outcome)
    found: list[str] = []
    if turn.agent and routed.agents != [turn.agent]:
        found.append(f"agent {routed.kind} {routed.agents}, wanted {turn.agent}")
    if turn.agents and sorted(map(str, routed.agents)) != sorted(turn.agents):
        found.append(f"agents {routed.kind} {routed.agents}, wanted {turn.agents}")
    if turn.ask and not (isinstance(outcome, NeedsInput) and any(name in answer for name in turn.ask)):
        found.append(f"{routed.kind} {routed.agents}, wanted a question back offering one of {turn.ask}")
    if turn.none and routed.kind != "Nobody":
        found.append(f"{routed.kind} {routed.agents}, wanted nobody")
    found += [f"misses “{text}”" for text in turn.contains if text.casefold() not in answer.casefold()]
    found += [f"does not cite {place}" for place in turn.cites if place not in answer]
    kinds = {degradation.kind.value for degradation in outcome.degradations}
    found += [f"not degraded {kind}" for kind in turn.degraded if kind not in kinds]
    return found
