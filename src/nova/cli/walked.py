"""A durable run on the terminal: its steps as they happen, how it ended or what it waits for, and the way on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nova.cli import frame
from nova.core import json
from nova.core.errors import EXIT_ASKS_BACK, EXIT_INTERRUPTED
from nova.core.events import (
    Event,
    ReviewAsked,
    Stalled,
    StepEnded,
    StepStarted,
    TakenUp,
)
from nova.core.json import Json
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.runs import outcome_to_json
from nova.core.text import shorten
from nova.pipelines.engine import new_executor
from nova.store import walks

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.app.pipelines import Ran

WAITS = EXIT_ASKS_BACK
"""The exit code of a run that waits for somebody: as for a question back."""


QUESTION_SHOWN, GAVE_SHOWN, LEFT_OUT_NAMED = 100, 66, 4


def walk_here(nova: Nova, run: str, leg: int, *, as_json: bool) -> int:
    """Walks a leg in this process and shows it; the exit code."""
    shown, executor = Shown(), new_executor()
    try:
        ran = asyncio.run(nova.pipelines.walk(run, leg, heard=_quiet if as_json else shown, executor=executor))
    except KeyboardInterrupt:
        with nova.database.write() as connection:
            walks.give_back(connection, run, executor)
        frame.note(f"\nLeft where it is; nothing that was done is lost. Go on: nova runs resume {run}")
        return EXIT_INTERRUPTED
    shown.rest()
    return told(nova, ran, as_json=as_json)


def _quiet(_event: Event) -> None:
    """A script reads the end only."""


@dataclass(slots=True)
class Shown:
    """Shows the events of runs as they happen. Steps that were left out one after the other share a line."""

    left_out: list[str] = field(default_factory=list[str])

    def __call__(self, event: Event) -> None:
        """Shows one event, if it says how far the run is."""
        match event.happening:
            case StepEnded(path=path, state="skipped"):
                self.left_out.append(path)
            case StepStarted() | StepEnded() | ReviewAsked() | TakenUp() | Stalled():
                self.rest()
                _show(event)
            case _:
                pass

    def rest(self) -> None:
        """Says what is still to be said."""
        if self.left_out:
            count = len(self.left_out)
            names = ", ".join(self.left_out) if count <= LEFT_OUT_NAMED else f"{count} steps"
            frame.note_dim(f"  – left out: {names}")
            self.left_out.clear()


def _show(event: Event) -> None:
    match event.happening:
        case StepStarted(path=path, kind=kind, attempt=attempt):
            again = f" (try {attempt})" if attempt > 1 else ""
            frame.note_dim(f"  … {path}: {kind}{again}")
        case StepEnded(path=path, state="done", seconds=seconds, output=output):
            frame.note(f"  ✓ {path}  {frame.dim(f'{seconds:.1f} s  {_gave(output)}')}")
        case StepEnded(path=path, state="waiting"):
            frame.note_dim(f"  ◔ {path} waits")
        case StepEnded(path=path, state=state, what=what, next_try_seconds=wait):
            again = f" Trying again in {wait:.1f} s." if wait is not None else ""
            mark = "~" if state == "degraded" else "✗"
            frame.note(f"  {mark} {path}: {what}{again}")
        case ReviewAsked(review=review, question=question):
            frame.note(f"  ? {review}: {shorten(question, QUESTION_SHOWN)}")
        case TakenUp(leg=leg, why=why):
            frame.note_dim(f"  taken up, leg {leg}{': ' + why if why else ''}")
        case Stalled(seconds=seconds, last=last):
            frame.note(f"  ! no sign of life for {seconds:.0f} seconds (last: {last})")
        case _:
            pass


def _gave(output: str) -> str:
    """What a step gave, in a line: words as they are, of a value for programs what was chosen, else nothing."""
    if not output.startswith(("{", "[")):
        return shorten(output, GAVE_SHOWN)
    try:
        value = json.load(output)
    except ValueError:  # it was cut
        return ""
    chosen = value.get("chosen") if isinstance(value, dict) else None
    return f"chose {chosen}" if isinstance(chosen, str) else ""


def told(nova: Nova, ran: Ran, *, as_json: bool) -> int:
    """How far it went, for the person or the script; the exit code."""
    from nova.cli.ask import exit_code

    if as_json:
        frame.out_json(ran_json(nova, ran))
    elif ran.outcome is not None:
        say(ran.outcome, ran.run)
    elif ran.waits is not None:
        _say_waits(nova, ran)
    else:
        frame.note(f"The run {ran.run} is walked by somebody else now: nova runs show {ran.run}")
    return exit_code(ran.outcome) if ran.outcome is not None else WAITS


def say(outcome: Outcome, run: str) -> None:
    """An outcome with everything that is less than it should be."""
    match outcome:
        case Done(text=text):
            frame.out(text)
        case Failed(what=what, mend=mend):
            frame.out(f"Failed: {what}" + (f"\n{mend}" if mend else ""))
        case Stopped(evidence=evidence, mend=mend):
            frame.out(f"Stopped: {evidence}." + (f"\n{mend.replace(' RUN', f' {run}')}" if mend else ""))
        case NeedsInput(question=question):
            frame.out(question)
    if outcome.degradations:
        frame.out()
    for degradation in outcome.degradations:
        frame.out(f"! {degradation}".replace(" RUN ", f" {run} "))
    frame.note_dim(f"run {run} · steps: nova runs show {run} · why: nova why {run}")


def _say_waits(nova: Nova, ran: Ran) -> None:
    from nova.store import reviews

    with nova.database.read() as connection:
        waiting = reviews.waiting(connection, nova.everything, nova.pipelines.blobs, root=ran.run)
    for review in waiting:
        for row in frame.wrapped(review.question, "? ", "  "):
            frame.out(row)
        frame.out(f"  Look:    nova reviews show {review.id}")
        frame.out(f"  Answer:  nova reviews approve {review.id}   (or change, or reject)")
        frame.out(f"  Ignored: {review.if_ignored}")
    for what in ran.waits.on if ran.waits else ():
        if not what.startswith(("review ", "decide ")):
            frame.out(f"◔ It waits: {what}. A worker wakes it: nova worker")
    frame.note_dim(f"run {ran.run} is parked and costs nothing · steps: nova runs show {ran.run}")


def ran_json(nova: Nova, ran: Ran) -> dict[str, Json]:
    """The same for scripts."""
    walk = nova.pipelines.walk_of(ran.run)
    return {
        "run": ran.run,
        "state": walk.state.value if walk else None,
        "outcome": outcome_to_json(ran.outcome) if ran.outcome else None,
        "output": walk.output if walk else None,
        "waits_for": list(ran.waits.on) if ran.waits else [],
    }


def or_leave(nova: Nova, run: str, leg: int, *, as_json: bool, here: Callable[[], int]) -> int:
    """Walks here, or leaves it to the worker that is at work."""
    from nova.app.working import somebody_works

    if not somebody_works(nova):
        return here()
    if as_json:
        frame.out_json({"run": run, "leg": leg, "state": "queued"})
    else:
        frame.out(f"The worker goes on with {run}: nova runs show {run}")
    return 0
