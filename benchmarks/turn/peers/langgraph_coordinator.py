"""LangGraph's coordinator pattern: a node that asks the model who takes it, then `Command(goto=...)` to a subgraph."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command

TASK = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
COORDINATOR = "You are the coordinator. Name the agent that takes the request."


class Model(BaseChatModel):
    """Answers what the task says, after its latency."""

    calls: int = 0
    latency_seconds: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools, **options):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **options):
        raise NotImplementedError("this benchmark is asynchronous")

    async def _agenerate(self, messages, stop=None, run_manager=None, **options):
        self.calls += 1
        await asyncio.sleep(self.latency_seconds)
        first, last = messages[0], messages[-1]
        if isinstance(first, SystemMessage) and str(first.content).startswith(COORDINATOR):
            message = AIMessage(content=TASK["agent"])
        elif isinstance(last, ToolMessage):
            message = AIMessage(content=TASK["answer"])
        else:
            call = {"name": "files_read", "args": {"path": TASK["path"]}, "id": f"call-{self.calls}"}
            message = AIMessage(content="", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=message)])


@tool
def files_read(path: str) -> str:
    """Reads a file of the project."""
    return (Path(TASK["root"]) / path).read_text(encoding="utf-8")


def build(model: Model):
    """The graph: one routing node, one subgraph for each of the agents."""
    roster = "\n".join(f"{one['name']}: {one['description']}" for one in TASK["agents"])
    names = {one["name"] for one in TASK["agents"]}

    async def route(state: MessagesState) -> Command:
        asked = [SystemMessage(f"{COORDINATOR}\n{roster}"), *state["messages"]]
        chosen = str((await model.ainvoke(asked)).content)
        if chosen not in names:
            raise ValueError(f"there is no agent {chosen}")
        return Command(goto=chosen)

    graph = StateGraph(MessagesState)
    graph.add_node("route", route, destinations=tuple(names))
    graph.add_edge(START, "route")
    for one in TASK["agents"]:
        graph.add_node(one["name"], create_agent(model, tools=[files_read], system_prompt=one["description"]))
        graph.add_edge(one["name"], END)
    return graph.compile()


async def main() -> None:
    """Prints what the turns took, as JSON."""
    model = Model()
    graph = build(model)

    async def turn() -> tuple[float, float]:
        wall, cpu, calls = time.perf_counter(), time.process_time(), model.calls
        state = await graph.ainvoke({"messages": [HumanMessage(TASK["request"])]})
        assert state["messages"][-1].content == TASK["answer"]
        assert any(TASK["contents"] in str(message.content) for message in state["messages"])
        assert model.calls - calls == 3
        return time.perf_counter() - wall, time.process_time() - cpu

    for _ in range(10):
        await turn()
    cpu = [(await turn())[1] for _ in range(TASK["cpu_turns"])]
    model.latency_seconds = TASK["latency_seconds"]
    wall = [(await turn())[0] for _ in range(TASK["wall_turns"])]
    name = f"langgraph {version('langgraph')}"
    print(json.dumps({"name": name, "model_calls": 3, "cpu_seconds": cpu, "wall_seconds": wall}))


asyncio.run(main())
