"""nova init as a person meets it."""

from __future__ import annotations

from pathlib import Path

from tests.integration.terminal import Terminal, repository


def test_a_new_home_holds_a_profile_settings_and_the_project_one_stands_in(tmp_path: Path) -> None:
    """A new home is small, committed with its reason, and knows the repository around the person."""
    shop = repository(tmp_path / "shop", manage_dot_py="print('django')\n", docs__readme_dot_md="# Shop\n")
    at = Terminal(tmp_path, shop / "docs")
    shown = at.nova("init")
    assert shown.code == 0, shown.err
    assert "nova ask" in shown.out
    assert {"profile.md", "nova.toml", "projects/shop.md"} <= set(at.git("ls-files").split())
    assert at.git("log", "--format=%s").strip() == "Begin this home"
    assert at.git("status", "--porcelain").strip() == ""
    listed = at.nova("projects", "list", "--json").values
    assert [(one["name"], one["kind"], one["problem"]) for one in listed] == [("shop", "django-erp", "")]
    engaged = {str(one["name"]) for one in at.nova("agents", "list", "--json").values}
    assert engaged == {"general-chat", "orientation", "decisions", "code-reviewer", "erp-schema"}


def test_all_engages_the_whole_catalog(tmp_path: Path) -> None:
    """With --all every agent of the catalog is engaged, and no project is made up where there is no repository."""
    (tmp_path / "empty").mkdir()
    at = Terminal(tmp_path, tmp_path / "empty", {"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    made = at.nova("init", "--all", "--json").value
    assert (made["agents"], made["project"]) == (None, "")
    assert len(at.nova("agents", "list", "--json").values) == 34
    assert at.nova("projects", "list").out.startswith("No projects yet")


def test_a_home_is_never_made_twice(tmp_path: Path) -> None:
    """A second init refuses, and what the owner has written stays as it is."""
    at = Terminal(tmp_path, tmp_path)
    assert at.nova("init").code == 0
    (at.home / "profile.md").write_text("I am Mara.\n", encoding="utf-8")
    shown = at.nova("init")
    assert (shown.code, shown.clean) == (2, True)
    assert "already" in shown.err
    assert (at.home / "profile.md").read_text(encoding="utf-8") == "I am Mara.\n"


def test_a_file_that_was_there_before_the_home_is_kept(tmp_path: Path) -> None:
    """A folder that already holds a profile becomes a home around it."""
    at = Terminal(tmp_path, tmp_path)
    at.home.mkdir()
    (at.home / "profile.md").write_text("I am Mara.\n", encoding="utf-8")
    made = at.nova("init", "--json").value
    assert str(at.home / "profile.md") not in str(made["files"])
    assert (at.home / "profile.md").read_text(encoding="utf-8") == "I am Mara.\n"


def test_any_folder_name_becomes_a_project_that_loads(tmp_path: Path) -> None:
    """Spaces, capitals, accents, quotes, digits and reserved words in a folder's name give a home without problems."""
    for number, name in enumerate(["3 Blind Mice", 'Büro "Süd"', "client", "--", "x" * 90]):
        place = tmp_path / str(number)
        at = Terminal(place, repository(place / name, readme_dot_md="hello\n"))
        assert at.nova("init").code == 0
        listed = at.nova("projects", "list", "--json")
        assert listed.code == 0, listed.out
        assert listed.values[0]["problem"] == "", listed.out


def test_a_place_that_cannot_hold_a_home_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Where the home's folder cannot be made, init says so with exit code 3, and leaves nothing behind."""
    (tmp_path / "file").write_text("in the way\n", encoding="utf-8")
    shown = Terminal(tmp_path, tmp_path).nova("init", NOVA_HOME=str(tmp_path / "file" / "home"))
    assert (shown.code, shown.clean) == (3, True)
    assert "cannot be written" in shown.err


def test_without_git_no_half_a_home_is_made(tmp_path: Path) -> None:
    """Where git is missing, init says so before it writes anything."""
    at = Terminal(tmp_path, tmp_path)
    (tmp_path / "bin").mkdir()
    shown = at.nova("init", PATH=str(tmp_path / "bin"))
    assert (shown.code, shown.clean) == (3, True)
    assert "git is not installed" in shown.err
    assert not at.home.exists()
