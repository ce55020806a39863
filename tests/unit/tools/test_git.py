"""The git tools on real repositories: facts with commits, and repositories made to do harm."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.unit.tools.places import ask, commit, reach, run_git, write

from nova.core.errors import ToolFailed
from nova.projects.sources.repository import revision
from nova.tools.registry import toolbox


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    commit(
        root, "Take deposits\n\nThe pilot lost money without them.", {"pay.py": "a = 1\nb = 2\nc = 3\n"}, "2026-10-01"
    )
    commit(root, "Round half up in invoices", {"pay.py": "a = 1\nb = 20\nc = 3\n", "über.md": "neu\n"}, "2026-11-10")
    return root


async def test_log_says_what_when_who_and_why(root: Path) -> None:
    """The history names each commit by its short id, with day, author, subject and reason."""
    result = await ask(root, "git_log")
    assert result.headline == "2 commits, newest first."
    assert result.lines[1].text == "2026-10-01 Ada Byron: Take deposits — The pilot lost money without them."
    assert str(result.citations()[0]) == run_git(root, "rev-parse", "--short", "HEAD")


async def test_log_is_found_by_words_time_and_path(root: Path) -> None:
    """Commits are found by words of their message, since a day, on a file; and by content when no message fits."""
    assert "Take deposits" in (await ask(root, "git_log", query="deposit pilot")).lines[0].text
    assert len((await ask(root, "git_log", since="2 weeks ago")).lines) == 1
    assert len((await ask(root, "git_log", since="2026-10-02")).lines) == 1
    assert len((await ask(root, "git_log", path="über.md")).lines) == 1
    assert "add or remove" in (await ask(root, "git_log", query="b = 20")).headline
    assert (await ask(root, "git_log", limit=1)).cut


async def test_diff_shows_a_commits_lines(root: Path) -> None:
    """The change of one commit is shown with files and line numbers, cited by its id."""
    result = await ask(root, "git_diff", revision="HEAD")
    assert "touches 2 files, 2 lines added, 1 removed" in result.headline
    assert any(line.text == "pay.py:2 + b = 20" for line in result.lines)
    assert any("über.md:1 + neu" in line.text for line in result.lines)
    assert {str(one) for one in result.citations()} == {run_git(root, "rev-parse", "--short", "HEAD")}
    both = await ask(root, "git_diff", revision="HEAD~1..HEAD")
    assert "2 lines added, 1 removed" in both.headline


async def test_diff_of_the_working_tree_cites_lines(root: Path) -> None:
    """What is not committed is cited by path and line as they stand."""
    write(root, {"pay.py": "a = 1\nb = 20\nc = 4\n"})
    result = await ask(root, "git_diff")
    assert any(str(line) == "pay.py:3  + c = 4" for line in result.lines)


async def test_blame_names_the_commit_of_each_line(root: Path) -> None:
    """Each line is given to the commit that last changed it."""
    result = await ask(root, "git_blame", path="pay.py", start_line=2, end_line=2)
    last = run_git(root, "rev-parse", "--short=7", "HEAD")
    assert str(result.lines[0]) == f"pay.py:2  {last} 2026-11-10 Ada Byron (Round half up in invoices): b = 20"


async def test_status_names_what_is_changed(root: Path) -> None:
    """Changed, staged, new and odd-named files are listed with their state."""
    write(root, {"pay.py": "a = 2\n", "new file.md": "x\n", "staged.md": "y\n"})
    run_git(root, "add", "staged.md")
    text = (await ask(root, "git_status")).text()
    assert "has 3 changed files, on branch main at commit" in text
    for line in ("pay.py changed (not staged)", "staged.md added (staged)", "new file.md not tracked by git"):
        assert line in text
    run_git(root, "add", "-A")
    run_git(root, "commit", "-qm", "All")
    assert "is clean" in (await ask(root, "git_status")).headline


async def test_a_detached_head_is_said(root: Path) -> None:
    """On no branch the status says so, and the log still works."""
    run_git(root, "checkout", "-q", "--detach", "HEAD~1")
    assert "(detached)" in (await ask(root, "git_status")).headline
    assert len((await ask(root, "git_log")).lines) == 1


@pytest.mark.parametrize(("tool", "arguments"), [("git_log", {}), ("git_diff", {}), ("git_blame", {"path": "a.md"})])
async def test_an_empty_repository_has_no_commit_yet(tmp_path: Path, tool: str, arguments: dict[str, str]) -> None:
    """Without any commit the tools say so; the status still answers."""
    root = write(tmp_path / "young", {"a.md": "x\n"})
    run_git(root, "init", "-q", "-b", "main")
    with pytest.raises(ToolFailed, match="no commit yet"):
        await ask(root, tool, **arguments)
    assert "without any commit yet" in (await ask(root, "git_status")).headline


async def test_without_a_repository_it_says_what_to_do(tmp_path: Path) -> None:
    """A folder outside any repository is refused with the command that starts one."""
    with pytest.raises(ToolFailed, match="git init"):
        await ask(tmp_path, "git_log")


async def test_without_git_it_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without git is told what is missing; files are still listed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match="git was not found"):
        await ask(root, "git_log")
    assert "pay.py" in (await ask(root, "files_list")).text()


@pytest.mark.parametrize(
    "asked",
    [
        "--output=/tmp/x",
        "-p",
        "HEAD --stat",
        "$(id)",
        "HEAD;id",
        "a..-b",
        "HEAD:pay.py",
        "",
        " ",
        "a\nb",
        "\0",
        "x" * 500,
        ":/fix",
    ],
)
def test_only_revisions_are_revisions(asked: str) -> None:
    """Options, paths, shell and rubbish are refused before git sees them."""
    with pytest.raises(ToolFailed, match="is not a revision"):
        revision(asked)


@pytest.mark.parametrize(
    "asked", ["HEAD", "HEAD~2", "v1.2.0", "main..feature/x", "abc1234^", "HEAD@{1}", "origin/main"]
)
def test_revisions_pass(asked: str) -> None:
    """What people write for commits, tags, branches and ranges is taken as it is."""
    assert revision(asked) == asked


async def test_unknown_revisions_are_named(root: Path) -> None:
    """A revision that does not exist is refused with where to look."""
    with pytest.raises(ToolFailed, match="git_log shows the commits"):
        await ask(root, "git_diff", revision="nonesuch")


async def test_secrets_in_history_stay_there(root: Path) -> None:
    """A commit that added a key file is shown without the key, and says that something was kept back."""
    commit(root, "Oops", {".env": "KEY=topsecret\n", "deploy/server.pem": "topsecret\n", "ok.md": "fine\n"})
    for asked in ("HEAD", "HEAD~1..HEAD"):
        text = (await ask(root, "git_diff", revision=asked)).text()
        assert "topsecret" not in text
        assert "ok.md" in text
        assert "2 more may hold secrets" in text
    with pytest.raises(ToolFailed, match="holds secrets"):
        await ask(root, "git_blame", path=".env")
    with pytest.raises(ToolFailed, match="holds secrets"):
        await ask(root, "git_diff", revision="HEAD", path=".env")


async def test_a_repositorys_own_settings_run_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters, drivers, monitors, pagers and hooks that a repository names are never executed by any tool."""
    trap = tmp_path / "trap.sh"
    sprung = tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\necho $0 $@ >> {sprung}\ncat\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    write(root, {".gitattributes": "*.py filter=evil diff=evil\n", "pay.py": "a = 5\n"})
    for key in (
        "core.fsmonitor", "core.pager", "diff.external", "pager.log", "pager.diff",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "diff.evil.textconv", "diff.evil.command", "core.sshCommand", "gpg.program", "core.editor",
    ):  # fmt: skip
        run_git(root, "config", key, str(trap))
    run_git(root, "config", "filter.evil.required", "true")
    run_git(root, "config", "core.hooksPath", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    monkeypatch.setenv("GIT_PAGER", str(trap))
    os.utime(root / "pay.py", (1, 1))
    await ask(root, "git_status")
    await ask(root, "git_diff")
    await ask(root, "git_diff", revision="HEAD")
    await ask(root, "git_diff", revision="HEAD~1..HEAD")
    await ask(root, "git_log", query="nothing that any message holds")
    await ask(root, "git_blame", path="pay.py")
    await ask(root, "files_search", query="a")
    assert not sprung.exists(), sprung.read_text()


async def test_a_repository_of_another_user_is_read(root: Path) -> None:
    """The project's own repository is trusted by name, even when another user owns it."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(root, 12345, 12345)
    os.chown(root / ".git", 12345, 12345)
    assert len((await ask(root, "git_log")).lines) == 2


async def test_a_project_inside_a_repository_sees_only_itself(root: Path) -> None:
    """When the project is a folder of a larger repository, the other folders' files stay out of sight."""
    commit(root, "Two parts", {"mine/a.md": "mine\n", "theirs/b.md": "their words\n"})
    write(root, {"mine/a.md": "changed\n", "theirs/b.md": "changed too\n"})
    status = (await ask(root / "mine", "git_status")).text()
    assert "a.md changed (not staged)" in status
    assert "b.md" not in status
    for asked in ("", "HEAD"):
        diff = (await ask(root / "mine", "git_diff", revision=asked)).text()
        assert "a.md" in diff
        assert "their" not in diff
        assert "mine/" not in diff
    with pytest.raises(ToolFailed, match="leads out of the project"):
        await ask(root / "mine", "git_blame", path="../theirs/b.md")


async def test_dates_that_are_none_are_refused(root: Path) -> None:
    """A date that cannot be read is refused with how to write one."""
    with pytest.raises(ToolFailed, match="2 weeks ago"):
        await ask(root, "git_log", since="--exec=id")


async def test_values_name_revisions(root: Path) -> None:
    """What a revision can be is enumerated: HEAD, the newest commits, branches and tags."""
    run_git(root, "tag", "v1")
    found = list(toolbox()["git_diff"].values["revision"](reach(root)))
    assert found[0] == "HEAD"
    assert {"main", "v1", run_git(root, "rev-parse", "--short", "HEAD")} <= set(found)
