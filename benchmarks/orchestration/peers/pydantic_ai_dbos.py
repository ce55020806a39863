"""pydantic-ai with DBOSDurability on DBOS' own SQLite defaults: agents called in turn inside one workflow."""

from __future__ import annotations

import asyncio
from importlib.metadata import version

from dbos import DBOS, DBOSConfig
from pydantic_ai import Agent
from pydantic_ai.durable_exec.dbos import DBOSDurability
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
from timing import Script, given, side, tell

TASK, FOLDER = given()
SCRIPT = Script(TASK)


async def answer(messages, info) -> ModelResponse:
    """The scripted model."""
    return ModelResponse(parts=[TextPart(await SCRIPT.answer())])


def agents(steps, durable: bool):
    """One agent for each step."""
    model = FunctionModel(answer)
    return [
        Agent(
            model,
            name=step.name,
            instructions=step.instructions,
            capabilities=[DBOSDurability()] if durable else [],
        )
        for step in steps
    ]


BARE = agents(TASK.steps, False)
LINE = agents(TASK.steps, True)
STAR = agents(TASK.beside, True)


@DBOS.workflow()
async def line(text: str) -> list[str]:
    """The steps one after the other."""
    return await in_turn(LINE, text)


@DBOS.workflow()
async def star(text: str) -> list[str]:
    """All agents side by side."""
    return [result.output for result in await asyncio.gather(*(one.run(text) for one in STAR))]


async def in_turn(chain, text: str) -> list[str]:
    """Each agent works on what the one before it said."""
    for one in chain:
        text = (await one.run(text)).output
    return [text]


async def main() -> None:
    """Measures."""
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": f"sqlite:///{FOLDER / 'dbos.sqlite'}",
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    measured = await side(
        f"pydantic-ai {version('pydantic-ai-slim')} + dbos {version('dbos')}",
        "every model call; restarts by itself",
        SCRIPT,
        bare=lambda: in_turn(BARE, TASK.request),
        pipeline=lambda: line(TASK.request),
        beside=lambda: star(TASK.request),
    )
    tell(measured)
    DBOS.destroy()


asyncio.run(main())
