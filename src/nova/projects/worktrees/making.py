"""Worktrees made, found, mended after a kill, and dropped. The owner's files, index and branch stay as they are.

Of the owner's repository only two things change: a branch `nova/...` is added, and git's own note of the worktree.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.core.ids import id_of
from nova.projects.sources.repository import git, top_of
from nova.projects.worktrees import book
from nova.projects.worktrees.book import Entry, Worktree
from nova.projects.worktrees.orphans import wait_for_git

SECONDS_MAX = 120.0
_NAME_CHARACTERS = 40


def make(place: Path, root: Path, *, name: str, run: str, scope: str) -> tuple[Worktree, bool]:
    """A worktree of the project at `root` from its HEAD, on the branch `nova/NAME-RUN`, and whether it is new.

    The same name in the same run is the same worktree. Killed on the way, it is made whole the next time.
    Raises ToolFailed where there is no repository, or no commit.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:_NAME_CHARACTERS].strip("-") or "work"
    id = f"{slug}-{run if re.fullmatch(r'[a-z0-9]{1,40}', run) else id_of('r', run)}"  # noqa: A001 as everywhere
    with book.locked(place, scope, id):
        known = book.read(place, scope, id)
        if known is not None and known.root != str(root):
            raise ToolFailed(f"The worktree {id} is of another folder, {known.root}.", "Choose another name.")
        if known is not None and known.state == "ready" and _whole(place, known):
            return _at(place, known), False
        entry = known or _planned(root, id, run, scope)
        return _at(place, _made(place, entry)), True


def _planned(root: Path, id: str, run: str, scope: str) -> Entry:  # noqa: A002 as everywhere
    top = top_of(root)
    if top is None:
        raise ToolFailed("The project's folder is not in a git repository.", "Run `git init` there to start a history.")
    base = git(root, "rev-parse", "--verify", "--end-of-options", "HEAD^{commit}").text.strip()
    prefix = "" if root == top else root.relative_to(top).as_posix()
    return Entry(id=id, run=run, scope=scope, root=str(root), prefix=prefix, branch=f"nova/{id}", base=base)


def _made(place: Path, entry: Entry) -> Entry:
    root, folder = Path(entry.root), book.folder_of(place, entry.scope, entry.id)
    if entry.state != "making":  # dropped, or its folder was lost: its branch may hold commits
        entry = entry.model_copy(update={"doing": None, "done": {}})
    entry = book.write(place, entry.model_copy(update={"state": "making"}))
    _clear(root, folder)
    exists = _tip(root, entry.branch)
    how = (str(folder), entry.branch) if exists else ("-b", entry.branch, str(folder), entry.base)
    git(root, "worktree", "add", "--quiet", *how, seconds_max=SECONDS_MAX)
    return book.write(place, entry.model_copy(update={"state": "ready"}))


def _clear(root: Path, folder: Path) -> None:
    """Take away what a killed attempt has left: the folder, git's note of it, a lock on its branch."""
    wait_for_git(folder)
    shutil.rmtree(folder, ignore_errors=True)
    note = common(root) / "worktrees" / folder.name
    if note.is_dir() and _points_at(note) in (None, folder / ".git"):
        shutil.rmtree(note, ignore_errors=True)
    (common(root) / "refs" / "heads" / "nova" / f"{folder.name}.lock").unlink(missing_ok=True)


def common(root: Path) -> Path:
    """The repository's own folder, which all its worktrees share."""
    return Path(git(root, "rev-parse", "--path-format=absolute", "--git-common-dir").text.rstrip("\n"))


def _points_at(note: Path) -> Path | None:
    try:
        return Path((note / "gitdir").read_text(encoding="utf-8").strip() or "/")
    except OSError:
        return None


def _whole(place: Path, entry: Entry) -> bool:
    """Whether its folder is there, and git's note and the folder name each other."""
    folder = book.folder_of(place, entry.scope, entry.id)
    return _note_of(folder) is not None and (folder / entry.prefix).is_dir()


def _note_of(folder: Path) -> Path | None:
    """git's note of a worktree; None when the folder's word for it leads somewhere that does not point back."""
    mark = folder / ".git"
    if mark.is_symlink() or not mark.is_file():
        return None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        note = Path(mark.read_text(encoding="utf-8").removeprefix("gitdir:").strip())
        if note.is_absolute() and note.parent.name == "worktrees" and _points_at(note) == mark:
            return note
    return None


def _at(place: Path, entry: Entry) -> Worktree:
    return Worktree(entry=entry, folder=book.folder_of(place, entry.scope, entry.id))


def find(place: Path, root: Path, *, asked: str, run: str, scope: str) -> Worktree:
    """The worktree with this id, or the only one of the run; of this project. Raises ToolFailed."""
    id = book.meant(place, scope, asked, run)  # noqa: A001 as everywhere
    entry = book.read(place, scope, id)
    if entry is None or entry.root != str(root) or entry.state == "making":
        raise book.unknown(place, scope, id)
    if entry.state == "dropped":
        raise ToolFailed(f"The worktree {id} was dropped.", "worktree_make makes it anew.")
    if not _whole(place, entry) or not _owners(root, book.folder_of(place, scope, id)):
        raise ToolFailed(f"The folder of the worktree {id} is no longer whole.", "worktree_make makes it anew.")
    return _at(place, entry)


def _owners(root: Path, folder: Path) -> bool:
    """Whether the worktree belongs to the project's repository: git in it must follow no other configuration."""
    note = _note_of(folder)
    return note is not None and note.parent.parent.resolve() == common(root).resolve()


def note_of(tree: Worktree) -> Path:
    """Where git keeps the worktree's index. Raises ToolFailed when the two no longer name each other."""
    note = _note_of(tree.folder)
    if note is None:
        raise ToolFailed(f"The folder of the worktree {tree.id} is no longer whole.", "worktree_make makes it anew.")
    return note


def drop(place: Path, root: Path, *, asked: str, run: str, scope: str) -> Entry:
    """Take the worktree away. Its branch stays when it holds commits (`kept`). Dropping twice is dropping once."""
    id = book.meant(place, scope, asked, run)  # noqa: A001 as everywhere
    with book.locked(place, scope, id):
        entry = book.read(place, scope, id)
        if entry is None or entry.root != str(root):
            raise book.unknown(place, scope, id)
        if entry.state == "dropped":
            return entry
        kept = _tip(root, entry.branch) not in ("", entry.base)
        _clear(root, book.folder_of(place, scope, id))
        if not kept and _tip(root, entry.branch):
            git(root, "update-ref", "-d", f"refs/heads/{entry.branch}", entry.base)
        return book.write(place, entry.model_copy(update={"state": "dropped", "kept": kept, "doing": None}))


def tip(tree: Worktree) -> str:
    """The commit its branch stands at."""
    return _tip(Path(tree.entry.root), tree.branch)


def _tip(root: Path, branch: str) -> str:
    out = git(root, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
    return out.text.strip()
