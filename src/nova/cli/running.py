"""nova runs: the last runs, and what can be done with one: look at its steps, resume, retry, fork, stop, pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame
from nova.core.json import Json as JsonValue
from nova.core.steps import StepState
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.core.steps import Step, Walk

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Which = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id or its beginning.", autocompletion=completion.run)
]

app = typer.Typer(help="The last runs, and going on with them.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def list_runs(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="Only this project's.", autocompletion=completion.project)
    ] = None,
    state: Annotated[
        str,
        typer.Option(help="Only runs in this state: done, failed, needs-input, stopped, running, queued, waiting."),
    ] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """The last runs: what was asked, who answered, how it ended."""
    from nova.cli.runs import list_runs as listed

    if context.invoked_subcommand is None:
        frame.guarded(lambda: listed(project=project, state=state, count=count, as_json=as_json), as_json=as_json)


@app.command()
def show(
    which: Which,
    everything: Annotated[bool, typer.Option("--all", help="Also each step that was left out, with why.")] = False,
    as_json: Json = False,
) -> None:
    """The steps of a durable run: state, tries, time, cost, and what each gave."""
    frame.guarded(lambda: _show(which, everything, as_json), as_json=as_json)


@app.command()
def resume(
    which: Which,
    force: Annotated[bool, typer.Option("--force", help="Though it seems to be walked: that one is cut off.")] = False,
    as_json: Json = False,
) -> None:
    """Go on with a run that was cut off, where it was: finished steps are not run again."""
    frame.guarded(lambda: _resume(which, force, as_json), as_json=as_json)


@app.command()
def retry(which: Which, as_json: Json = False) -> None:
    """Try what failed once more, in the same run; what is done stays done."""
    frame.guarded(lambda: _retry(which, as_json), as_json=as_json)


@app.command()
def fork(
    which: Which,
    start: Annotated[
        str, typer.Option("--from", metavar="STEP", help="Run this step and what comes after it anew.")
    ] = "",
    as_json: Json = False,
) -> None:
    """A new run of the same definition that begins with what this one has done."""
    frame.guarded(lambda: _fork(which, start, as_json), as_json=as_json)


@app.command()
def stop(
    which: Which,
    why: Annotated[str, typer.Option("--why", help="The reason; it stays in the record.")] = "",
    as_json: Json = False,
) -> None:
    """End a run now: the step in flight is cancelled within two seconds; what is done is kept."""
    frame.guarded(lambda: _stop(which, why, as_json), as_json=as_json)


@app.command()
def pin(which: Which, off: Annotated[bool, typer.Option("--off", help="Let it be collected again.")] = False) -> None:
    """Keep the steps of a run for good; without, they are collected some time after its end (keep_days)."""
    frame.guarded(lambda: _pin(which, off))


def stop_everything(why: str, as_json: bool) -> int:
    """Ends everything that goes on; for `nova stop --all`."""
    from nova.app.stopping import stop_all

    with frame.opened() as nova:
        stopped = stop_all(nova, why)
    if as_json:
        frame.out_json([{"run": run.id, "state": run.state.value} for run in stopped])
        return 0
    for run in stopped:
        frame.out(f"{run.id}  {run.state.value:<8} {shorten(run.request, 80)}")
    frame.out(f"{len(stopped)} stopped; nothing goes on." if stopped else "Nothing goes on.")
    return 0


def _show(which: str, everything: bool, as_json: bool) -> int:
    from nova.app.why import run_json
    from nova.pipelines.drawing import draw
    from nova.store import steps

    with frame.opened() as nova:
        row = nova.pipelines.row_of(which)
        walk, plan = nova.pipelines.walk_of(row.id), nova.pipelines.plan_of(row.id)
        with nova.database.read() as connection:
            found = steps.of_run(connection, nova.everything, row.id, nova.pipelines.blobs)
    if as_json:
        each: list[JsonValue] = [_step_json(step) for step in found.values()]
        frame.out_json({**run_json(row), "walk": _walk_json(walk), "steps": each})
        return 0
    frame.out(f"{row.id}  {row.state.value}  {shorten(row.request, 100)}")
    if walk is None or plan is None:
        frame.out("It has no plan: one agent answered. See nova why " + row.id)
        return 0
    _say_walk(walk)
    frame.out()
    frame.out(draw(plan, found, width=min(frame.console().width, 120), ascii_only=not frame.draws_lines()))
    frame.out()
    left_out = [step for step in found.values() if step.state is StepState.SKIPPED and not everything]
    for step in found.values():
        if step not in left_out:
            _say_step(step)
    if left_out:
        frame.out(f"{len(left_out)} left out by the choices of this run (--all)")
    if row.outcome is not None:
        frame.out()
        from nova.cli.walked import say

        say(row.outcome, row.id)
    return 0


def _say_walk(walk: Walk) -> None:
    waits = f", waits for {' and '.join(walk.parked_on)}" if walk.parked_on and walk.state.value == "parked" else ""
    seen = f", last sign of life {walk.heartbeat_at:%Y-%m-%d %H:%M:%S}" if walk.heartbeat_at else ""
    frame.out(f"{walk.name} ({walk.plan}), {walk.state.value}{waits}, leg {walk.leg}{seen}")
    if walk.trigger:
        frame.out(f"Started by: {walk.trigger}")


def _say_step(step: Step) -> None:
    tries = f", {step.attempt} tries" if step.attempt > 1 else ""
    cost = f", ${step.usage.cost_usd:.4f}" if step.usage.cost_usd else ""
    child = f"  run {step.child}" if step.child else ""
    frame.out(f"{step.state.value:<9} {step.path:<24} {step.seconds:6.2f} s{tries}{cost}{child}")
    if step.what:
        frame.out(f"          {step.error + ': ' if step.error else ''}{step.what}")


def _resume(which: str, force: bool, as_json: bool) -> int:
    from nova.pipelines.again import resume as resumed

    with frame.opened() as nova:
        row = nova.pipelines.row_of(which)
        return _go_on(nova, resumed(nova.pipelines.waking(), row.id, by_force=force), as_json)


def _retry(which: str, as_json: bool) -> int:
    from nova.pipelines.again import retry as again

    with frame.opened() as nova:
        row = nova.pipelines.row_of(which)
        return _go_on(nova, again(nova.pipelines.waking(), row.id), as_json)


def _fork(which: str, start: str, as_json: bool) -> int:
    from nova.pipelines.again import fork as forked

    with frame.opened() as nova:
        row = nova.pipelines.row_of(which)
        new = forked(nova.pipelines.waking(), nova.pipelines.ground(), row.id, start=start)
        walk = nova.pipelines.walk_of(new.id)
        assert walk is not None
        if not as_json:
            frame.note(f"{new.id} is a fork of {row.id}.")
        return _go_on(nova, walk, as_json)


def _go_on(nova: Nova, walk: Walk, as_json: bool) -> int:
    from nova.cli.walked import walk_here

    return walk_here(nova, walk.run, walk.leg, as_json=as_json)


def _stop(which: str, why: str, as_json: bool) -> int:
    from nova.app.stopping import stop as stopped

    with frame.opened() as nova:
        run = stopped(nova, which, why)
    if as_json:
        frame.out_json({"run": run.id, "state": run.state.value})
    else:
        frame.out(f"{run.id} is stopped. What was done: nova runs show {run.id}")
    return 0


def _pin(which: str, off: bool) -> int:
    with frame.opened() as nova:
        row = nova.pipelines.row_of(which)
        nova.pipelines.pin(row.id, not off)
        frame.out(f"{row.id} is {'no longer kept' if off else 'kept'} for good.")
    return 0


def _walk_json(walk: Walk | None) -> JsonValue:
    if walk is None:
        return None
    return {
        "name": walk.name,
        "plan": walk.plan,
        "state": walk.state.value,
        "leg": walk.leg,
        "holder": walk.holder,
        "heartbeat_at": walk.heartbeat_at.isoformat() if walk.heartbeat_at else None,
        "parked_on": list(walk.parked_on),
        "wakes_at": walk.wakes_at.isoformat() if walk.wakes_at else None,
        "trigger": walk.trigger,
        "inputs": walk.inputs,
        "output": walk.output,
        "pinned": walk.pinned,
    }


def _step_json(step: Step) -> JsonValue:
    return {
        "path": step.path,
        "name": step.name,
        "kind": step.kind,
        "state": step.state.value,
        "attempt": step.attempt,
        "seconds": step.seconds,
        "child": step.child,
        "output": step.output,
        "error": step.error,
        "what": step.what,
        "mend": step.mend,
        "waits_for": step.waits_for,
        "cost_usd": step.usage.cost_usd,
        "tokens": step.usage.input_tokens + step.usage.output_tokens,
        "degradations": [{"kind": one.kind.value, "what": one.what, "mend": one.mend} for one in step.degradations],
    }
