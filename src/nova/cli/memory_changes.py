"""nova memory add, supersede, promote, confirm, done, settle, undo, forget: changes by the owner's own hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame
from nova.cli.memory_shown import kind_of, note_json, row
from nova.core.errors import EXIT_FAILED
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.memory.forget import Plan
    from nova.memory.notes import Recorded

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Project = Annotated[
    str | None, typer.Option("--project", "-p", help="Only this project's.", autocompletion=completion.project)
]
Which = Annotated[str, typer.Argument(metavar="NOTE", help="The note's id, or the beginning of it.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stays in the note's history.")]


def register(app: typer.Typer) -> None:
    """Adds these commands to `nova memory`."""
    for command in (add, supersede, promote, confirm, done, settle, undo, forget):
        app.command()(command)


def add(
    text: Annotated[str, typer.Argument(help="One sentence that is true by itself.")],
    kind: Annotated[
        str, typer.Option("--kind", "-k", help="fact, decision, question, intention, preference, howto.")
    ] = "",
    project: Project = None,
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Keep something. Example: nova memory add "Deploys run on Tuesdays." -p airep

    Without --kind the sentence itself says what it is; without --project it holds everywhere.
    """

    def work(nova: Nova) -> Sequence[Recorded]:
        from nova.app import memory

        return memory.add(nova, text, project=project, kind=kind_of(kind), why=why)

    _change(work, as_json)


def supersede(
    which: Which,
    text: Annotated[str, typer.Argument(help="The sentence that holds now.")],
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Put another sentence in a note's place; the old one stays in its history.

    Example: nova memory supersede n3f2 "Deploys run on Wednesdays."
    """

    def work(nova: Nova) -> Sequence[Recorded]:
        from nova.app import memory
        from nova.memory import revise

        store = memory.wordless(nova)
        return [revise.supersede(store, nova.everything, revise.find(store, nova.everything, which), text, why=why)]

    _change(work, as_json)


def promote(
    which: Which,
    to_profile: Annotated[
        bool, typer.Option("--to-profile", help="Write it into profile.md: told to every agent.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Vouch for a note that was proposed or quarantined; or move one into the profile."""

    def work() -> None:
        from nova.app import memory
        from nova.memory import revise

        with frame.opened() as nova:
            store = memory.wordless(nova)
            note = revise.find(store, nova.everything, which)
            if to_profile:
                file = memory.to_profile(nova, note)
                frame.out_json({"profile": str(file), "note": note.id}) if as_json else frame.out(
                    f"{file} says it now."
                )
                return
            _tell([revise.promote(store, nova.everything, note)], as_json)

    frame.guarded(work, as_json=as_json)


def confirm(which: Which, why: Why = "", as_json: Json = False) -> None:
    """You looked, and it still holds: its doubt goes, and its age counts from today."""

    def work() -> None:
        from nova.app import memory
        from nova.memory import revise

        with frame.opened() as nova:
            store = memory.wordless(nova)
            note = revise.confirm(store, nova.everything, revise.find(store, nova.everything, which), why)
        frame.out_json(note_json(note)) if as_json else frame.out(f"{note.id} holds, looked at today.")

    frame.guarded(work, as_json=as_json)


def done(which: Which, why: Why = "", as_json: Json = False) -> None:
    """A step is done, or a question needs no answer any more."""

    def work() -> None:
        from nova.app import memory
        from nova.memory import revise

        with frame.opened() as nova:
            store = memory.wordless(nova)
            note = revise.finish(store, nova.everything, revise.find(store, nova.everything, which), why)
        frame.out_json(note_json(note)) if as_json else frame.out(f"Done: {note.text}")

    frame.guarded(work, as_json=as_json)


def settle(
    keep: Annotated[str, typer.Argument(metavar="HOLDS", help="The note that holds.")],
    drop: Annotated[str, typer.Argument(metavar="OTHER", help="The other one.")],
    both: Annotated[bool, typer.Option("--both", help="They do not contradict each other: both hold.")] = False,
    as_json: Json = False,
) -> None:
    """Decide between two notes: the first holds, the other is superseded by it."""

    def work() -> None:
        from nova.app import memory
        from nova.memory import revise

        with frame.opened() as nova:
            store = memory.wordless(nova)
            one, other = (revise.find(store, nova.everything, name) for name in (keep, drop))
            if both:
                revise.both_hold(store, nova.everything, one, other)
            else:
                revise.settle(store, nova.everything, one, other)
        said = "Both hold." if both else f"{one.id} holds; {other.id} is superseded by it."
        frame.out_json({"holds": one.id, "other": other.id, "both": both}) if as_json else frame.out(said)

    frame.guarded(work, as_json=as_json)


def undo(which: Which, as_json: Json = False) -> None:
    """Take a supersession back: what this note replaced holds again, and this note does not."""

    def work() -> None:
        from nova.app import memory
        from nova.memory import revise

        with frame.opened() as nova:
            store = memory.wordless(nova)
            back = revise.take_back(store, nova.everything, revise.find(store, nova.everything, which))
        if as_json:
            frame.out_json([note_json(note) for note in back])
        for note in back if not as_json else ():
            frame.out(f"Holds again: {row(note)}")

    frame.guarded(work, as_json=as_json)


def forget(
    what: Annotated[str, typer.Argument(metavar="NOTE|RUN|CONVERSATION|WORDS", help="An id, or words that must go.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only the list is shown.")] = False,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Delete for good: rows, words, vectors, what was derived, and what runs recorded. First without --yes: the list.

    Example: nova memory forget n3f2, then nova memory forget n3f2 --yes
    """

    def work() -> int:
        from nova.app import forgetting, memory

        with frame.opened() as nova:
            scope = memory.scope_for(nova, project)
            plan = forgetting.plan(nova, scope, what)
            owns = forgetting.own_texts(nova, plan)
            done = forgetting.forget(nova, scope, plan) if yes and plan.items else None
        if as_json:
            frame.out_json({
                "items": [{"kind": one.kind, "id": one.id, "shown": one.shown} for one in plan.items],
                "own_texts": list(owns), "forgotten": done is not None, "scrubbed": bool(done and done.scrubbed),
            })  # fmt: skip
            return 0 if plan.items else EXIT_FAILED
        return _tell_forgetting(plan, owns, what, done=done is not None, scrubbed=done is None or done.scrubbed)

    frame.guarded(work, as_json=as_json)


def _change(work: Callable[[Nova], Sequence[Recorded]], as_json: bool) -> None:
    def whole() -> None:
        with frame.opened() as nova:
            _tell(work(nova), as_json)

    frame.guarded(whole, as_json=as_json)


def _tell(taken: Sequence[Recorded], as_json: bool) -> None:
    if as_json:
        frame.out_json([
            {**note_json(one.note), "how": one.how, "superseded": list(one.superseded), "doubted": list(one.doubted),
             "conflicts": list(one.conflicts), "answered": list(one.answered)}
            for one in taken
        ])  # fmt: skip
        return
    for one in taken:
        frame.out(f"{one.how}: {row(one.note)}")
        for said, ids in (
            ("supersedes", one.superseded), ("now unconfirmed", one.doubted), ("may contradict", one.conflicts),
            ("answers", one.answered),
        ):  # fmt: skip
            if ids:
                frame.out(f"  {said}: {', '.join(ids)}")


def _tell_forgetting(plan: Plan, owns: Sequence[str], what: str, *, done: bool, scrubbed: bool) -> int:
    if not plan.items and not owns:
        frame.out(f"Nothing in the memory holds “{shorten(what, 80)}”.")
        return EXIT_FAILED
    for item in plan.items:
        frame.out(f"{item.kind:<19} {item.id:<14} {item.shown}")
    for place in owns:
        frame.out(f"{'your own text':<19} {place}   (yours to change; Nova does not)")
    if not done:
        frame.note(f'These {len(plan.items)} would go for good. Do it: nova memory forget "{what}" --yes')
    elif scrubbed:
        frame.note(
            f"Forgotten: {len(plan.items)} things. No trace is left in the database; copies made before still have it."
        )
    else:
        frame.note("Forgotten. Another process reads just now; the last traces go when Nova is opened next.")
    return 0
