"""pydantic-ai's coordinator pattern: a coordinator with a typed output names the agent, then that agent runs."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel

TASK = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


class Route(BaseModel):
    """Who takes the request."""

    agent: str


class Script:
    """Answers what the task says, after its latency."""

    def __init__(self) -> None:
        self.calls = 0
        self.latency_seconds = 0.0

    async def __call__(self, messages, info) -> ModelResponse:
        self.calls += 1
        await asyncio.sleep(self.latency_seconds)
        if info.output_tools:
            return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, {"agent": TASK["agent"]})])
        if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            return ModelResponse(parts=[TextPart(TASK["answer"])])
        return ModelResponse(parts=[ToolCallPart("files_read", {"path": TASK["path"]})])


def files_read(path: str) -> str:
    """Reads a file of the project."""
    return (Path(TASK["root"]) / path).read_text(encoding="utf-8")


async def main() -> None:
    """Prints what the turns took, as JSON."""
    script = Script()
    model = FunctionModel(script)
    roster = "\n".join(f"{one['name']}: {one['description']}" for one in TASK["agents"])
    instructions = f"You are the coordinator. Name the agent that takes the request.\n{roster}"
    coordinator = Agent(model, output_type=Route, instructions=instructions)
    specialists = {
        one["name"]: Agent(model, instructions=one["description"], tools=[files_read]) for one in TASK["agents"]
    }

    async def turn() -> tuple[float, float]:
        wall, cpu, calls = time.perf_counter(), time.process_time(), script.calls
        route = (await coordinator.run(TASK["request"])).output
        result = await specialists[route.agent].run(TASK["request"])
        assert result.output == TASK["answer"]
        assert TASK["contents"] in str(result.all_messages())
        assert script.calls - calls == 3
        return time.perf_counter() - wall, time.process_time() - cpu

    for _ in range(10):
        await turn()
    cpu = [(await turn())[1] for _ in range(TASK["cpu_turns"])]
    script.latency_seconds = TASK["latency_seconds"]
    wall = [(await turn())[0] for _ in range(TASK["wall_turns"])]
    name = f"pydantic-ai {version('pydantic-ai-slim')}"
    print(json.dumps({"name": name, "model_calls": 3, "cpu_seconds": cpu, "wall_seconds": wall}))


asyncio.run(main())
