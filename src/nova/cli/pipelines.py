"""nova pipelines: what is there, what it looks like, and running one. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from nova.cli import completion, frame
from nova.core import json
from nova.core.errors import BadInput, Problem
from nova.core.json import Json as JsonValue
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.core.plans import Plan

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Name = Annotated[str, typer.Argument(metavar="ID", help="The pipeline's id.", autocompletion=completion.pipeline)]
Project = Annotated[
    str | None, typer.Option("--project", "-p", help="Run it in this project.", autocompletion=completion.project)
]

app = typer.Typer(
    help="Stored plans with typed inputs and outputs: run by you, a schedule, an event or an agent.",
    no_args_is_help=True,
)


@app.command("list")
def list_pipelines(as_json: Json = False) -> None:
    """The pipelines: what each does, what it needs, what starts it. One that cannot be read says why."""
    frame.guarded(lambda: _list(as_json), as_json=as_json)


@app.command()
def show(
    name: Name,
    run: Annotated[
        str, typer.Option("--run", help="Show how far this run is in it.", autocompletion=completion.run)
    ] = "",
    picture: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture as SVG.")] = None,
    plain: Annotated[bool, typer.Option("--ascii", help="Draw with plain letters only.")] = False,
    as_json: Json = False,
) -> None:
    """The graph of a pipeline, drawn; its inputs, outputs, triggers. Example: nova pipelines show issue-to-fix"""
    frame.guarded(lambda: _show(name, run, picture, plain, as_json), as_json=as_json)


@app.command("run")
def run_pipeline(
    name: Name,
    given: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="One input; JSON, or text as it is. May be repeated."),
    ] = None,
    inputs: Annotated[
        str, typer.Option("--inputs", metavar="JSON", help="All inputs as one JSON object; @FILE reads it.")
    ] = "",
    project: Project = None,
    queue: Annotated[bool, typer.Option("--queue", help="Only put it into the queue; a worker runs it.")] = False,
    as_json: Json = False,
) -> None:
    """Run a pipeline here, step by step, until it ends or waits for you. Ctrl-C leaves it where it is.

    Example: nova pipelines run issue-to-fix -p airep -i issue=3
    """
    frame.guarded(lambda: _run(name, given or [], inputs, project, queue, as_json), as_json=as_json)


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files; without: all of the home's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check pipeline files: every problem with file, line and what to do."""
    frame.guarded(lambda: _check(files or [], as_json), as_json=as_json)


def _list(as_json: bool) -> int:
    with frame.opened() as nova:
        plans, problems = nova.pipelines.library.plans, nova.pipelines.problems
        if as_json:
            frame.out_json([_json(plan) for plan in plans.values()])
            return 0
        for plan in plans.values():
            kinds = f"  [{', '.join(plan.kinds)}]" if plan.kinds else ""
            frame.out(f"{plan.name:<28} {shorten(plan.description, 110)}{kinds}")
            for line in _triggers(plan):
                frame.out(f"{'':<28} {line}")
        for line in _unusable(problems):
            frame.note(line)
        if not plans and not problems:
            frame.out("No pipelines yet. Write one: pipelines/NAME.yaml in your home.")
    return 0


def _unusable(problems: Sequence[Problem]) -> list[str]:
    """The owner's own files with every place; of the catalog, what each pipeline lacks here, in a line."""
    from nova.app import data

    said: dict[str, None] = {}
    lacks: dict[str, dict[str, None]] = {}
    for one in problems:
        if Path(one.file).is_relative_to(data.catalog()):
            lacks.setdefault(Path(one.file).stem, {})[one.mend or one.what] = None
        else:
            said[f"! {one}"] = None
    return [*said, *(f"! {name} cannot be used here yet: {'; '.join(mends)}" for name, mends in lacks.items())]


def _triggers(plan: Plan) -> list[str]:
    from nova.pipelines.schedule import Schedule, words

    said: list[str] = []
    for one in plan.triggers:
        where = f" in {one.project}" if one.project else ""
        what = words(Schedule(one.cron, one.zone)) if one.cron else f"when {one.event} happens"
        said.append(f"{what}{where}{f', if {one.check} finds something' if one.check else ''}")
    return said


def _show(name: str, run: str, picture: Path | None, plain: bool, as_json: bool) -> int:
    from nova.pipelines.drawing import draw
    from nova.store import steps

    with frame.opened() as nova:
        plan, found = nova.pipelines.plan(name), {}
        if run:
            row = nova.pipelines.row_of(run)
            plan = nova.pipelines.plan_of(row.id) or plan
            with nova.database.read() as connection:
                found = steps.of_run(connection, nova.everything, row.id, nova.pipelines.blobs)
    if picture is not None:
        from nova.pipelines.svg import svg

        picture.write_text(svg(plan, found), encoding="utf-8")
        frame.note(f"Written: {picture}")
    if as_json:
        frame.out_json(_json(plan))
        return 0
    frame.out(f"{plan.name}  {plan.description}")
    frame.out()
    frame.out(draw(plan, found, width=min(frame.console().width, 120), ascii_only=plain or not frame.draws_lines()))
    frame.out()
    for label, fields in (("Inputs", plan.inputs), ("Outputs", plan.outputs)):
        frame.out(f"{label}: " + (", ".join(fields) or "none"))
    for line in _triggers(plan):
        frame.out(f"Starts: {line}")
    frame.out(f"File:   {plan.file}")
    return 0


def _run(name: str, given: list[str], inputs: str, project: str | None, queue: bool, as_json: bool) -> int:
    from nova.cli.walked import walk_here

    with frame.opened() as nova:
        plan, values = nova.pipelines.plan(name), _inputs(given, inputs)
        project = project or _standing(nova, plan)
        if queue:
            return _queue(nova, plan, values, project, as_json)
        run = nova.pipelines.begin(plan, values, project=project)
        if not as_json:
            frame.note_dim(f"{plan.name} · run {run.id}" + (f" · in {run.project}" if run.project else ""))
        return walk_here(nova, run.id, 1, as_json=as_json)


def _standing(nova: Nova, plan: Plan) -> str | None:
    """The project of the folder one stands in; else the only one of the pipeline's kinds."""
    found = nova.project_at(Path.cwd())
    if found:
        return found
    fitting = [one.name for one in nova.projects if one.kind in plan.kinds]
    return fitting[0] if len(fitting) == 1 else None


def _queue(nova: Nova, plan: Plan, values: dict[str, JsonValue], project: str | None, as_json: bool) -> int:
    from nova.app.working import queue_of, somebody_works

    client = queue_of(nova)
    try:

        def enqueue(connection: object, run: str, leg: int, queue: str, partition: str) -> None:
            client.enqueue(connection, run, leg, queue, partition=partition)  # pyright: ignore[reportArgumentType]

        run = nova.pipelines.begin(plan, values, project=project, queue="background", enqueue=enqueue)
    finally:
        client.close()
    if as_json:
        frame.out_json({"run": run.id, "state": run.state.value})
    else:
        frame.out(f"{run.id} is in the queue.")
        if not somebody_works(nova):
            frame.note("No worker is at work: nova worker")
    return 0


def _inputs(given: list[str], whole: str) -> dict[str, JsonValue]:
    """Inputs of the command line. Raises BadInput for what is no object and no NAME=VALUE."""
    values = _object(whole) if whole else {}
    for one in given:
        name, sign, text = one.partition("=")
        if not sign or not name.strip():
            raise BadInput(f"“{one}” is no NAME=VALUE.", "Example: -i issue=3")
        try:
            values[name.strip()] = json.load(text)
        except ValueError:
            values[name.strip()] = text
    return values


def _object(text: str) -> dict[str, JsonValue]:
    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        value = json.load(text)
    except ValueError as error:
        raise BadInput(f"--inputs is no JSON: {error}.", "Example: --inputs '{\"issue\": 3}'") from None
    if not isinstance(value, dict):
        raise BadInput("--inputs must be one JSON object.", "Example: --inputs '{\"issue\": 3}'")
    return cast("dict[str, JsonValue]", value)


def _check(files: list[Path], as_json: bool) -> int:
    from nova.core.errors import BadFiles

    with frame.opened() as nova:
        own = str(nova.home.root)
        known = nova.pipelines.problems
        problems = nova.pipelines.problems_in(files) if files else tuple(one for one in known if own in one.file)
        count = len(files) if files else len(nova.pipelines.library.plans)
    if problems:
        raise BadFiles(problems)
    if as_json:
        frame.out_json({"problems": [], "sound": count})
    else:
        frame.out(f"{count} pipeline{'s' if count != 1 else ''}, nothing wrong.")
    return 0


def _json(plan: Plan) -> dict[str, JsonValue]:
    from nova.pipelines.freezing import nodes_json

    return {
        "id": plan.id,
        "version": plan.version,
        "revision": plan.revision,
        "description": plan.description,
        "kinds": list(plan.kinds),
        "inputs": cast("JsonValue", dict(plan.inputs)),
        "outputs": list(plan.outputs),
        "nodes": nodes_json(plan),
        "triggers": [*_triggers(plan)],
        "file": plan.file,
    }
