"""nova projects: the owner's parallel efforts. Shows and adds; decides nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame, past

if TYPE_CHECKING:
    from nova.app.histories import PastRead
    from nova.app.projects import Ground
    from nova.projects.definition import Project

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The project's name or alias.", autocompletion=completion.project)
]

app = typer.Typer(
    help="Your projects: one Markdown file each, with its repository and the wall around it.", no_args_is_help=True
)


@app.command("list")
def list_projects(as_json: Json = False) -> None:
    """The projects, one a line: name, kind, level, repository. One that cannot be read says why."""
    frame.guarded(lambda: _list(as_json), as_json=as_json)


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Everything about one project: its file, its repository's last commit, who serves it."""
    frame.guarded(lambda: _show(name, as_json), as_json=as_json)


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder of its repository.")],
    name: Annotated[str, typer.Option(help="What you call it; without: the folder's name.")] = "",
    kind: Annotated[
        str,
        typer.Option(
            help="django-erp, marketplace, parts-shop, site, blog, nova or general; without: what the files suggest.",
            autocompletion=completion.kind,
        ),
    ] = "",
    confidentiality: Annotated[
        str, typer.Option(help="How far its text may travel: public, internal (yours) or client (somebody else's).")
    ] = "internal",
    history: Annotated[bool, typer.Option(help="Read its past into notes: commits, decisions, issues, to-dos.")] = True,
    as_json: Json = False,
) -> None:
    """Add a project: writes projects/NAME.md into the home and commits it there. The repository is only read.

    Its last three months become notes, so that nova brief NAME knows at once where things stand.
    Example: nova projects add ~/code/shop --kind parts-shop --confidentiality client
    """
    frame.guarded(lambda: _add(path, name, kind, confidentiality, history, as_json), as_json=as_json)


@app.command()
def read(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PROJECT", help="A project's name or alias; without: all.", autocompletion=completion.project
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Read the past of a project again, or of all: its notes follow what changed in their sources; none is doubled."""
    frame.guarded(lambda: _read(name, as_json), as_json=as_json)


def _list(as_json: bool) -> None:
    from nova.app.projects import ground, project_json, projects_of

    found = [(project, ground(project)) for project in projects_of(frame.the_home())]
    if as_json:
        frame.out_json([project_json(project, state) for project, state in found])
        return
    if not found:
        frame.out("No projects yet. Add one: nova projects add PATH")
    for project, state in found:
        where = f"! {state.problem}" if state.problem else str(project.repository)
        frame.out(f"{project.name:<20} {project.kind:<12} {project.confidentiality.value:<9} {where}")


def _show(name: str, as_json: bool) -> None:
    from nova.app.agents import cards
    from nova.app.projects import ground, named, project_json, projects_of

    home = frame.the_home()
    project = named(projects_of(home), name)
    state = ground(project)
    if as_json:
        frame.out_json(project_json(project, state))
        return
    special = [one.agent.name for one in cards(home) if project.kind in one.agent.kinds]
    facts = {
        "kind": project.kind,
        "level": project.confidentiality.value,
        "scope": project.scope,
        "also called": ", ".join(project.aliases),
        "repository": str(project.repository or ""),
        "problem": state.problem,
        "last commit": state.last,
        "commits": f"{state.commits} on {state.branch or 'no branch'}" if state.last else "",
        "issues": f"{project.issues} ({state.issues} files)" if project.issues else "",
        "database": str(project.database or ""),
        "specialists": ", ".join(special) or "none of its own; the general agents serve it",
        "file": project.file,
    }
    frame.out(project.name)
    for fact, value in facts.items():
        if value:
            frame.out(f"{fact:<12} {value}")
    frame.out(f"\n{project.notes.strip()}")


def _add(path: Path, name: str, kind: str, confidentiality: str, history: bool, as_json: bool) -> None:
    from nova.app.projects import add as add_project
    from nova.app.projects import ground

    project = add_project(frame.the_home(), path, name=name, kind=kind, confidentiality=confidentiality)
    state = ground(project)
    if not as_json:
        _added(project, state)
    found = past.read_of(project.name) if history else None
    if as_json:
        _added_json(project, state, found)
        return
    if found is not None:
        past.say(found)
    frame.out("Write there in your words what it is and what matters in it: agents read that first.")
    frame.out(f'See: nova brief {project.name}   ·   ask: nova ask -p {project.name} "What changed lately?"')


def _added(project: Project, state: Ground) -> None:
    frame.out(f"Added and committed: {project.file}")
    frame.out(f"It is taken for a project of kind {project.kind}; its text is {project.confidentiality.value}.")
    if state.problem:
        frame.out(f"! {state.problem}: files can be read, history cannot.")


def _added_json(project: Project, state: Ground, found: PastRead | None) -> None:
    from nova.app.histories import past_json
    from nova.app.projects import project_json

    frame.out_json({**project_json(project, state), "history": past_json(found) if found else None})


def _read(name: str, as_json: bool) -> None:
    from nova.app.histories import past_json
    from nova.app.projects import named

    with frame.opened() as nova:
        chosen = [named(nova.projects, name)] if name else nova.projects
        found = [one for project in chosen if (one := past.read(nova, project)) is not None]
    if as_json:
        frame.out_json([past_json(one) for one in found])
        return
    for one in found:
        frame.out(one.project)
        past.say(one)
    if not found:
        frame.out("There is no repository to read. Add a project: nova projects add PATH")
