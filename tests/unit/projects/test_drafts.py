"""Drafts: a new file in a folder for drafts, once for each key, and never over something."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova.core.errors import ToolFailed
from nova.projects.drafts import NAMES_MAX, file_draft


def put(root: Path, text: str, *, name: str = "on-call.md", folder: str = "drafts", key: str = "") -> tuple[str, bool]:
    """File a draft with Nova's notes beside the project."""
    (root / "site").mkdir(exist_ok=True)
    return file_draft(root / "site", root / "notes", folder=folder, name=name, text=text, key=key)


def test_a_draft_is_filed_whole(tmp_path: Path) -> None:
    """The file holds the text to the byte, the folder is made where it is missing, and nothing else is left there."""
    text = "# On call\n\nFür eine Person — 24 h.\n"
    assert put(tmp_path, text) == ("drafts/on-call.md", True)
    assert (tmp_path / "site" / "drafts" / "on-call.md").read_bytes() == text.encode()
    assert [file.name for file in (tmp_path / "site" / "drafts").iterdir()] == ["on-call.md"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where the name is taken by another text a number is added; the same text is filed once."""
    assert put(tmp_path, "one") == ("drafts/on-call.md", True)
    assert put(tmp_path, "two") == ("drafts/on-call-2.md", True)
    assert put(tmp_path, "two") == ("drafts/on-call-2.md", False)
    assert put(tmp_path, "one") == ("drafts/on-call.md", False)
    assert (tmp_path / "site" / "drafts" / "on-call.md").read_text(encoding="utf-8") == "one"


def test_a_key_files_one_draft(tmp_path: Path) -> None:
    """Tried again with the same key there is still one draft, also when the owner has edited it since."""
    path, _ = put(tmp_path, "one", key="k")
    (tmp_path / "site" / path).write_text("edited by the owner", encoding="utf-8")
    assert put(tmp_path, "one", key="k") == (path, False)
    assert (tmp_path / "site" / path).read_text(encoding="utf-8") == "edited by the owner"
    assert put(tmp_path, "one", key="another") == ("drafts/on-call-2.md", True)


@pytest.mark.parametrize("name", ["", ".md", "a/b.md", "../a.md", "a.py", "a", ".hidden.md", "a\n.md", "a.md/"])
def test_a_name_is_a_plain_name(tmp_path: Path, name: str) -> None:
    """Names with folders, without an ending for text, hidden or with control characters are refused."""
    with pytest.raises(ToolFailed, match="no name for a draft"):
        put(tmp_path, "x", name=name)


@pytest.mark.parametrize("folder", ["", ".", "/", "../drafts", "/tmp/drafts", "drafts/../../x", ".git/drafts", "link"])
def test_a_folder_lies_in_the_project(tmp_path: Path, folder: str) -> None:
    """Folders outside of the project, of git, or reached by a link that leads out are refused, and nothing is made."""
    (tmp_path / "site").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "site" / "link").symlink_to(tmp_path / "out")
    with pytest.raises(ToolFailed):
        put(tmp_path, "x", folder=folder)
    assert [file.name for file in (tmp_path / "site").iterdir()] == ["link"]
    assert not list((tmp_path / "out").iterdir())


def test_a_link_in_the_place_of_a_draft_is_not_written_through(tmp_path: Path) -> None:
    """A link with the draft's name is taken for taken, or refused when it leads out; its target stays as it is."""
    (tmp_path / "site" / "drafts").mkdir(parents=True)
    (tmp_path / "site" / "post.md").write_text("published", encoding="utf-8")
    (tmp_path / "site" / "drafts" / "on-call.md").symlink_to("../post.md")
    assert put(tmp_path, "x") == ("drafts/on-call-2.md", True)
    assert (tmp_path / "site" / "post.md").read_text(encoding="utf-8") == "published"


def test_endings_of_the_road_are_told(tmp_path: Path) -> None:
    """When all numbers are taken, or the text cannot be a file, that is said and nothing is written."""
    with pytest.raises(ToolFailed, match="no file can hold"):
        put(tmp_path, "\ud800")
    for number in range(1, NAMES_MAX + 1):
        put(tmp_path, f"text {number}")
    with pytest.raises(ToolFailed, match="already named like"):
        put(tmp_path, "one too many")
