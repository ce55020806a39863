"""The projects of a home, for a person who looks at them or adds one. Knows files and git."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nova.app import textrepo
from nova.app.textfiles import write_new
from nova.core.errors import BadInput, NotReady, Unknown
from nova.core.json import Json
from nova.core.text import nearest
from nova.projects.definition import KINDS, Project
from nova.projects.file import RESERVED_SCOPES
from nova.projects.load import load_projects, parse_project
from nova.settings.definition import Confidentiality
from nova.settings.file import NAME_LENGTH_MAX
from nova.settings.home import Home
from nova.settings.load import load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What lies where a project's file points. problem: why it cannot be read, empty when it can."""

    commits: int = 0
    last: str = ""
    branch: str = ""
    issues: int = 0
    problem: str = ""


def projects_of(home: Home) -> tuple[Project, ...]:
    """All projects of the home. Raises NotReady without a home, BadFiles."""
    if not home.exists:
        raise NotReady(f"There is no Nova home in {home.root}.", "Make one: nova init (or try nova demo first).")
    return load_projects(home.projects, load_settings(home.settings_file).variables)


def named(projects: Sequence[Project], name: str) -> Project:
    """The project of that name or alias. Raises Unknown with the nearest."""
    folded = name.casefold()
    for project in projects:
        if folded in {word.casefold() for word in project.names}:
            return project
    words = [word for project in projects for word in project.names]
    raise Unknown("project", name, nearest(name, words), "List them: nova projects list")


def ground(project: Project) -> Ground:
    """Looks at the repository. Never raises: what cannot be read is the finding."""
    place = project.repository
    if place is None:
        return Ground(problem="it names no repository")
    try:
        if not place.is_dir():
            return Ground(problem=f"{place} is no folder" if place.exists() else f"{place} does not exist")
        next(place.iterdir(), None)
        issues = len(list(project.issues.glob("*.md"))) if project.issues else 0
    except OSError as error:
        return Ground(problem=f"{place} cannot be read: {error.strerror}")
    last = _git(place, "log", "-1", "--format=%h %cs %s")
    if last is None:
        return Ground(issues=issues, problem=f"{place} is no git repository, or has no commit yet")
    count = _git(place, "rev-list", "--count", "HEAD") or "0"
    branch = _git(place, "branch", "--show-current") or ""
    return Ground(commits=int(count), last=last, branch=branch, issues=issues)


def add(home: Home, repository: Path, *, name: str, kind: str, confidentiality: str) -> Project:
    """The new project, its file written and committed. Empty texts: found out from the folder.

    Raises BadInput for a folder that is none, a name that is taken or none; Unknown for a kind; BadFiles, NotReady.
    """
    others = projects_of(home)
    folder = repository.expanduser().absolute()
    if not os.path.isdir(folder):  # noqa: PTH112 - never raises, where Path.is_dir does on a folder one may not enter
        raise BadInput(f"{folder} is no folder.", "Give the folder of the project's repository.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise BadInput(f"{folder} cannot be read by you.", "Give yourself the right, or another folder.")
    for what, given, known in (("kind", kind, KINDS), ("level", confidentiality, [*Confidentiality])):
        if given and given not in known:
            raise Unknown(what, given, nearest(given, known), f"Choose one of: {', '.join(known)}.")
    chosen = name or name_for(folder)
    if taken := next((one for one in others if chosen.casefold() in {word.casefold() for word in one.names}), None):
        raise BadInput(f"{chosen} is already what the project {taken.name} is called.", "Give another with --name.")
    file = home.projects / f"{chosen}.md"
    text = project_text(chosen, kind or kind_of(folder), folder, confidentiality or "internal")
    project = parse_project(text.encode(), file, home.root)
    write_new(file, text)
    textrepo.commit(home.root, [file], f"Add the project {chosen}")
    return project


def kind_of(repository: Path) -> str:
    """The kind of project that the files suggest; the owner can change it in the project's file."""
    signs = {
        "nova": ("src/nova/coordinator",),
        "django-erp": ("manage.py",),
        "blog": ("posts", "_posts"),
        "site": ("index.html", "*/index.html"),
    }
    for kind, patterns in signs.items():
        if any(next(repository.glob(pattern), None) for pattern in patterns):
            return kind
    return "general"


def name_for(repository: Path) -> str:
    """A project name from the folder's: a-z, 0-9 and single hyphens, a letter first, 40 characters at most."""
    words = re.findall(r"[a-z0-9]+", repository.name.lower())
    name = "-".join(words)
    name = name if name[:1].isalpha() else f"project-{name}".rstrip("-")
    return name[:NAME_LENGTH_MAX].rstrip("-")


def project_text(name: str, kind: str, repository: Path, confidentiality: str = "internal") -> str:
    """The file of a project. Raises BadInput for a path that such a file cannot hold."""
    place = str(repository)
    if "$" in place or not place.isprintable():
        raise BadInput(f"The path {place!r} holds a $ or a control character.", "Rename the folder, or link to it.")
    issues = "issues" if (repository / "issues").is_dir() else "null"
    scope = f"{name}-project" if name in RESERVED_SCOPES else name
    return (
        "---\n"
        f"name: {name}\nkind: {kind}\nscope: {scope}\nconfidentiality: {confidentiality}\n"
        f"repository: {json.dumps(place, ensure_ascii=False)}\ndatabase: null\nissues: {issues}\naliases: []\n"
        "---\n"
        f"What {name} is, in two or three sentences, and what matters in it. Agents read this before they answer.\n"
    )


def project_json(project: Project, found: Ground) -> dict[str, Json]:
    """A project for scripts, with what lies on its ground."""
    return {
        "name": project.name,
        "kind": project.kind,
        "scope": project.scope,
        "confidentiality": project.confidentiality.value,
        "repository": str(project.repository) if project.repository else None,
        "database": str(project.database) if project.database else None,
        "issues": str(project.issues) if project.issues else None,
        "aliases": list(project.aliases),
        "notes": project.notes,
        "file": project.file,
        "version": project.version,
        "problem": found.problem,
        "commits": found.commits,
        "last_commit": found.last,
        "branch": found.branch,
        "issue_files": found.issues,
    }


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
