"""Which project a request is about, and which projects an agent can work in. Pure: names and kinds in, a choice out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nova.core.errors import Unknown
from nova.core.text import nearest
from nova.projects.definition import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChoice:
    """The project of a request, or None, and how it was found: said, mentioned, conversation, folder, only one."""

    project: Project | None
    how: str = ""


def choose_project(
    text: str, *, said: str | None, conversation: str, folder: str, projects: Sequence[Project]
) -> ProjectChoice:
    """The project by what is surest: said with --project, mentioned in the words, of the conversation, of the folder.

    said: a project's name or alias, or None. Raises Unknown with the nearest names when it is neither.
    """
    if said:
        return ProjectChoice(project=_named(said, projects), how="said")
    mentioned = [project for project in projects if _mentions(text, project)]
    if len(mentioned) == 1:
        return ProjectChoice(project=mentioned[0], how="mentioned")
    for name, how in ((conversation, "conversation"), (folder, "folder")):
        found = [project for project in projects if name and project.name == name]
        if found:
            return ProjectChoice(project=found[0], how=how)
    return ProjectChoice(project=None)


def project_of_part(text: str, whole: Project | None, projects: Sequence[Project]) -> Project | None:
    """The project of one part of a request: the one it mentions itself, else the one of the whole."""
    mentioned = [project for project in projects if _mentions(text, project)]
    return mentioned[0] if len(mentioned) == 1 else whole


def serving(kinds: Sequence[str], projects: Sequence[Project]) -> tuple[Project, ...]:
    """The projects that an agent of these kinds can work in."""
    return tuple(project for project in projects if not kinds or project.kind in kinds)


def _named(name: str, projects: Sequence[Project]) -> Project:
    for project in projects:
        if name.casefold() in {known.casefold() for known in (project.name, *project.aliases)}:
            return project
    known = [project.name for project in projects]
    mend = f"You have: {', '.join(known)}." if known else "You have none yet: nova projects add PATH"
    raise Unknown("project", name, nearest(name, known), mend)


def _mentions(text: str, project: Project) -> bool:
    names = (project.name, project.name.replace("-", " "), *project.aliases)
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) for name in names)
