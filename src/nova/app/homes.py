"""Making a home: a few text files that are true from the first minute, in a git repository of their own.

Knows what a new home holds; refuses to overwrite anything that is there.
"""

from __future__ import annotations

import errno
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nova.app import textrepo
from nova.core.errors import BadInput, NotReady, StoreFull
from nova.core.text import shorten
from nova.settings.defaults import initial_settings
from nova.settings.home import Home

PROFILE = """\
# Who I am

Write here what every agent should know about you: a few lines, in your own words. They are put before every model
in every conversation, so keep them short. Delete what does not fit.

- Name and work:
- How I like answers: short, with sources, no filler.
- Standing instructions:
"""
STARTERS = ("general-chat", "orientation", "decisions", "code-reviewer")
SPECIALIST = {
    "django-erp": "erp-schema",
    "site": "site-auditor",
    "blog": "blog-writer",
    "marketplace": "marketplace-model",
    "parts-shop": "parts-catalogue",
    "nova": "nova-reviewer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made. project: the name of the one found, or empty; agents: engaged ones, None for all."""

    home: Home
    files: tuple[Path, ...]
    project: str
    agents: tuple[str, ...] | None


def make(home: Home, *, start: Path, everything: bool = False) -> Made:
    """A new home. start: where the person stands; the repository around it becomes the first project.

    Raises BadInput when there is a home already, StoreFull, NotReady when the folder cannot be made.
    """
    if home.exists:
        raise BadInput(f"There is a home in {home.root} already.", "Nothing was changed. See: nova doctor")
    repository = repository_at(start)
    kind = kind_of(repository) if repository else "general"
    agents = None if everything else starters(kind)
    written: dict[Path, str] = {home.profile_file: PROFILE}
    project = ""
    if repository:
        project = _name_of(repository)
        written[home.projects / f"{project}.md"] = project_text(project, kind, repository)
    written[home.settings_file] = initial_settings(agents)  # last: a home without it does not count as made
    _write(home, written)
    textrepo.commit(home.root, [home.root / ".gitignore", *written], "Begin this home")
    return Made(home=home, files=tuple(written), project=project, agents=agents)


def add_project(home: Home, repository: Path, *, name: str, kind: str, confidentiality: str) -> Path:
    """The file of a new project. Raises BadInput when the name is taken or the folder does not exist."""
    if not repository.is_dir():
        raise BadInput(f"{repository} is no folder.", "Give the folder of the project's repository.")
    chosen = name or _name_of(repository)
    file = home.projects / f"{chosen}.md"
    if file.exists():
        raise BadInput(f"There is a project {chosen} already: {file}", "Give another name with --name.")
    text = project_text(chosen, kind or kind_of(repository), repository, confidentiality)
    _write(home, {file: text})
    textrepo.commit(home.root, [file], f"Add the project {chosen}")
    return file


def repository_at(folder: Path) -> Path | None:
    """The top of the git repository around `folder`, or None."""
    command = ["git", "-C", str(folder), "rev-parse", "--show-toplevel"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def kind_of(repository: Path) -> str:
    """The kind of project that the files suggest; the owner can change it in the project's file."""
    if (repository / "src" / "nova" / "coordinator").is_dir():
        return "nova"
    if (repository / "manage.py").is_file():
        return "django-erp"
    if (repository / "posts").is_dir() or (repository / "_posts").is_dir():
        return "blog"
    if next(repository.glob("*/index.html"), None) or (repository / "index.html").is_file():
        return "site"
    return "general"


def project_text(name: str, kind: str, repository: Path, confidentiality: str = "internal") -> str:
    """The file of a project."""
    return (
        "---\n"
        f"name: {name}\nkind: {kind}\nscope: {name}\nconfidentiality: {confidentiality}\n"
        f'repository: "{repository}"\ndatabase: null\nissues: issues\naliases: []\n'
        "---\n"
        f"What {name} is, in two or three sentences, and what matters in it. Agents read this before they answer.\n"
    )


def _name_of(repository: Path) -> str:
    name = "".join(sign if sign.isalnum() else "-" for sign in repository.name.lower()).strip("-")
    return shorten(name, 40) or "project"


def _write(home: Home, texts: dict[Path, str]) -> None:
    try:
        for folder in (home.root, home.agents, home.projects):
            folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            if not file.exists():
                file.write_text(text, encoding="utf-8")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreFull(f"The disk with {home.root} is full.", "Free some space and start again.") from error
        what = f"The home {home.root} cannot be written: {error.strerror}."
        raise NotReady(what, "Set NOVA_HOME to a folder you own.") from error


def starters(kind: str) -> tuple[str, ...]:
    """The five agents a home with a project of this kind begins with."""
    return (*STARTERS, SPECIALIST.get(kind, "summariser"))
