"""Worktrees: a change is made and committed beside the owner's checkout, which stays as it is, whatever dies when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.house.tree import ROOT
from tests.support.killed_hands import DIFF, FILES, OPERATIONS, OWNER, Spot, a_spot, owners
from tests.unit.tools.places import commit, run_git

from nova.core.errors import ToolFailed
from nova.projects.worktrees import book, changes, making
from nova.projects.worktrees.person import Person, owner_of

KILLS = 5


@pytest.fixture
def spot(tmp_path: Path) -> Spot:
    """The owner's checkout with work of his own in it, and a place for worktrees."""
    return a_spot(tmp_path)


def apply(spot: Spot, diff: str, *, key: str = "", anew: bool = False) -> bool:
    """Apply a diff in the run's worktree."""
    return changes.apply_diff(spot.trees, spot.made(), key=key, diff=diff, anew=anew)


def one_line(path: str, old: str, new: str) -> str:
    """A diff that changes the only line of a file."""
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{old}\n+{new}\n"


def test_the_owners_checkout_stays_as_it_is(spot: Spot) -> None:
    """Making, changing, committing and dropping leaves the owner's files, index, branch and untracked files alone."""
    before = owners(spot)
    tree = spot.made()
    assert apply(spot, DIFF)
    new = changes.commit(spot.trees, tree, key="", message="Two is louder\n\nAnd so on.", by=OWNER)
    assert owners(spot) == before
    dropped = making.drop(spot.trees, spot.root, asked="", run="r1", scope="shop")
    assert dropped.kept
    assert not tree.folder.exists()
    assert owners(spot) == before
    assert run_git(spot.root, "log", "-1", "--format=%H %an <%ae> %s", tree.branch) == (
        f"{new} Ada <ada@example.org> Two is louder"
    )
    assert run_git(spot.root, "show", f"{tree.branch}:a.py") == "one\nTWO\nthree"


def test_a_worktree_begins_at_the_last_commit(spot: Spot) -> None:
    """It holds what was committed, not what the owner has changed since, and its branch is named after the change."""
    tree = spot.made()
    assert (tree.root / "a.py").read_text(encoding="utf-8") == FILES["a.py"]
    assert not (tree.root / "untracked.txt").exists()
    assert tree.branch == "nova/fix-it-r1"
    assert tree.base == run_git(spot.root, "rev-parse", "main")


def test_the_same_name_in_the_same_run_is_the_same_worktree(spot: Spot) -> None:
    """Made twice it is there once; another name or another run is another one."""
    first, new = making.make(spot.trees, spot.root, name="Fix it!", run="r1", scope="shop")
    assert new
    again, new = making.make(spot.trees, spot.root, name="fix-it", run="r1", scope="shop")
    assert not new
    assert again.folder == first.folder
    other, new = making.make(spot.trees, spot.root, name="fix-it", run="r2", scope="shop")
    assert new
    assert other.branch != first.branch
    assert making.find(spot.trees, spot.root, asked="", run="r2", scope="shop").id == other.id
    with pytest.raises(ToolFailed, match="no worktrees of its own"):
        making.find(spot.trees, spot.root, asked="", run="r3", scope="shop")
    with pytest.raises(ToolFailed, match="no worktree") as told:
        making.find(spot.trees, spot.root, asked="fix-it-r7", run="r1", scope="shop")
    assert "fix-it-r1" in told.value.mend
    with pytest.raises(ToolFailed, match="no worktree"):
        making.find(spot.trees, spot.root, asked="fix-it-r1", run="r1", scope="rival")


def test_a_diff_applies_as_a_whole_or_not_at_all(spot: Spot) -> None:
    """Of a diff whose second file does not fit nothing is applied, and the failure says where."""
    bad = DIFF.replace("-alpha", "-omega")
    with pytest.raises(ToolFailed, match="does not apply") as told:
        apply(spot, bad)
    assert "b.py" in told.value.what
    assert changes.difference(spot.trees, spot.made()).files == ()


def test_what_is_shown_is_what_can_be_applied(spot: Spot) -> None:
    """The diff of one worktree, applied in another, gives the same diff."""
    assert apply(spot, DIFF)
    shown = changes.difference(spot.trees, spot.made())
    assert (shown.files, shown.added, shown.removed) == (("a.py", "b.py", "new/d.py"), 3, 3)
    other, _ = making.make(spot.trees, spot.root, name="other", run="r1", scope="shop")
    assert changes.apply_diff(spot.trees, other, key="", diff=shown.diff)
    assert changes.difference(spot.trees, other) == shown


def test_applied_again_it_changes_nothing(spot: Spot) -> None:
    """The same diff a second time is no failure and no second change, with a key and without."""
    assert apply(spot, DIFF, key="k")
    assert not apply(spot, DIFF, key="k")
    assert not apply(spot, DIFF)


def test_a_diff_may_begin_anew(spot: Spot) -> None:
    """With `anew` only this diff is in the worktree; one that does not fit leaves what was there before."""
    assert apply(spot, DIFF)
    other = one_line("docs/c.md", "# C", "# D")
    assert apply(spot, other, anew=True)
    assert changes.difference(spot.trees, spot.made()).files == ("docs/c.md",)
    with pytest.raises(ToolFailed, match="does not apply"):
        apply(spot, one_line("docs/c.md", "# X", "# Y"), anew=True, key="k")
    assert changes.difference(spot.trees, spot.made()).files == ("docs/c.md",)


def test_what_models_get_wrong_in_diffs_is_mended(spot: Spot) -> None:
    """A fence around it, wrong line counts and a missing last line feed do not keep a diff from being applied."""
    wrong = "```diff\n" + DIFF.replace("@@ -1,3 +1,3 @@", "@@ -1,9 +1,4 @@").rstrip("\n") + "\n```"
    assert apply(spot, wrong)
    assert changes.difference(spot.trees, spot.made()).files == ("a.py", "b.py", "new/d.py")


@pytest.mark.parametrize(
    ("diff", "why"),
    [
        (one_line("../outside.py", "a", "b"), "leads out"),
        (one_line("/etc/hosts", "a", "b"), "no unified diff|leads out"),
        (one_line(".git/config", "a", "b"), "cannot be followed"),
        (one_line("x/.GIT/hooks/post-commit", "a", "b"), "no unified diff|git itself"),
        (one_line(".env", "a", "b"), "secrets"),
        (one_line("link/a.py", "a", "b"), "leads out"),
        ("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n", "links"),
        ("diff --git a/a.py b/z.py\nsimilarity index 100%\nrename from a.py\nrename to z.py\n", "renames or copies"),
        ("diff --git a/.env b/z.py\nsimilarity index 100%\ncopy from .env\ncopy to z.py\n", "renames or copies"),
        ("diff --git a/x b/x\nnew file mode 100644\nGIT binary patch\nliteral 1\nIc$\n", "binary"),
        ("Here is what I would change.", "no unified diff"),
        ("", "no unified diff"),
        (DIFF + one_line("\ud800.py", "a", "b"), "no file can hold"),
    ],
)  # fmt: skip
def test_what_must_not_be_touched_is_not(spot: Spot, diff: str, why: str) -> None:
    """A diff that leaves the project, reaches git or secrets, links or moves is refused and changes nothing."""
    tree = spot.made()
    (tree.root / "link").symlink_to(spot.root)
    with pytest.raises(ToolFailed, match=why):
        apply(spot, diff)
    (tree.root / "link").unlink()
    assert changes.difference(spot.trees, tree).files == ()


def test_files_are_written_whole(spot: Spot) -> None:
    """A file is written below the project and nowhere else; one that git ignores is refused and not left behind."""
    tree = spot.made()
    assert changes.write_file(spot.trees, tree, key="a", path="a.py", text="new\n")
    assert not changes.write_file(spot.trees, tree, key="a", path="a.py", text="newer\n")
    assert (tree.root / "a.py").read_text(encoding="utf-8") == "new\n"
    assert (tree.root / "a.py").stat().st_mode & 0o777 == (spot.root / "b.py").stat().st_mode & 0o777
    for path in ("../x.py", ".git", ".env", "/tmp/x", "docs", "."):
        with pytest.raises((ToolFailed, IsADirectoryError)):
            changes.write_file(spot.trees, tree, key="", path=path, text="x")
    with pytest.raises(ToolFailed, match="ignored"):
        changes.write_file(spot.trees, tree, key="", path="run.log", text="x")
    assert not (tree.root / "run.log").exists()
    assert changes.difference(spot.trees, tree).files == ("a.py",)


def test_what_a_person_changes_by_hand_counts(spot: Spot) -> None:
    """Edits made in the worktree by hand are part of its difference, and nothing takes them back."""
    tree = spot.made()
    (tree.root / "b.py").write_text("by hand\n", encoding="utf-8")
    (tree.root / "hand.py").write_text("new by hand\n", encoding="utf-8")
    apply(spot, one_line("docs/c.md", "# C", "# D"))
    assert changes.difference(spot.trees, tree).files == ("b.py", "docs/c.md", "hand.py")


def test_only_what_was_approved_is_committed(spot: Spot) -> None:
    """A commit that names the approved diff is not made when the worktree holds another change by then."""
    tree = spot.made()
    apply(spot, DIFF)
    approved = changes.difference(spot.trees, tree).diff
    changes.write_file(spot.trees, tree, key="", path="sneaked.py", text="in\n")
    with pytest.raises(ToolFailed, match="another change"):
        changes.commit(spot.trees, tree, key="c", message="x", by=OWNER, approved=approved)
    assert making.tip(tree) == tree.base
    apply(spot, approved, anew=True)
    new = changes.commit(spot.trees, tree, key="c", message="x", by=OWNER, approved=approved)
    assert changes.commit(spot.trees, tree, key="c", message="x", by=OWNER, approved=approved) == new
    with pytest.raises(ToolFailed, match="Nothing has changed"):
        changes.commit(spot.trees, tree, key="another", message="x", by=OWNER)


def test_no_hook_and_no_program_of_the_repository_runs(spot: Spot, tmp_path: Path) -> None:
    """Hooks, filters and monitors that a repository's settings name are not run by anything done in a worktree."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n", encoding="utf-8")
    trap.chmod(0o755)
    commit(spot.root, "Attributes", {".gitattributes": "*.py filter=trap diff=trap\n"})
    for key in ("filter.trap.clean", "filter.trap.smudge", "core.fsmonitor", "diff.trap.textconv", "diff.external"):
        run_git(spot.root, "config", key, str(trap))
    for hook in ("post-checkout", "pre-commit", "post-commit", "reference-transaction", "prepare-commit-msg"):
        (spot.root / ".git" / "hooks").mkdir(exist_ok=True)
        (spot.root / ".git" / "hooks" / hook).symlink_to(trap)
    (tmp_path / "sprung").unlink(missing_ok=True)
    tree = spot.made()
    apply(spot, one_line("docs/c.md", "# C, half written", "# D"))
    changes.difference(spot.trees, tree)
    changes.commit(spot.trees, tree, key="", message="x", by=OWNER)
    making.drop(spot.trees, spot.root, asked="", run="r1", scope="shop")
    assert not (tmp_path / "sprung").exists()


def test_a_worktree_that_points_elsewhere_is_not_followed(spot: Spot, tmp_path: Path) -> None:
    """When the folder's `.git` names another repository, nothing is run in it, and making it anew mends it."""
    tree = spot.made()
    other = tmp_path / "other"
    other.mkdir()
    commit(other, "x", {"a.py": "x\n"})
    for text in (f"gitdir: {other}/.git\n", f"gitdir: {other}/.git/worktrees/x\n", "nonsense"):
        (tree.folder / ".git").write_text(text, encoding="utf-8")
        with pytest.raises(ToolFailed, match="no longer whole"):
            spot.found()
        with pytest.raises(ToolFailed, match="no longer whole"):
            changes.difference(spot.trees, tree)
    again, new = making.make(spot.trees, spot.root, name="Fix it", run="r1", scope="shop")
    assert new
    assert changes.difference(spot.trees, again).files == ()


def test_a_project_below_the_repositorys_top(tmp_path: Path) -> None:
    """Where the project is a folder of a larger repository, paths begin at that folder, in and out."""
    top = tmp_path / "mono"
    top.mkdir()
    commit(top, "x", {"shop/a.py": "one\n", "else/b.py": "two\n"})
    tree, _ = making.make(tmp_path / "trees", top / "shop", name="x", run="r1", scope="shop")
    assert tree.root == tree.folder / "shop"
    assert changes.apply_diff(tmp_path / "trees", tree, key="", diff=one_line("a.py", "one", "ONE"))
    shown = changes.difference(tmp_path / "trees", tree)
    assert shown.files == ("a.py",)
    assert "+++ b/a.py" in shown.diff
    assert changes.write_file(tmp_path / "trees", tree, key="", path="c.py", text="three\n")
    assert changes.difference(tmp_path / "trees", tree).files == ("a.py", "c.py")
    with pytest.raises(ToolFailed):
        changes.apply_diff(tmp_path / "trees", tree, key="", diff=one_line("../else/b.py", "two", "TWO"))


def test_without_a_history_there_is_no_worktree(tmp_path: Path) -> None:
    """A folder in no repository, and a repository without a commit, are told with what to do."""
    with pytest.raises(ToolFailed, match="not in a git repository") as told:
        making.make(tmp_path / "trees", tmp_path, name="x", run="r1", scope="shop")
    assert "git init" in told.value.mend
    run_git(tmp_path, "init", "-q")
    with pytest.raises(ToolFailed):
        making.make(tmp_path / "trees", tmp_path, name="x", run="r1", scope="shop")


def test_two_steps_do_not_work_in_it_at_once(spot: Spot, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one step holds a worktree another one waits, and after a while says that it is busy."""
    monkeypatch.setattr(book, "LOCK_SECONDS_MAX", 0.1)
    tree = spot.made()
    with book.locked(spot.trees, "shop", tree.id), pytest.raises(ToolFailed, match="worked in by another step"):
        changes.difference(spot.trees, tree)
    assert changes.difference(spot.trees, tree).files == ()


def test_the_owner_commits(spot: Spot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is the repository's, else the person's own; where git knows nobody it is Nova's, and that is known."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert owner_of(spot.root) == Person(name="Nova", email="nova@localhost", known=False)
    (tmp_path / ".gitconfig").write_text("[user]\n name = Ada B\n email = ada@b.example\n", encoding="utf-8")
    assert owner_of(spot.root) == Person(name="Ada B", email="ada@b.example")
    run_git(spot.root, "config", "user.name", "Ada at the shop")
    assert owner_of(spot.root) == Person(name="Ada at the shop", email="ada@b.example")


@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_killed_and_tried_again_it_happens_once(operation: str, tmp_path: Path) -> None:
    """Killed at any moment and tried again with the same key: the same end as if nothing had happened, once."""
    command = [sys.executable, "-m", "tests.support.killed_hands", str(tmp_path), operation, str(KILLS)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["died"] >= KILLS - 2
    first, *others = told["results"]
    assert others == [first] * len(others)
    assert first["locks"] == []
    assert first["commits"] == {"commit": ["Ada: Two is louder"], "drop": [], "draft": []}.get(operation, [""])
    assert first["drafts"] == (["d.md 40000"] if operation == "draft" else [])


@pytest.mark.parametrize("git_too", [True, False])
def test_killed_among_many_files_it_is_made_whole(tmp_path: Path, git_too: bool) -> None:
    """Killed amid many files, git with it or still at work, the next try ends as if nothing had happened."""
    names = [f"many/{number}.txt" for number in range(300)]
    root = tmp_path / "shop"
    root.mkdir()
    commit(root, "Many", dict.fromkeys(names, "old\n" * 50 + "end\n"))
    diff = "".join(_appended(name) for name in names)
    (tmp_path / "diff").write_text(diff, encoding="utf-8")
    for number, seconds in enumerate((0.4, 0.5, 0.6)):
        command = [sys.executable, "-c", _IN_ONE_GO, str(root), str(tmp_path / "trees"), str(number)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        with subprocess.Popen(command, env=environment, cwd=tmp_path, start_new_session=True) as started:
            time.sleep(seconds)
            os.killpg(started.pid, signal.SIGKILL) if git_too else started.kill()
        tree, _ = making.make(tmp_path / "trees", root, name=f"n{number}", run="r1", scope="shop")
        changes.apply_diff(tmp_path / "trees", tree, key="k", diff=diff)
        shown = changes.difference(tmp_path / "trees", tree)
        assert (len(shown.files), shown.added, shown.removed) == (300, 300, 0)
        assert not run_git(tree.folder, "status", "--porcelain").replace("M  many", "").strip(" /0123456789.tx\n")


def _appended(name: str) -> str:
    context = " old\n" * 2 + " end\n"
    return f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -49,3 +49,4 @@\n{context}+new\n"


_IN_ONE_GO = """
import sys
from pathlib import Path
from nova.projects.worktrees import changes, making
root, trees, number = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
tree, _ = making.make(trees, root, name=f"n{number}", run="r1", scope="shop")
changes.apply_diff(trees, tree, key="k", diff=Path("diff").read_text(encoding="utf-8"))
"""
