"""Making a home: a few text files that are true from the first minute, in a git repository of their own.

Knows what a new home holds; refuses to overwrite anything that is there.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nova.app import textrepo
from nova.app.projects import kind_of, name_for, project_text
from nova.app.textfiles import write_new
from nova.core.errors import BadInput, NotReady
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
    """What was made. files: those that were not there before. project: the name of the one found, or empty; kind: its.

    agents: the engaged ones of the catalog, None for all.
    """

    home: Home
    files: tuple[Path, ...]
    project: str
    kind: str
    agents: tuple[str, ...] | None


def make(home: Home, *, start: Path, everything: bool = False) -> Made:
    """A new home. start: where the person stands; the repository around it becomes the first project.

    Raises BadInput when there is a home already, StoreFull, NotReady when the folder cannot be made.
    """
    if home.exists:
        raise BadInput(f"There is a home in {home.root} already.", "Nothing was changed. See: nova doctor")
    if shutil.which("git") is None:
        raise NotReady("git is not installed; the home's text files are kept in it.", "Install git, then try again.")
    repository = repository_at(start)
    kind = kind_of(repository) if repository else "general"
    agents = None if everything else starters(kind)
    written: dict[Path, str] = {home.profile_file: PROFILE}
    project = ""
    if repository:
        project = name_for(repository)
        written[home.projects / f"{project}.md"] = project_text(project, kind, repository)
    written[home.settings_file] = initial_settings(agents)  # last: a home without it does not count as made
    made = _write(home, written)
    textrepo.commit(home.root, [home.root / ".gitignore", *written], "Begin this home")
    return Made(home=home, files=made, project=project, kind=kind, agents=agents)


def repository_at(folder: Path) -> Path | None:
    """The top of the git repository around `folder`, or None."""
    command = ["git", "-C", str(folder), "rev-parse", "--show-toplevel"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def _write(home: Home, texts: dict[Path, str]) -> tuple[Path, ...]:
    made = tuple(file for file in texts if not file.exists())
    for file in made:
        write_new(file, texts[file])
    for folder in (home.agents, home.projects, home.pipelines):
        folder.mkdir(parents=True, exist_ok=True)
    return made


def starters(kind: str) -> tuple[str, ...]:
    """The five agents a home with a project of this kind begins with."""
    return (*STARTERS, SPECIALIST.get(kind, "summariser"))
