"""The example workspace as a home of its own: five projects with three months of history, all 34 agents, no key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nova.app import data, replay, replay_talk, textrepo
from nova.app.histories import read_past
from nova.app.house import open_nova
from nova.coordinator.intake import wall_of
from nova.core.labels import Scope
from nova.memory.embed import embed
from nova.memory.tiers import memory_of
from nova.projects.load import load_projects
from nova.settings.defaults import initial_settings
from nova.settings.home import Home

REPOSITORIES = "repositories"
AS_OF = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)  # the evening of the last commit and the last conversation


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
    _past(workspace, building, home, said)
    home.root.parent.mkdir(parents=True, exist_ok=True)
    building.rename(home.root)
    return True


def _past(workspace: Path, building: Path, home: Home, said: Callable[[str], None]) -> None:
    """What the home remembers: three months of conversations on their days, and what the repositories tell."""
    making = Home(root=building, data=building / home.data.relative_to(home.root), cache=home.cache)
    nova = open_nova(making, clock=lambda: AS_OF)
    projects = {one.name: one for one in load_projects(making.projects, {"workspace": str(building / REPOSITORIES)})}
    memory = memory_of(nova.database, nova.router.open_teacher(), nova.clock)  # shipped words: read once for all homes
    try:
        for file in sorted((workspace / "conversations").glob("*.yaml")):
            talk = replay_talk.read_talk(file)
            count = replay_talk.write_talk(memory, talk, wall_of(projects.get(file.stem)))
            said(f"{file.stem}: {len(talk)} conversations, {count} notes from them")
        for project in projects.values():
            past = read_past(nova, project)
            said(f"{project.name}: {past.count if past else 0} notes from its history")
        embed(memory, Scope.owner(project.scope for project in projects.values()))
    finally:
        nova.close()


def _texts(workspace: Path, building: Path, final: Path) -> list[Path]:
    copied = [building / "profile.md", building / "nova.toml"]
    shutil.copyfile(workspace / "profile.md", copied[0])
    copied[1].write_text(initial_settings(workspace=str(final / REPOSITORIES)), encoding="utf-8")
    for folder in ("projects", "agents", "pipelines"):
        (building / folder).mkdir()
    for project in sorted((workspace / "projects").glob("*.md")):
        shutil.copyfile(project, building / "projects" / project.name)
        copied.append(building / "projects" / project.name)
    return copied
