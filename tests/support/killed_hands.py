"""A process that kills itself while it makes, changes, commits or drops a worktree, or files a draft; then once more.

    python -m tests.support.killed_hands FOLDER OPERATION KILLS_MAX

does OPERATION once to count the moments at which it could die (before each program it starts, each file it opens to
write, renames, links or removes), then again and again from the start, each time killed at one of those moments and
tried anew with the same key. KILLS_MAX moments are chosen, spread evenly. Prints what was found after each, as JSON.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.unit.tools.places import commit, run_git

from nova.core import json
from nova.core.json import Json
from nova.projects.drafts import file_draft
from nova.projects.worktrees import changes, making
from nova.projects.worktrees.book import Worktree
from nova.projects.worktrees.person import Person

_MOMENTS = frozenset({"subprocess.Popen", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"})
FILES = {"a.py": "one\ntwo\nthree\n", "b.py": "alpha\nbeta\n", ".gitignore": "*.log\n", "docs/c.md": "# C\n"}
DIFF = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
diff --git a/new/d.py b/new/d.py
new file mode 100644
--- /dev/null
+++ b/new/d.py
@@ -0,0 +1,2 @@
+fresh
+file
diff --git a/b.py b/b.py
deleted file mode 100644
--- a/b.py
+++ /dev/null
@@ -1,2 +0,0 @@
-alpha
-beta
"""
OWNER = Person(name="Ada", email="ada@example.org")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One trial's folders. root: the owner's checkout, with a staged and an unstaged change of his own."""

    root: Path
    trees: Path

    def made(self) -> Worktree:
        """The worktree of the one run there is."""
        return making.make(self.trees, self.root, name="Fix it", run="r1", scope="shop")[0]

    def found(self) -> Worktree:
        """The same, where it must be there."""
        return making.find(self.trees, self.root, asked="", run="r1", scope="shop")


def a_spot(folder: Path) -> Spot:
    """A repository with a commit, and with work of the owner's that is not committed."""
    root = folder / "shop"
    root.mkdir(parents=True)
    commit(root, "The beginning", FILES)
    (root / "a.py").write_text("one\ntwo\nthree\nowner's\n", encoding="utf-8")
    run_git(root, "add", "a.py")
    (root / "docs" / "c.md").write_text("# C, half written\n", encoding="utf-8")
    (root / "untracked.txt").write_text("mine\n", encoding="utf-8")
    return Spot(root=root, trees=folder / "trees")


def _copied(template: Spot, folder: Path) -> Spot:
    shutil.copytree(template.root, folder / "shop")
    run_git(folder / "shop", "status")  # as git sees a copy: nothing but what the owner has changed
    return Spot(root=folder / "shop", trees=folder / "trees")


def owners(spot: Spot) -> str:
    """Everything about the owner's checkout that must stay as it is."""
    asked = (("status", "--porcelain", "--branch"), ("diff",), ("diff", "--cached"), ("log", "--format=%H %s", "main"))
    return "\n".join(run_git(spot.root, *words) for words in asked)


def _make(spot: Spot) -> None:
    spot.made()


def _apply(spot: Spot) -> None:
    changes.apply_diff(spot.trees, spot.found(), key="k", diff=DIFF)


def _anew(spot: Spot) -> None:
    changes.apply_diff(spot.trees, spot.found(), key="k", diff=DIFF, anew=True)


def _write(spot: Spot) -> None:
    changes.write_file(spot.trees, spot.found(), key="k", path="new/d.py", text="fresh\nfile\n")


def _commit(spot: Spot) -> None:
    changes.commit(spot.trees, spot.found(), key="k", message="Two is louder", by=OWNER)


def _drop(spot: Spot) -> None:
    making.drop(spot.trees, spot.root, asked="fix-it-r1", run="r1", scope="shop")


def _draft(spot: Spot) -> None:
    file_draft(spot.root, spot.trees / "drafts", folder="drafts", name="d.md", text="A draft\n" * 5000, key="k")


def _before(spot: Spot, operation: str) -> None:
    if operation in ("make", "draft"):
        return
    tree = spot.made()
    if operation == "anew":
        changes.write_file(spot.trees, tree, key="first", path="a.py", text="something else\n")
    if operation in ("commit", "drop"):
        changes.apply_diff(spot.trees, tree, key="first", diff=DIFF)


OPERATIONS: dict[str, Callable[[Spot], None]] = {
    "make": _make, "apply": _apply, "anew": _anew, "write": _write, "commit": _commit, "drop": _drop, "draft": _draft,
}  # fmt: skip


def found(spot: Spot) -> dict[str, Json]:
    """What lies there: worktrees and branches of Nova's, their commits, the difference, drafts, what was left over."""
    drafts = sorted((spot.root / "drafts").glob("*")) if (spot.root / "drafts").exists() else []
    listed = [line.split()[0] for line in run_git(spot.root, "worktree", "list").splitlines()]
    branches = run_git(spot.root, "for-each-ref", "--format=%(refname:short)", "refs/heads/nova").split()
    told: dict[str, Json] = {
        "owner": owners(spot).replace("?? drafts/\n", "").strip(),
        "worktrees": [Path(line).name for line in listed[1:]],
        "branches": [*branches],
        "commits": [run_git(spot.root, "log", "--format=%an: %s", f"main..{name}").strip() for name in branches],
        "drafts": [f"{file.name} {file.stat().st_size}" for file in drafts],
        "locks": [str(file) for file in (spot.root / ".git").rglob("*.lock")],
    }
    if len(listed) > 1 and Path(listed[1]).is_dir():
        now = changes.difference(spot.trees, spot.found())
        told["files"] = [*now.files]
        told["diff"] = "\n".join(line for line in now.diff.splitlines() if not line.startswith("index "))
        told["untidy"] = run_git(Path(listed[1]), "status", "--porcelain", "--ignored").splitlines() != [
            *run_git(Path(listed[1]), "diff", "--cached", "--name-status").replace("\t", "  ").splitlines()
        ]
    return told


def _forked(spot: Spot, operation: str, die_at: int) -> int:
    """The number of moments of a whole run in a process of its own; 0 when it died on the way."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        moments = 0

        def moment(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal moments
            if event in _MOMENTS or (event == "open" and _for_writing(arguments)):
                moments += 1
                if moments == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(moment)
        OPERATIONS[operation](spot)
        os.write(writing, str(moments).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        said = told.read()
    if not (os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0) and not (
        os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    ):
        raise RuntimeError(f"{operation} was to die at moment {die_at} and ended with status {status}")
    return int(said or 0)


def _for_writing(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def main(folder: Path, operation: str, kills_max: int) -> None:
    """See above."""
    template = a_spot(folder / "template")
    first = _copied(template, folder / "0")
    _before(first, operation)
    moments = _forked(first, operation, 0)
    results: list[Json] = [found(first)]
    count = min(kills_max, moments)
    chosen = sorted({1 + round(place * (moments - 1) / max(1, count - 1)) for place in range(count)})
    died = 0
    for number in chosen:
        spot = _copied(template, folder / str(number))
        _before(spot, operation)
        died += not _forked(spot, operation, number)
        OPERATIONS[operation](spot)
        OPERATIONS[operation](spot)
        results.append(found(spot))
    sys.stdout.write(json.dump({"moments": moments, "died": died, "results": results}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
