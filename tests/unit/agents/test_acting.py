"""An agent's own calls of tools that act: judged like a pipeline's, by the place each tool declares as its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.one_run import Ran, run_once
from tests.unit.tools.places import commit

from nova.core.degradations import Degradation, DegradationKind
from nova.core.events import GateDecided, ToolReturned
from nova.core.outcomes import Done
from nova.testing.scripted import Call, Say, ScriptedModel
from nova.tools.registry import toolbox
from nova.tools.spec import Arguments, Reach, Tool, ToolResult, reading, result

ACTING = ("worktree_make", "worktree_write", "worktree_diff", "draft_write")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the repository that the run works in."""
    (tmp_path / "workshop").mkdir()
    commit(tmp_path / "workshop", "Begin", {"a.txt": "one\n"}, day="2026-11-01")
    return tmp_path


async def acted(folder: Path, *calls: Call, tools: dict[str, Tool] | None = None) -> Ran:
    """A run that makes these calls, one after the other, and then says that it did."""
    offered = tools or {name: toolbox()[name] for name in ACTING}
    with ScriptedModel(*calls, Say("Done so.")) as model:
        return await run_once(folder, scripted=model, tools=offered, worktrees=folder / "worktrees")


def named(folder: Path, name: str) -> list[Path]:
    """All files of this name below a folder."""
    return list(folder.rglob(name))


def rules(ran: Ran) -> list[str]:
    """The verdict of each call and its rule."""
    found = [one.happening for one in ran.events if isinstance(one.happening, GateDecided)]
    return [f"{one.verdict}: {one.rule}" for one in found]


async def test_an_agent_writes_into_a_worktree_and_not_into_the_project(folder: Path) -> None:
    """Its change stands in a copy on a branch of its own; the owner's file is as it was."""
    ran = await acted(
        folder,
        Call("worktree_make", {"name": "try"}),
        Call("worktree_write", {"path": "a.txt", "text": "two\n"}),
        Call("worktree_diff", {}),
    )
    assert isinstance(ran.outcome, Done)
    assert rules(ran) == ["allow: own-worktree"] * 3
    assert (folder / "workshop" / "a.txt").read_text(encoding="utf-8") == "one\n"
    (copy,) = named(folder / "worktrees", "a.txt")
    assert copy.read_text(encoding="utf-8") == "two\n"
    last = [one.happening for one in ran.events if isinstance(one.happening, ToolReturned)][-1]
    assert "+two" in last.text


@pytest.mark.parametrize(
    ("name", "arguments", "rule"),
    [
        ("draft_write", {"folder": "drafts", "name": "x.md", "text": "Hello\n"}, "allow: own-worktree"),
        ("draft_write", {"folder": "src", "name": "x.md", "text": "Hello\n"}, "deny: not-a-draft"),
        ("draft_write", {"folder": "../drafts", "name": "x.md", "text": "Hello\n"}, "deny: outside-root"),
    ],
)
async def test_a_draft_goes_where_drafts_go(folder: Path, name: str, arguments: dict[str, str], rule: str) -> None:
    """A new file in a folder for drafts is let through; anywhere else it is refused, and the answer says so."""
    ran = await acted(folder, Call(name, dict(arguments)))
    assert rules(ran) == [rule]
    assert (folder / "workshop" / "drafts" / "x.md").exists() is rule.startswith("allow")
    assert bool(ran.degraded(DegradationKind.TOOL_DENIED)) is rule.startswith("deny")


async def test_a_path_out_of_the_worktree_is_refused(folder: Path) -> None:
    """What is written in a copy is judged by the copy's folder."""
    ran = await acted(
        folder, Call("worktree_make", {"name": "try"}), Call("worktree_write", {"path": "../b.txt", "text": "x"})
    )
    assert rules(ran)[1].startswith("deny: ")
    assert named(folder, "b.txt") == []


class Nothing(Arguments):
    """No arguments."""


def a_tool(seconds: float, *degradations: Degradation, seconds_max: float = 30.0) -> dict[str, Tool]:
    """A tool that takes so long, and says what it could do only in part."""

    async def work(given: Arguments, reach: Reach) -> ToolResult:
        del given
        await asyncio.sleep(seconds)
        return replace(result("It was looked at.", [], reach), degradations=degradations)

    made = reading("look", "Looks.", Nothing, lambda given, reach: result("", [], reach))
    return {"look": replace(made, run=work, seconds_max=seconds_max)}


async def test_what_a_tool_could_do_only_in_part_reaches_the_answer(folder: Path) -> None:
    """A degradation of a result is one of the outcome."""
    half = Degradation(kind=DegradationKind.OUTPUT_CUT, what="Half of the shelf was looked at.")
    ran = await acted(folder, Call("look", {}), tools=a_tool(0.0, half))
    assert half in ran.outcome.degradations


async def test_a_tool_has_its_own_time(folder: Path) -> None:
    """The time a tool declares ends its call, not one that is the same for all."""
    ran = await acted(folder, Call("look", {}), tools=a_tool(60.0, seconds_max=0.2))
    assert ran.degraded(DegradationKind.TOOL_FAILED)
