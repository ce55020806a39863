"""The doctor on the home's text files: what is in them, and each problem with file and line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from nova.agents.load import Roster, load_roster
from nova.app import data
from nova.app.doctor.finding import Finding, missing, note, ok
from nova.app.projects import ground
from nova.app.tools import all_tools
from nova.core.errors import BadFiles, Problem
from nova.pipelines.known import known_of
from nova.pipelines.load import survey_pipelines
from nova.projects.definition import Project
from nova.projects.load import load_projects
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.load import load_settings

NO_HOME = "Make one: nova init   (or try nova demo first)"


def settings_of(home: Home) -> tuple[Settings, list[Finding]]:
    """The settings, or the defaults where nova.toml cannot be used, and what there is to say about it."""
    try:
        settings = load_settings(home.settings_file)
    except BadFiles as error:
        return Settings(), _problems("settings", error)
    return settings, [ok("settings", str(home.settings_file))]


def examine_files(home: Home, settings: Settings) -> Iterable[Finding]:
    """The home's repository, its roster, its projects."""
    yield _repository(home.root)
    for folder in (home.agents, home.projects, home.pipelines):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            yield missing("files", f"{folder} cannot be read by you", f"Give yourself the right: chmod u+rx {folder}")
    yield from _roster(home, settings)
    try:
        projects = load_projects(home.projects, settings.variables)
    except BadFiles as error:
        yield from _problems("projects", error)
    else:
        yield from _projects(projects)


def _repository(root: Path) -> Finding:
    if not (root / ".git").exists():
        return note("repository", f"{root} is no git repository", "The next change by Nova makes it one.")
    command = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=all"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return note("repository", f"{root}: git could not be asked ({type(error).__name__})", "See git above.")
    if done.returncode:
        said = (done.stderr.strip() or "no reason given").splitlines()[0]
        return note("repository", f"{root}: git refuses: {said}", f"Look: git -C {root} status")
    changed = len(done.stdout.splitlines())
    if changed:
        seen = f"{root}: {changed} changed {'file' if changed == 1 else 'files'} not committed"
        return note("repository", seen, f"Look: git -C {root} status")
    return ok("repository", f"{root}: clean")


def _roster(home: Home, settings: Settings) -> Iterable[Finding]:
    try:
        roster = load_roster(data.catalog(), home.root, all_tools().keys(), settings.roster)
    except BadFiles as error:
        yield from _problems("agents", error)
        return
    own = sum(Path(agent.file).is_relative_to(home.root) for agent in roster.agents)
    seen = f"{len(roster.agents)} engaged, {own} of them your own; {len(roster.known)} known"
    if roster.agents:
        yield ok("agents", seen)
    else:
        yield missing("agents", seen, "Engage some: nova agents engage NAME   (nova agents list --all)")
    yield from _pipelines(home, roster)


def _pipelines(home: Home, roster: Roster) -> Iterable[Finding]:
    """Those of the catalog and the home. One that cannot be used is a note: it stops no other."""
    known = known_of(roster.names, all_tools().values(), roster.known)
    library, problems = survey_pipelines(data.catalog(), home.root, known)
    plans = library.plans.values()
    own = sum(Path(plan.file).is_relative_to(home.root) for plan in plans)
    triggers = sum(len(plan.triggers) for plan in plans)
    yield ok("pipelines", f"{len(plans)} sound, {own} of them your own; {triggers} triggers")
    shipped = [one for one in problems if Path(one.file).is_relative_to(data.catalog())]
    if shipped:
        names = ", ".join(dict.fromkeys(Path(one.file).stem for one in shipped))
        seen = f"of the catalog cannot be used in this home, mostly for want of agents: {names}"
        yield note("pipelines", seen, "See what each of them needs: nova pipelines list")
    yield from (note("pipelines", f"{_place(one)}: {one.what}", one.mend) for one in problems if one not in shipped)


def _projects(projects: Sequence[Project]) -> Iterable[Finding]:
    if not projects:
        yield note("projects", "none yet; agents can only read files of projects", "Add one: nova projects add PATH")
    for project in projects:
        found = ground(project)
        if found.problem and project.repository is not None:
            mend = f"Mend the path in {project.file}, or the folder."
            yield note("project", f"{project.name}: {found.problem}", mend)
        else:
            yield ok("project", f"{project.name}: {project.kind}, {found.commits} commits, {project.repository or '-'}")


def _problems(what: str, error: BadFiles) -> list[Finding]:
    return [missing(what, f"{_place(one)}: {one.what}", one.mend) for one in error.problems]


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file
