"""The example projects as real repositories, with their written history."""

from __future__ import annotations

from pathlib import Path

from nova.app import replay
from nova.projects.definition import Project
from nova.projects.load import load_projects

WORKSPACE = Path(__file__).parents[3] / "examples" / "workspace"
NAMES = ("airep", "blog", "client-sites", "find-a-sign", "sweeper-parts")


def replayed(folder: Path, names: tuple[str, ...] = NAMES) -> dict[str, Project]:
    """The example projects with repositories below `folder`, replayed commit by commit."""
    for name in names:
        file = WORKSPACE / "history" / f"{name}.yaml"
        tree = replay.tree_of(WORKSPACE / "repositories" / name)
        replay.write(replay.plan(tree, replay.read_history(file), str(file)), folder / name)
    loaded = load_projects(WORKSPACE / "projects", {"workspace": str(folder)})
    return {project.name: project for project in loaded if project.name in names}
