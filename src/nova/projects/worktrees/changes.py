"""Changes made in a worktree: a file written, a diff applied, what differs, a commit on its branch.

The index is the truth and changes at one stroke: what a killed step has left half written in the files is put back
from it, and a step that had got as far as the index is done. So each step, tried again with the same key, happens once.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.policy.paths import look, refusal
from nova.projects.sources.repository import git
from nova.projects.worktrees import book, diffs
from nova.projects.worktrees.book import Doing, Worktree
from nova.projects.worktrees.making import note_of, tip
from nova.projects.worktrees.orphans import wait_for_git
from nova.projects.worktrees.person import Person

DIFF_BYTES_MAX = 2_000_000
_PLAIN = (
    "--cached", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--unified=3", "--inter-hunk-context=0",
    "--diff-algorithm=myers", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--relative",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a worktree holds beyond its base, below the project's folder; files sorted.

    diff: unified, without the contents of binary files.
    """

    diff: str
    files: tuple[str, ...]
    added: int
    removed: int


def write_file(place: Path, tree: Worktree, *, key: str, path: str, text: str) -> bool:
    """Write one text file below the project's folder of the worktree; whether that changed anything."""
    found = look(tree.root, path)
    if (refused := refusal(found)) is not None or found.relative in ("", "."):
        raise ToolFailed(refused.why if refused else "That is a folder.", "Name a file below the project's folder.")
    name = f"{tree.entry.prefix}/{found.relative}" if tree.entry.prefix else found.relative

    def work() -> None:
        file = tree.root / found.relative
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as stream:
            stream.write(diffs.encoded(text))
        git(tree.folder, "add", "--", name)

    return _once(place, tree, Doing(key=key, verb="write", was="", paths=(found.relative,)), work)


def apply_diff(place: Path, tree: Worktree, *, key: str, diff: str, anew: bool = False) -> bool:
    """Apply a unified diff whose paths begin at the project's folder; whether that changed anything.

    anew: to the base, without what was changed before. A diff applies as a whole or not at all. Raises ToolFailed for
    one that does not fit, or that leaves the project, moves, copies or links files, or holds binary ones.
    """
    diff = diffs.bare(diff)
    with tempfile.TemporaryDirectory(prefix="nova-diff-") as scratch:
        file = Path(scratch) / "change.diff"
        file.write_bytes(diffs.encoded(diff))
        paths = diffs.paths(tree.folder, file, diff)
        for path in paths:
            if (refused := refusal(look(tree.root, path))) is not None:
                raise ToolFailed(f"The diff is not applied: {refused.why}", "Leave that file out.")

        work = partial(_apply, tree, file)
        doing = Doing(key=key, verb="apply", was="", paths=tuple(paths))
        if not anew:
            return _once(place, tree, doing, work)
        before = _emptied(place, tree, key)
        try:
            _once(place, tree, doing, work)
        except ToolFailed:
            _once(place, tree, Doing(key="", verb="return", was=""), partial(_turn, tree, before))
            _undone(place, tree, f"{key}/base")
            raise
        return git(tree.folder, "write-tree").text.strip() != before


def _emptied(place: Path, tree: Worktree, key: str) -> str:
    """Back to the base; the tree it held before. A stroke of its own: killed after it, it is not done again."""
    with book.locked(place, tree.entry.scope, tree.id):
        before = git(_settle(place, tree).folder, "write-tree").text.strip()
    _once(place, tree, Doing(key=f"{key}/base" if key else "", verb="empty", was=""), partial(_turn, tree, tree.base))
    return before


def _turn(tree: Worktree, content: str) -> None:
    git(tree.folder, "read-tree", content)
    _restore(tree)


def _apply(tree: Worktree, file: Path) -> None:
    where = (f"--directory={tree.entry.prefix}",) if tree.entry.prefix else ()
    options = ("--index", "--whitespace=nowarn", *where)
    try:
        git(tree.folder, "apply", *options, "--", str(file))
    except ToolFailed as first:
        try:  # line counts in the heads of hunks are what writers of diffs get wrong
            git(tree.folder, "apply", *options, "--recount", "--", str(file))
        except ToolFailed:
            if _reversed(tree, file, options):
                return
            mend = f"Take it against the files as they are in the worktree (made from {tree.base[:7]})."
            raise ToolFailed(f"The diff does not apply: {diffs.said(first)}", mend) from None


def _reversed(tree: Worktree, file: Path, options: tuple[str, ...]) -> bool:
    """Whether all of it is there already."""
    try:
        git(tree.folder, "apply", *options, "--check", "--reverse", "--", str(file))
    except ToolFailed:
        return False
    return True


def difference(place: Path, tree: Worktree) -> Difference:
    """What the worktree holds beyond its base, also what a person has changed in it by hand."""
    with book.locked(place, tree.entry.scope, tree.id):
        _settle(place, tree)
        return _difference(tree)


def _difference(tree: Worktree) -> Difference:
    out = git(tree.root, "diff", *_PLAIN, "--end-of-options", tree.base, "--", bytes_max=DIFF_BYTES_MAX)
    if out.cut:
        raise ToolFailed(f"The change is larger than {DIFF_BYTES_MAX:,} bytes.", "Make it smaller.")
    rows = git(tree.root, "diff", *_PLAIN, "--numstat", "-z", "--end-of-options", tree.base, "--").text.split("\0")
    counted = [row.split("\t", 2) for row in rows if row.count("\t") >= 2]
    return Difference(
        diff=out.text,
        files=tuple(sorted(path for _, _, path in counted)),
        added=sum(int(added) for added, _, _ in counted if added.isdigit()),
        removed=sum(int(removed) for _, removed, _ in counted if removed.isdigit()),
    )


def commit(place: Path, tree: Worktree, *, key: str, message: str, by: Person, approved: str = "") -> str:
    """Commit all of it on the worktree's branch; the commit's id. Hooks do not run, nothing is signed or sent.

    approved: the diff that the owner approved; where the worktree holds another one nothing is committed.
    """
    with book.locked(place, tree.entry.scope, tree.id):
        tree = _settle(place, tree)
        if key and key in tree.entry.done:
            return tree.entry.done[key]
        if approved.strip() and not diffs.same(approved, _difference(tree).diff):
            what = "The worktree holds another change than the one that was approved; nothing was committed."
            raise ToolFailed(what, "Ask again with the change as it is now.")
        parent = tip(tree)
        content = git(tree.folder, "write-tree").text.strip()
        if content == git(tree.folder, "rev-parse", f"{parent}^{{tree}}").text.strip():
            raise ToolFailed(f"Nothing has changed in the worktree {tree.id}.", "Write or apply something first.")
        tree = _begun(place, tree, Doing(key=key, verb="commit", was=parent))
        new = _committed(tree, content, parent, message, by)
        git(tree.folder, "update-ref", f"refs/heads/{tree.branch}", new, parent)
        _ended(place, tree, new)
        return new


def _committed(tree: Worktree, content: str, parent: str, message: str, by: Person) -> str:
    settings = ("-c", f"user.name={by.name}", "-c", f"user.email={by.email}", "-c", "i18n.commitEncoding=UTF-8")
    try:
        out = git(tree.folder, *settings, "commit-tree", content, "-p", parent, "-m", message.replace("\0", ""))
    except ToolFailed as failure:
        raise ToolFailed(
            f"git could not commit: {failure.what.removeprefix('git -c failed: ')}", failure.mend
        ) from None
    return out.text.strip()


def _once(place: Path, tree: Worktree, doing: Doing, work: Callable[[], None]) -> bool:
    """Do the work unless it was done with this key; whether the index is another one than before."""
    with book.locked(place, tree.entry.scope, tree.id):
        tree = _settle(place, tree)
        if doing.key and doing.key in tree.entry.done:
            return False
        was = git(tree.folder, "write-tree").text.strip()
        tree = _begun(place, tree, doing.model_copy(update={"was": was}))
        try:
            work()
        except (ToolFailed, OSError):
            git(tree.folder, "read-tree", was)
            _restore(tree, doing.paths)
            book.write(place, tree.entry.model_copy(update={"doing": None}))
            raise
        now = git(tree.folder, "write-tree").text.strip()
        _ended(place, tree, now)
        return now != was


def _undone(place: Path, tree: Worktree, key: str) -> None:
    with book.locked(place, tree.entry.scope, tree.id):
        entry = _settle(place, tree).entry
        book.write(place, entry.model_copy(update={"done": {k: v for k, v in entry.done.items() if k != key}}))


def _begun(place: Path, tree: Worktree, doing: Doing) -> Worktree:
    return tree.with_entry(book.write(place, tree.entry.model_copy(update={"doing": doing})))


def _ended(place: Path, tree: Worktree, came_out: str) -> Worktree:
    doing = tree.entry.doing
    done = {**tree.entry.done, doing.key: came_out} if doing is not None and doing.key else tree.entry.done
    return tree.with_entry(book.write(place, tree.entry.model_copy(update={"doing": None, "done": done})))


def _settle(place: Path, tree: Worktree) -> Worktree:
    """As the last step that got to its end has left it, and with what a person has changed since by hand."""
    entry = book.read(place, tree.entry.scope, tree.id)
    if entry is None or entry.state != "ready":
        raise ToolFailed(f"The worktree {tree.id} was dropped meanwhile.", "worktree_make makes it anew.")
    tree = tree.with_entry(entry)
    lock = note_of(tree) / "index.lock"
    if entry.doing is not None or lock.exists():
        wait_for_git(tree.folder)  # of a step that was killed; after it nobody holds the lock
        lock.unlink(missing_ok=True)
    if entry.doing is None:
        git(tree.folder, "add", "--all", "--", ".")
        return tree
    return _mended(place, tree, entry.doing)


def _mended(place: Path, tree: Worktree, doing: Doing) -> Worktree:
    if doing.verb == "commit":
        (note_of(tree).parent.parent / "refs" / "heads" / f"{tree.branch}.lock").unlink(missing_ok=True)
        now = tip(tree)
    else:
        now = git(tree.folder, "write-tree").text.strip()
        _restore(tree, doing.paths)
    if now != doing.was:
        return _ended(place, tree, now)
    return tree.with_entry(book.write(place, tree.entry.model_copy(update={"doing": None})))


def _restore(tree: Worktree, half_written: Sequence[str] = ()) -> None:
    """The files as the index has them, and no others but those that git ignores and nobody was writing."""
    for path in half_written:
        with contextlib.suppress(OSError):
            (tree.root / path).unlink()
    git(tree.folder, "checkout-index", "--all", "--force", "--index")
    git(tree.folder, "clean", "-ffdq", "--", ".")
