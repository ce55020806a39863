"""nova projects as a person meets it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.integration.terminal import Terminal, repository


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a home and one project, blog."""
    terminal = Terminal(tmp_path, repository(tmp_path / "blog", posts__first_dot_md="# First\n"))
    assert terminal.nova("init").code == 0
    return terminal


def test_a_project_is_added_committed_and_shown(at: Terminal) -> None:
    """What add writes is committed with its reason, loads, and show tells the repository's last commit."""
    shop = repository(at.folder / "Parts Shop", issues__0001_dot_md="# Prices\n")
    added = at.nova("projects", "add", str(shop), "--kind", "parts-shop", "--confidentiality", "client")
    assert added.code == 0, added.err
    assert at.git("log", "-1", "--format=%s").strip() == "Add the project parts-shop"
    one = at.nova("projects", "show", "parts-shop", "--json").value
    facts = {"kind": "parts-shop", "confidentiality": "client", "scope": "parts-shop", "commits": 1, "issue_files": 1}
    assert {key: one[key] for key in facts} == facts
    assert "Begin" in at.nova("projects", "show", "parts-shop").out


def test_the_kind_is_found_from_the_files(at: Terminal) -> None:
    """A folder with posts is a blog; the owner can say otherwise."""
    assert at.nova("projects", "show", "blog", "--json").value["kind"] == "blog"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "markteplace"], "marketplace"),
        (["--confidentiality", "clinet"], "client"),
        (["--name", "blog"], "already"),
        (["--name", "Not A Name"], "not a name"),
    ],
)
def test_what_cannot_be_added_is_refused_and_nothing_is_written(at: Terminal, words: list[str], said: str) -> None:
    """An unknown kind or level brings the nearest one, a taken or bad name a sentence; the home stays as it was."""
    shop = repository(at.folder / "shop", readme_dot_md="hello\n")
    shown = at.nova("projects", "add", str(shop), *words)
    assert (shown.code, shown.clean) == (2, True)
    assert said in shown.err
    assert at.git("status", "--porcelain", "--untracked-files=all").strip() == ""
    assert len(at.nova("projects", "list", "--json").values) == 1


def test_a_folder_that_does_not_exist_is_no_project(at: Terminal) -> None:
    """A path that is no folder is refused."""
    shown = at.nova("projects", "add", str(at.folder / "nowhere"))
    assert (shown.code, shown.clean) == (2, True)
    assert "is no folder" in shown.err


def test_an_unreadable_repository_is_told_and_the_others_are_listed(at: Terminal) -> None:
    """A repository that is gone is reported in its line; the list still holds every project and ends well."""
    shop = repository(at.folder / "shop", readme_dot_md="hello\n")
    assert at.nova("projects", "add", str(shop)).code == 0
    shutil.rmtree(shop)
    shown = at.nova("projects", "list")
    assert (shown.code, shown.clean) == (0, True)
    lines = dict(line.split(maxsplit=1) for line in shown.out.splitlines())
    assert "does not exist" in lines["shop"]
    assert "!" not in lines["blog"]


def test_a_folder_that_may_not_be_read_is_refused(at: Terminal) -> None:
    """A repository that the person may not enter is refused in words, from outside and from within."""
    place = repository(at.folder / "locked" / "shop", src__a_dot_txt="a\n")
    (at.folder / "locked").chmod(0)
    try:
        if os.access(at.folder / "locked", os.R_OK):
            pytest.skip("nothing is unreadable to root")
        shown = at.nova("projects", "add", str(place))
        assert (shown.code, shown.clean) == (2, True)
        (at.folder / "locked").chmod(0o755)
        (place / "src").chmod(0)
        assert at.nova("projects", "add", str(place)).code == 0
    finally:
        (at.folder / "locked").chmod(0o755)
        (place / "src").chmod(0o755)


def test_an_unknown_project_brings_the_nearest(at: Terminal) -> None:
    """A name with a slip is answered by the one that was meant."""
    shown = at.nova("projects", "show", "bolg", "--json")
    assert shown.code == 2
    assert "blog" in str(shown.value["mend"])


def test_broken_project_files_are_listed_with_their_lines(at: Terminal) -> None:
    """A mistake in a project's file is said with file and line."""
    file = at.home / "projects" / "blog.md"
    file.write_text(file.read_text(encoding="utf-8").replace("kind: blog", "kind: blogg"), encoding="utf-8")
    shown = at.nova("projects", "list")
    assert (shown.code, shown.clean) == (2, True)
    assert "blog.md:3" in shown.err
