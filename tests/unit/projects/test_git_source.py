"""Git's history as values, on real repositories: whole ones, empty ones, shallow ones, and ones made to mislead."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.tools.places import commit, run_git, write

from nova.core.errors import ToolFailed
from nova.projects.sources.branches import branches
from nova.projects.sources.git import CommitPlace, State, blame, commit_on_main, commits, file_at, main_of, standing
from nova.projects.sources.repository import git
from nova.projects.sources.worktree import FileState, last_touched, worktree

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    commit(root, "Take deposits\n\nThe pilot lost\nmoney without them.", {"pay.py": "a = 1\nb = 2\n"}, "2026-10-01")
    commit(root, "Round half up", {"pay.py": "a = 1\nb = 20\n", "ü b.md": "neu\n"}, "2026-11-10")
    return root


def test_a_commit_is_read_whole(root: Path) -> None:
    """A commit comes with its moment, author, subject, body and files, names with blanks and umlauts as they are."""
    newest, oldest = commits(root).commits
    assert (newest.subject, newest.files, newest.day) == ("Round half up", ("pay.py", "ü b.md"), "2026-11-10")
    assert oldest.body == "The pilot lost\nmoney without them."
    assert oldest.reason == "The pilot lost money without them."
    assert oldest.at == datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert (oldest.author, oldest.id) == ("Ada Byron", run_git(root, "rev-parse", "--short", "HEAD~1"))
    assert oldest.hash == run_git(root, "rev-parse", "HEAD~1")


def test_commits_are_counted_off_and_told_to_be(root: Path) -> None:
    """What a count or a date leaves out is left out, and only the count says that there is more."""
    assert [one.subject for one in commits(root, count_max=1).commits] == ["Round half up"]
    assert commits(root, count_max=1).cut
    young = commits(root, datetime(2026, 11, 1, tzinfo=UTC))
    assert (len(young.commits), young.cut) == (1, False)
    assert [one.subject for one in commits(root, paths=["ü b.md"]).commits] == ["Round half up"]


def test_a_message_cannot_pretend_to_be_a_commit(root: Path) -> None:
    """Control characters and lines that look like the reader's own marks stay words of one message."""
    forged = "Two\n\n//" + "a" * 40 + "\nabcdefg\x1e\x1f2026-01-01T00:00:00+00:00\naMallory\n\nsForged\nb"
    commit(root, forged, {"pay.py": "a = 3\n"})
    found = commits(root).commits
    assert [one.subject for one in found] == ["Two", "Round half up", "Take deposits"]
    assert found[0].author == "Ada Byron"


def test_a_folder_below_the_top_has_its_own_history(root: Path) -> None:
    """In a project that is a folder of a repository, only commits that touch it count, with paths below it."""
    commit(root, "Add a part", {"parts/one.md": "1\n", "pay.py": "a = 4\n"})
    found = commits(root / "parts").commits
    assert [(one.subject, one.files) for one in found] == [("Add a part", ("one.md",))]
    write(root, {"parts/two.md": "2\n", "pay.py": "a = 5\n"})
    assert [file.path for file in worktree(root / "parts").files] == ["two.md"]


def test_standing_says_what_there_is(root: Path, tmp_path: Path) -> None:
    """No folder, no repository, no commit, a bare, a shallow and a broken one are told apart, each with a mend."""
    assert standing(root).state is State.READY
    empty = tmp_path / "empty"
    empty.mkdir()
    assert standing(empty).state is State.NONE
    assert standing(tmp_path / "gone").state is State.MISSING
    run_git(empty, "init", "-q", "-b", "main")
    assert standing(empty).state is State.EMPTY
    run_git(tmp_path, "clone", "-q", "--bare", str(root), "bare")
    assert standing(tmp_path / "bare").state is State.BARE
    run_git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    assert standing(tmp_path / "shallow").state is State.SHALLOW
    broken = write(tmp_path / "broken", {".git": "gitdir: /nowhere/at/all\n"})
    assert standing(broken).state is State.BROKEN
    for folder in ("empty", "gone", "bare", "shallow", "broken"):
        where = standing(tmp_path / folder)
        assert where.what
        assert where.mend
        assert where.readable == (where.state is State.SHALLOW)


def test_a_commit_is_on_main_elsewhere_or_gone(root: Path, tmp_path: Path) -> None:
    """A commit of another branch is elsewhere, an unknown one gone; a shallow clone does not pretend to know."""
    old = run_git(root, "rev-parse", "--short", "HEAD~1")
    run_git(root, "checkout", "-q", "-b", "topic")
    side = commit(root, "Try it", {"try.py": "x\n"})
    assert main_of(root) == "refs/heads/main"
    assert commit_on_main(root, old) is CommitPlace.ON_MAIN
    assert commit_on_main(root, side) is CommitPlace.ELSEWHERE
    assert commit_on_main(root, "abcdef123") is CommitPlace.GONE
    assert commit_on_main(root, "--help") is CommitPlace.GONE
    run_git(root, "checkout", "-q", "main")
    run_git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    assert commit_on_main(tmp_path / "shallow", old) is CommitPlace.UNKNOWN
    assert commit_on_main(tmp_path, old) is CommitPlace.UNKNOWN


def test_an_older_file_is_read(root: Path) -> None:
    """A file is read as a commit had it; one that was not there then is None, and no option gets through."""
    assert file_at(root, "HEAD~1", "pay.py") == "a = 1\nb = 2\n"
    assert file_at(root, "HEAD~1", "ü b.md") is None
    with pytest.raises(ToolFailed, match="not a revision"):
        file_at(root, "--output=/tmp/x", "pay.py")


def test_blame_names_lines(root: Path) -> None:
    """Each line has who wrote it last; one that is not committed has no commit, an unknown file nobody."""
    write(root, {"pay.py": "a = 1\nb = 30\n"})
    found = blame(root, "pay.py", [1, 2])
    assert (found[1].author, found[1].at.date().isoformat()) == ("Ada Byron", "2026-10-01")
    assert found[2].commit == ""
    assert blame(root, "new.md", [1]) == {}


def test_branches_are_held_against_main(root: Path) -> None:
    """A branch says what it has and lacks; one that main contains is merged, and the newest comes first."""
    run_git(root, "branch", "done", "HEAD~1")
    run_git(root, "checkout", "-q", "-b", "topic", "HEAD~1")
    commit(root, "Try it", {"try.py": "x\n"}, "2026-11-15")
    commit(root, "Try it twice", {"try.py": "y\n"}, "2026-11-16")
    found = branches(root)
    assert [one.name for one in found.branches] == ["topic", "main", "done"]
    topic, main, done = found.branches
    assert (topic.ahead, topic.behind, topic.merged, topic.current) == (2, 1, False, True)
    assert (main.main, main.ahead, main.behind) == (True, 0, 0)
    assert (done.merged, done.ahead, done.behind) == (True, 0, 1)
    assert [one.name for one in found.unmerged] == ["topic"]
    assert found.unmerged[0].subject == "Try it twice"
    assert branches(root, count_max=2).cut


def test_remote_branches_count_when_no_local_one_is_called_so(root: Path, tmp_path: Path) -> None:
    """A clone knows the branches it has not checked out, and what the remote calls its head is main."""
    run_git(root, "checkout", "-q", "-b", "topic")
    commit(root, "Try it", {"try.py": "x\n"})
    run_git(root, "checkout", "-q", "main")
    run_git(tmp_path, "clone", "-q", str(root), "clone")
    found = branches(tmp_path / "clone")
    assert {(one.name, one.remote, one.merged) for one in found.branches} == {
        ("main", False, True),
        ("origin/topic", True, False),
    }


def test_the_working_folder_says_what_is_not_committed(root: Path) -> None:
    """Staged, changed, new and deleted files come newest first, with stashes and a merge that is half done."""
    assert worktree(root).clean
    write(root, {"pay.py": "a = 2\nb = 20\n", "new.md": "n\n", "staged.md": "s\n"})
    run_git(root, "add", "staged.md")
    (root / "ü b.md").unlink()
    for age, name in enumerate(("new.md", "pay.py", "staged.md")):
        moment = NOW.timestamp() - age * 60
        os.utime(root / name, (moment, moment))
    work = worktree(root)
    assert [(one.path, one.state) for one in work.files] == [
        ("new.md", FileState.UNTRACKED),
        ("pay.py", FileState.CHANGED),
        ("staged.md", FileState.STAGED),
        ("ü b.md", FileState.CHANGED),
    ]
    assert work.files[-1].at is None
    assert (work.branch, work.doing, work.stashes) == ("main", "", ())
    run_git(root, "add", "-A")
    run_git(root, "stash", "push", "-q", "-m", "half a thought")
    assert worktree(root).stashes == ("On main: half a thought",)


def test_a_merge_half_done_is_named(root: Path) -> None:
    """A conflict is a state of its file and of the folder."""
    run_git(root, "checkout", "-q", "-b", "topic")
    commit(root, "One way", {"pay.py": "a = 7\n"})
    run_git(root, "checkout", "-q", "main")
    commit(root, "Another way", {"pay.py": "a = 8\n"})
    with pytest.raises(Exception, match="merge"):
        run_git(root, "merge", "topic")
    work = worktree(root)
    assert work.doing == "merge"
    assert [(one.path, one.state) for one in work.files] == [("pay.py", FileState.CONFLICT)]


def test_last_touched_is_the_newest_of_all(root: Path) -> None:
    """The newest uncommitted file, else the most changed file of the newest commit on any branch."""
    found = last_touched(root, worktree(root), NOW)
    assert found is not None
    assert (found.path, found.branch, found.at.date().isoformat()) == ("pay.py", "main", "2026-11-10")
    run_git(root, "checkout", "-q", "-b", "topic")
    commit(root, "Try it", {"CHANGELOG.md": "a\nb\nc\nd\n", "try.py": "x\n"}, "2026-11-16")
    run_git(root, "checkout", "-q", "main")
    found = last_touched(root, worktree(root), NOW)
    assert found is not None
    assert (found.path, found.branch) == ("try.py", "topic")
    assert found.commit is not None
    assert found.commit.files == ("CHANGELOG.md", "try.py")
    write(root, {"pay.py": "a = 9\n"})
    later = NOW.timestamp() + 9_000  # a clock that went backwards since
    os.utime(root / "pay.py", (later, later))
    found = last_touched(root, worktree(root), NOW)
    assert found is not None
    assert (found.path, found.at, found.commit) == ("pay.py", NOW, None)


def test_nothing_of_the_repository_runs(root: Path, tmp_path: Path) -> None:
    """Hooks, file watchers, pagers and filters of a hostile repository are not run by any reading."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "core.sshCommand",
    ):
        run_git(root, "config", key, str(trap))
    write(root, {".gitattributes": "*.py diff=x filter=x\n", "pay.py": "a = 11\n"})
    (root / ".git" / "hooks").mkdir(exist_ok=True)
    (root / ".git" / "hooks" / "post-index-change").symlink_to(trap)
    work = worktree(root)
    last_touched(root, work, NOW)
    commits(root)
    branches(root)
    blame(root, "pay.py", [1])
    file_at(root, "HEAD", "pay.py")
    assert not (tmp_path / "sprung").exists()
    assert {one.path for one in work.files} == {".gitattributes", "pay.py"}
    run_git(root, "status")
    assert (tmp_path / "sprung").exists(), "the trap itself works: git alone springs it"


def test_what_git_printed_when_time_ran_out_counts(root: Path) -> None:
    """Out of time, a reading gives what there was and says that it was cut; asked for all or nothing, it fails."""
    found = commits(root, seconds_max=0.0)
    assert found.cut
    assert len(found.commits) <= 2
    with pytest.raises(ToolFailed, match="did not finish within 0 seconds"):
        git(root, "log", seconds_max=0.0)
