"""nova projects: the owner's parallel efforts. Shows and adds; decides nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nova.cli import completion, frame

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
    as_json: Json = False,
) -> None:
    """Add a project: writes projects/NAME.md into the home and commits it there. The repository is only read.

    Example: nova projects add ~/code/shop --kind parts-shop --confidentiality client
    """
    frame.guarded(lambda: _add(path, name, kind, confidentiality, as_json), as_json=as_json)


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


def _add(path: Path, name: str, kind: str, confidentiality: str, as_json: bool) -> None:
    from nova.app.projects import add as add_project
    from nova.app.projects import ground, project_json

    project = add_project(frame.the_home(), path, name=name, kind=kind, confidentiality=confidentiality)
    state = ground(project)
    if as_json:
        frame.out_json(project_json(project, state))
        return
    frame.out(f"Added and committed: {project.file}")
    frame.out(f"It is taken for a project of kind {project.kind}; its text is {project.confidentiality.value}.")
    if state.problem:
        frame.out(f"! {state.problem}: files can be read, history cannot.")
    frame.out("Write there in your words what it is and what matters in it: agents read that first.")
    frame.out(f'Ask: nova ask -p {project.name} "What changed lately?"')
