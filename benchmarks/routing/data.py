"""Reads routing data and draws few-shot rosters from it. Knows the file format; refuses to know the router's insides.

agents: a JSON list of {name, description, boundaries?}; train and test: JSON lines of {text, agent, intent}, agent
null for a request that is nobody's job.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, TypeAdapter

from nova.core.routes import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class AgentRow(BaseModel):
    """One agent of an agents file; `boundaries` may be any text and is never embedded."""

    name: str
    description: str = ""


class Row(BaseModel):
    """One labelled request."""

    text: str
    agent: str | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Agents, and the labelled requests to learn from and to be tested on."""

    agents: tuple[AgentRow, ...]
    train: tuple[Row, ...]
    test: tuple[Row, ...]

    @property
    def inside(self) -> tuple[Row, ...]:
        """Test requests of an agent."""
        return tuple(row for row in self.test if row.agent is not None)

    @property
    def outside(self) -> tuple[Row, ...]:
        """Test requests that are nobody's job."""
        return tuple(row for row in self.test if row.agent is None)


def read(agents: Path, train: Path, test: Path) -> Data:
    """The three files. Raises pydantic.ValidationError or OSError; labels that no agent has are refused."""
    data = Data(
        agents=tuple(TypeAdapter(list[AgentRow]).validate_json(agents.read_bytes())),
        train=_rows(train),
        test=_rows(test),
    )
    known = {agent.name for agent in data.agents}
    strange = {row.agent for row in (*data.train, *data.test) if row.agent is not None} - known
    if strange:
        raise ValueError(f"labels without an agent in {agents}: {', '.join(sorted(strange)[:5])}")
    return data


def roster(data: Data, per_agent: int | None, seed: int) -> tuple[Candidate, ...]:
    """The agents with `per_agent` training requests each (None: all), drawn round-robin over each agent's intents."""
    chooser = random.Random(seed)
    examples = {agent.name: _draw(data.train, agent.name, per_agent, chooser) for agent in data.agents}
    return tuple(
        Candidate(name=agent.name, description=agent.description, examples=examples[agent.name])
        for agent in data.agents
    )


def _rows(path: Path) -> tuple[Row, ...]:
    return tuple(Row.model_validate(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip())


def _draw(train: Sequence[Row], name: str, count: int | None, chooser: random.Random) -> tuple[str, ...]:
    pools: dict[str, list[str]] = {}
    for row in train:
        if row.agent == name:
            pools.setdefault(row.intent or "", []).append(row.text)
    for pool in pools.values():
        chooser.shuffle(pool)
    order = sorted(pools)
    chooser.shuffle(order)
    drawn: list[str] = []
    while any(pools.values()) and (count is None or len(drawn) < count):
        for intent in order:
            if pools[intent] and (count is None or len(drawn) < count):
                drawn.append(pools[intent].pop())
    return tuple(drawn)
