"""LangGraph: a StateGraph whose nodes are agents, kept by AsyncSqliteSaver with durability="sync"."""

from __future__ import annotations

import asyncio
import uuid
from importlib.metadata import version
from typing import Annotated, TypedDict

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from timing import Script, Step, given, side, tell

TASK, FOLDER = given()
SCRIPT = Script(TASK)


class Chat(BaseChatModel):
    """Answers what the task says."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools, **options):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **options):
        raise NotImplementedError("this benchmark is asynchronous")

    async def _agenerate(self, messages, stop=None, run_manager=None, **options):
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=await SCRIPT.answer()))])


class Line(TypedDict):
    """What flows along the pipeline."""

    text: str


class Collected(TypedDict):
    """What the agents side by side give."""

    text: str
    texts: Annotated[list[str], lambda old, new: old + new]


CHAT = Chat()


def plain(step: Step):
    """A node that calls the model itself: the lightest there is."""

    async def node(text: str) -> str:
        return str((await CHAT.ainvoke([SystemMessage(step.instructions), HumanMessage(text)])).content)

    return node


def agent(step: Step):
    """A node that runs a prebuilt agent."""
    made = create_agent(CHAT, tools=[], system_prompt=step.instructions)

    async def node(text: str) -> str:
        return str((await made.ainvoke({"messages": [HumanMessage(text)]}))["messages"][-1].content)

    return node


def line(make, saver):
    """The steps one after the other."""
    graph = StateGraph(Line)
    before = START
    for step in TASK.steps:
        work = make(step)

        async def node(state: Line, work=work) -> Line:
            return {"text": await work(state["text"])}

        graph.add_node(step.name, node)
        graph.add_edge(before, step.name)
        before = step.name
    graph.add_edge(before, END)
    return graph.compile(checkpointer=saver)


def star(make, saver):
    """All agents side by side."""
    graph = StateGraph(Collected)
    for step in TASK.beside:
        work = make(step)

        async def node(state: Collected, work=work) -> dict[str, list[str]]:
            return {"texts": [await work(state["text"])]}

        graph.add_node(step.name, node)
        graph.add_edge(START, step.name)
        graph.add_edge(step.name, END)
    return graph.compile(checkpointer=saver)


def run(graph, kept: bool):
    """One invocation on a thread of its own."""

    async def work() -> list[str]:
        given = {"text": TASK.request}
        if not kept:
            state = await graph.ainvoke(given)
        else:
            where = {"configurable": {"thread_id": uuid.uuid4().hex}}
            state = await graph.ainvoke(given, where, durability="sync")
        return state.get("texts") or [state["text"]]

    return work


async def main() -> None:
    """Measures both kinds of node."""
    sides = []
    for kind, make in (("plain nodes", plain), ("create_agent", agent)):
        async with AsyncSqliteSaver.from_conn_string(str(FOLDER / f"{make.__name__}.sqlite")) as saver:
            measured = await side(
                f"langgraph {version('langgraph')}, {kind}",
                "every superstep; restarted by hand",
                SCRIPT,
                bare=run(line(make, None), False),
                pipeline=run(line(make, saver), True),
                beside=run(star(make, saver), True),
            )
        sides.append(measured)
    tell(*sides)


asyncio.run(main())
