"""Tools over a worktree: make one, change files in it, see the change, commit it there, drop it.

Knows arguments and wording; `projects.worktrees` does the work. The owner's own checkout is never written to.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.policy.gate import Own
from nova.projects.worktrees import changes, making
from nova.projects.worktrees.book import Worktree
from nova.projects.worktrees.person import owner_of
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, acting, result, storable

TEXT_CHARACTERS_MAX = 400_000
SECONDS_MAX = 180.0
_WHICH = "Id of the worktree; empty for the one this run has made."


class WorktreeMake(Arguments):
    """Arguments of worktree_make."""

    name: str = Field(description="What the change is about, for instance issue-5; it names the branch.")


class WorktreeWrite(Arguments):
    """Arguments of worktree_write."""

    path: str = Field(description="File below the project, for instance docs/model.md.")
    text: str = Field(description="The whole new text of the file.")
    worktree: str = Field(default="", description=_WHICH)


class WorktreeApply(Arguments):
    """Arguments of worktree_apply."""

    diff: str = Field(description="A unified diff with paths below the project, as `git diff` prints it.")
    anew: bool = Field(default=False, description="Take back what was changed before, so that only this diff is there.")
    worktree: str = Field(default="", description=_WHICH)


class WorktreeDiff(Arguments):
    """Arguments of worktree_diff."""

    worktree: str = Field(default="", description=_WHICH)


class WorktreeCommit(Arguments):
    """Arguments of worktree_commit."""

    message: str = Field(description="What the commit says: a first line, and why below it.")
    approved: str = Field(
        default="", description="The diff that was approved; where the worktree holds another nothing is committed."
    )
    worktree: str = Field(default="", description=_WHICH)


class WorktreeDrop(Arguments):
    """Arguments of worktree_drop."""

    worktree: str = Field(default="", description=_WHICH)


class Made(Data):
    """A worktree. worktree: its id, for the other tools; base: the commit it was made from; new: it was not there."""

    worktree: str
    branch: str
    base: str
    new: bool


class Written(Data):
    """A file in a worktree. path: below the project."""

    worktree: str
    path: str
    changed: bool


class Changed(Data):
    """What a worktree holds now, beyond its base. changed: whether this call changed it."""

    worktree: str
    files: list[str]
    added: int
    removed: int
    changed: bool


class Differs(Data):
    """The whole change of a worktree as a unified diff; empty: there is none."""

    worktree: str
    diff: str
    files: list[str]
    added: int
    removed: int
    empty: bool


class Committed(Data):
    """A commit on the worktree's branch. known: whether git knows the owner's name; else it is in Nova's."""

    worktree: str
    commit: str
    branch: str
    files: list[str]
    known: bool


class Dropped(Data):
    """A worktree that is gone. kept: its branch stays, as it holds commits."""

    worktree: str
    branch: str
    kept: bool


def _place(reach: Reach) -> Path:
    if reach.worktrees is None:
        raise ToolFailed(
            "There is no place for worktrees here.", "Run this in a pipeline or through an agent of a home."
        )
    return reach.worktrees


def found(asked: str, reach: Reach) -> Worktree:
    """The worktree with this id, or the only one of the run. Raises ToolFailed."""
    return making.find(_place(reach), reach.root, asked=asked, run=reach.run, scope=reach.scope.own)


def _make(given: WorktreeMake, reach: Reach) -> ToolResult:
    tree, new = making.make(_place(reach), reach.root, name=given.name, run=reach.run, scope=reach.scope.own)
    how = "was made" if new else "was there already"
    headline = f"The worktree {tree.id} {how}, on the branch {tree.branch} from {tree.base[:7]}."
    lines = [ResultLine(text=f"made from {tree.base[:7]}", citation=Citation(path=tree.base[:7]))]
    return result(headline, lines, reach, data=Made(worktree=tree.id, branch=tree.branch, base=tree.base, new=new))


def _write(given: WorktreeWrite, reach: Reach) -> ToolResult:
    tree = found(given.worktree, reach)
    changed = changes.write_file(_place(reach), tree, key=reach.key, path=given.path, text=given.text)
    what = "was written" if changed else "says that already"
    headline = f"{given.path} {what} in the worktree {tree.id}."
    lines = [ResultLine(text=f"{len(given.text.splitlines())} lines", citation=Citation(path=given.path, line=1))]
    return result(headline, lines, reach, data=Written(worktree=tree.id, path=given.path, changed=changed))


def _apply(given: WorktreeApply, reach: Reach) -> ToolResult:
    tree = found(given.worktree, reach)
    changed = changes.apply_diff(_place(reach), tree, key=reach.key, diff=given.diff, anew=given.anew)
    now = changes.difference(_place(reach), tree)
    what = "The diff was applied" if changed else "The diff was there already"
    data = Changed(worktree=tree.id, files=list(now.files), added=now.added, removed=now.removed, changed=changed)
    return result(f"{what}: {_size(now)} in the worktree {tree.id}.", _files(now), reach, data=data)


def _diff(given: WorktreeDiff, reach: Reach) -> ToolResult:
    tree = found(given.worktree, reach)
    now = changes.difference(_place(reach), tree)
    headline = (
        f"The worktree {tree.id} changes {_size(now)}." if now.files else f"The worktree {tree.id} changes nothing."
    )
    lines = [ResultLine(text=line) for line in now.diff.splitlines()]
    data = Differs(
        worktree=tree.id, diff=storable(now.diff), files=list(now.files), added=now.added, removed=now.removed,
        empty=not now.files,
    )  # fmt: skip
    return result(headline, lines, reach, data=data)


def _commit(given: WorktreeCommit, reach: Reach) -> ToolResult:
    if not given.message.strip():
        raise ToolFailed("A commit without a message says nothing.", "Give a first line.")
    tree, by = found(given.worktree, reach), owner_of(reach.root)
    new = changes.commit(
        _place(reach), tree, key=reach.key, message=given.message.strip() + "\n", by=by, approved=given.approved
    )
    now = changes.difference(_place(reach), tree)
    name = f"by {by.name}" if by.known else "by Nova, as git knows no name of yours (`git config user.name` sets it)"
    headline = f"{shorten(given.message, 80)}: committed as {new[:7]} on {tree.branch}, {name}; nothing was merged."
    data = Committed(worktree=tree.id, commit=new, branch=tree.branch, files=list(now.files), known=by.known)
    return result(headline, _files(now), reach, data=data)


def _drop(given: WorktreeDrop, reach: Reach) -> ToolResult:
    entry = making.drop(_place(reach), reach.root, asked=given.worktree, run=reach.run, scope=reach.scope.own)
    branch = f"its branch {entry.branch} stays" if entry.kept else "its branch held nothing and is gone too"
    data = Dropped(worktree=entry.id, branch=entry.branch, kept=entry.kept)
    return result(f"The worktree {entry.id} was dropped; {branch}.", [], reach, data=data)


def _size(now: changes.Difference) -> str:
    count = len(now.files)
    return f"{count} {'file' if count == 1 else 'files'}, {now.added} lines added, {now.removed} removed"


def _files(now: changes.Difference) -> list[ResultLine]:
    return [ResultLine(text="changed", citation=Citation(path=path, line=1)) for path in now.files]


def _tree_of_make(given: WorktreeMake, reach: Reach) -> Path:
    del given
    return reach.root


def _tree_of(given: WorktreeWrite | WorktreeApply | WorktreeDiff | WorktreeCommit | WorktreeDrop, reach: Reach) -> Path:
    try:
        return found(given.worktree, reach).root
    except ToolFailed:  # the tool itself says why; the gate then judges the path by its name, below the project
        return reach.root


TOOLS = (
    acting(
        "worktree_make",
        "Makes a worktree of the project: a copy on a branch of its own, where a change can be made and tried.",
        WorktreeMake, _make, own=Own.WORKTREE, base=_tree_of_make, output=Made, seconds_max=SECONDS_MAX,
    ),
    acting(
        "worktree_write",
        "Writes one text file in a worktree, the whole of it; other files stay as they are.",
        WorktreeWrite, _write, own=Own.WORKTREE, paths=lambda given: (given.path,), base=_tree_of, output=Written,
        seconds_max=SECONDS_MAX, characters_max=TEXT_CHARACTERS_MAX,
    ),
    acting(
        "worktree_apply",
        "Applies a unified diff, a patch, in a worktree.",
        WorktreeApply, _apply, own=Own.WORKTREE, base=_tree_of, output=Changed,
        seconds_max=SECONDS_MAX, characters_max=TEXT_CHARACTERS_MAX,
    ),
    acting(
        "worktree_diff",
        "Shows everything that a worktree changes, as a unified diff.",
        WorktreeDiff, _diff, own=Own.WORKTREE, base=_tree_of, output=Differs, seconds_max=SECONDS_MAX,
    ),
    acting(
        "worktree_commit",
        "Commits the change of a worktree on its branch, in the owner's name; nothing is merged or pushed.",
        WorktreeCommit, _commit, own=Own.WORKTREE, base=_tree_of, output=Committed,
        seconds_max=SECONDS_MAX, characters_max=TEXT_CHARACTERS_MAX,
    ),
    acting(
        "worktree_drop",
        "Drops a worktree; its branch stays when it holds commits.",
        WorktreeDrop, _drop, own=Own.WORKTREE, base=_tree_of, output=Dropped, seconds_max=SECONDS_MAX,
    ),
)  # fmt: skip
