"""The example workspace as a home of its own: five projects with three months of history, all 34 agents, no key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nova.app import data, replay, replay_talk, textrepo
from nova.coordinator.intake import wall_of
from nova.projects.load import load_projects
from nova.settings.defaults import initial_settings
from nova.settings.home import Home
from nova.store.database import open_database

REPOSITORIES = "repositories"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the demonstration: where it is asked from, and the words."""

    project: str | None
    text: str


QUESTIONS = (
    Question("airep", "Which fields does the Invoice model have?"),
    Question("airep", "Why did we decide against a schema per tenant?"),
    Question("sweeper-parts", "Which part replaces the castor TV-50-0502?"),
    Question("client-sites", "What does the care plan promise when a site is down?"),
    Question(
        None, "In airep, which open issues are about rounding? And in find-a-sign, how is the commission calculated?"
    ),
)


def demo_home(home: Home) -> Home:
    """Where the demonstration lives: beside the owner's own data, never in it. The cache is shared."""
    root = home.data / "demo"
    return Home(root=root, data=root / ".nova", cache=home.cache)


def prepare(home: Home, said: Callable[[str], None]) -> bool:
    """Makes the demonstration's home if it is not there; says each step. True when it was made now."""
    if home.exists:
        return False
    building = home.root.with_name(home.root.name + ".making")
    shutil.rmtree(building, ignore_errors=True)
    workspace = data.examples() / "workspace"
    for history in sorted((workspace / "history").glob("*.yaml")):
        tree = replay.tree_of(workspace / REPOSITORIES / history.stem)
        commits = replay.plan(tree, replay.read_history(history), history.name)
        said(f"{history.stem}: {len(tree)} files, {len(commits)} commits")
        replay.write(commits, building / REPOSITORIES / history.stem)
    files = _texts(workspace, building, home.root)
    (building / ".gitignore").write_text(f".nova/\n{REPOSITORIES}/\n", encoding="utf-8")
    textrepo.commit(building, [building / ".gitignore", *files], "Begin the demonstration's home")
    _talk(workspace, building, home, said)
    home.root.parent.mkdir(parents=True, exist_ok=True)
    building.rename(home.root)
    return True


def _talk(workspace: Path, building: Path, home: Home, said: Callable[[str], None]) -> None:
    """Three months of conversations, in the store that the home will have when it is done."""
    projects = {
        one.name: one for one in load_projects(building / "projects", {"workspace": str(home.root / REPOSITORIES)})
    }
    database = open_database(building / home.database.relative_to(home.root))
    try:
        for file in sorted((workspace / "conversations").glob("*.yaml")):
            talk = replay_talk.read_talk(file)
            written = replay_talk.write_talk(database, talk, wall_of(projects.get(file.stem)))
            said(f"{file.stem}: {len(talk)} conversations, {len(written)} turns")
    finally:
        database.close()


def _texts(workspace: Path, building: Path, final: Path) -> list[Path]:
    copied = [building / "profile.md", building / "nova.toml"]
    shutil.copyfile(workspace / "profile.md", copied[0])
    copied[1].write_text(initial_settings(workspace=str(final / REPOSITORIES)), encoding="utf-8")
    for folder in ("projects", "agents"):
        (building / folder).mkdir()
    for project in sorted((workspace / "projects").glob("*.md")):
        shutil.copyfile(project, building / "projects" / project.name)
        copied.append(building / "projects" / project.name)
    return copied
