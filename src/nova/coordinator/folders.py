"""Where a project's files lie. Looks whether the folder is there; refuses to look into it."""

from __future__ import annotations

from pathlib import Path

from nova.core.errors import NotReady
from nova.projects.definition import Project


def folder_of(project: Project) -> Path:
    """The project's folder, links followed. Raises NotReady when it is not there."""
    if project.repository is None or not project.repository.is_dir():
        where = f"{project.repository}, which is no folder" if project.repository else "no folder at all"
        raise NotReady(f"The project {project.name} points to {where}.", f"Set `repository` in {project.file}.")
    return project.repository.resolve()


def issues_of(project: Project | None) -> str:
    """The folder of its issues, below its own."""
    if project is None or project.issues is None or project.repository is None:
        return "issues"
    inside = project.issues.is_relative_to(project.repository)
    return project.issues.relative_to(project.repository).as_posix() if inside else "issues"
