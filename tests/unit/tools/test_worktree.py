"""The acting tools as a plan calls them: through the gate, with typed fields, from the worktree to the commit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.tools.places import commit, reach, run_git

from nova.core.errors import ToolFailed
from nova.core.json import Json
from nova.core.requests import Principal
from nova.policy.gate import Grant, attempt, decide
from nova.tools.registry import invoke, parse, toolbox
from nova.tools.spec import Reach, acting, reading, result

DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-one\n+two\n"


@pytest.fixture
def at(tmp_path: Path) -> Reach:
    """A project with a commit, and a place for worktrees."""
    root = tmp_path / "shop"
    root.mkdir()
    commit(root, "x", {"a.py": "one\n", "drafts/old.md": "old\n", ".env.example": "KEY=\n"})
    plain = reach(root)
    return Reach(root=plain.root, project="shop", scope=plain.scope, run="r1", worktrees=tmp_path / "trees")


async def step(
    at: Reach, name: str, principal: Principal = Principal.SCHEDULE, /, **arguments: Json
) -> dict[str, Json]:
    """One step of a plan: arguments, gate, tool; its typed fields. A verdict that is no Allow is a ToolFailed here."""
    tool, at = toolbox()[name], replace(at, key=f"{name} {arguments}"[:100])
    given = parse(tool, json.dumps(arguments))
    base = tool.base(given, at)
    tried = attempt(
        tool=name, effect=tool.effect, paths=tool.paths(given), principal=principal, scope="shop", root=base,
        own=tool.own,
    )  # fmt: skip
    verdict = decide(tried, Grant(tools=frozenset({name}), scope=at.scope, root=base))
    if verdict.verdict != "allow":
        raise ToolFailed(f"{verdict.verdict} by {verdict.rule}")
    found = await invoke(tool, given, at)
    assert found.data is not None
    assert tool.output is not None
    assert isinstance(found.data, tool.output)
    return found.data.model_dump(mode="json")


async def test_from_a_worktree_to_a_commit(at: Reach) -> None:
    """Made, changed, shown, approved, committed and dropped: each step's fields are what the next one needs."""
    tree = await step(at, "worktree_make", name="Issue 5")
    assert (tree["worktree"], tree["branch"], tree["new"]) == ("issue-5-r1", "nova/issue-5-r1", True)
    applied = await step(at, "worktree_apply", worktree=tree["worktree"], diff=DIFF)
    assert (applied["files"], applied["added"], applied["removed"], applied["changed"]) == (["a.py"], 1, 1, True)
    shown = await step(at, "worktree_diff", worktree=tree["worktree"])
    assert (shown["empty"], shown["files"]) == (False, ["a.py"])
    run_git(at.root, "config", "user.name", "Ada")
    run_git(at.root, "config", "user.email", "ada@shop.example")
    made = await step(at, "worktree_commit", worktree=tree["worktree"], message="Two", approved=shown["diff"])
    assert made["known"] is True
    assert run_git(at.root, "log", "-1", "--format=%H %an %s", str(made["branch"])) == f"{made['commit']} Ada Two"
    dropped = await step(at, "worktree_drop")
    assert dropped["kept"] is True
    assert (at.root / "a.py").read_text(encoding="utf-8") == "one\n"


async def test_the_gate_looks_into_the_worktree(at: Reach) -> None:
    """Paths are judged where they would be written: links of the worktree that lead out, secrets and git are denied."""
    await step(at, "worktree_make", name="x")
    assert at.worktrees is not None
    (at.worktrees / "shop" / "x-r1" / "out").symlink_to(at.root)
    for path, rule in (("out/a.py", "outside-root"), (".env", "secret-file"), ("../a.py", "outside-root")):
        with pytest.raises(ToolFailed, match=f"deny by {rule}"):
            await step(at, "worktree_write", path=path, text="x")
    with pytest.raises(ToolFailed, match="deny by not-for-visitor"):
        await step(at, "worktree_write", Principal.VISITOR, path="b.py", text="x")
    assert (await step(at, "worktree_write", path="b.py", text="x"))["changed"] is True


async def test_a_draft_goes_where_drafts_go(at: Reach) -> None:
    """A draft is filed in a folder for drafts; in any other folder the gate denies it."""
    assert await step(at, "draft_write", name="new.md", text="Hello") == {"path": "drafts/new.md", "new": True}
    assert await step(at, "draft_write", name="new.md", text="Hello") == {"path": "drafts/new.md", "new": False}
    for folder in ("posts", ".", "drafts/.."):
        with pytest.raises(ToolFailed, match="deny by"):
            await step(at, "draft_write", folder=folder, name="new.md", text="Hello")


async def test_long_texts_fit_where_they_must(at: Reach) -> None:
    """A whole file or diff may be longer than what other tools take, and not longer than is sensible."""
    await step(at, "worktree_make", name="x")
    assert (await step(at, "worktree_write", path="long.md", text="word " * 60_000))["changed"] is True
    with pytest.raises(ToolFailed, match="longer than"):
        await step(at, "worktree_write", path="long.md", text="word " * 90_000)
    with pytest.raises(ToolFailed, match="longer than"):
        await step(at, "files_search", query="word " * 60_000)


async def test_without_a_place_there_is_no_worktree(at: Reach) -> None:
    """Where nothing may be made, the tools say so; a message without words commits nothing."""
    nowhere = Reach(root=at.root, project="shop", scope=at.scope, run="r1")
    with pytest.raises(ToolFailed, match="no place for worktrees"):
        await step(nowhere, "worktree_make", name="x")
    await step(at, "worktree_make", name="x")
    with pytest.raises(ToolFailed, match="says nothing"):
        await step(at, "worktree_commit", message="  ")
    with pytest.raises(ToolFailed, match="Nothing has changed"):
        await step(at, "worktree_commit", message="x")


def test_what_tools_say_of_themselves() -> None:
    """Reading can be repeated; an acting tool says whether it can; every acting tool of the box keeps to its place."""
    box = toolbox()
    assert all(tool.repeatable for tool in box.values() if tool.name.startswith(("files_", "git_", "worktree_")))
    arguments = box["git_status"].arguments
    sends = acting("x", "x", arguments, lambda _, at: result("x", [], at), repeatable=False)
    assert (sends.repeatable, sends.own) == (False, None)
    assert reading("x", "x", arguments, lambda _, at: result("x", [], at)).repeatable
