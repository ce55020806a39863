"""nova memory: notes and earlier talk as the owner looks at them. Changes are in memory_changes and memory_files."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame, memory_changes, memory_files
from nova.cli.memory_shown import chain_json, kind_of, note_json, row, show_chain, status_of
from nova.core.errors import EXIT_FAILED, Unknown
from nova.core.notes import NoteKind, NoteStatus
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.core.json import Json as JsonValue
    from nova.core.labels import Scope
    from nova.core.notes import Note
    from nova.memory.recall import Recalled

SHOWN_MAX = 60
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]
Project = Annotated[
    str | None, typer.Option("--project", "-p", help="Only this project's.", autocompletion=completion.project)
]

app = typer.Typer(
    help="What Nova keeps: notes with their sources, and earlier talk. Search, check, correct, export, forget.",
    no_args_is_help=True,
)


@app.command("list")
def list_notes(
    kind: Annotated[str, typer.Option("--kind", "-k", help="Only this kind.")] = "",
    status: Annotated[
        str, typer.Option("--status", "-s", help="active, superseded, unconfirmed, quarantined, forgotten.")
    ] = "",
    project: Project = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=10_000, help="How many, newest first.")] = SHOWN_MAX,
    as_json: Json = False,
) -> None:
    """The notes, newest first; those that hold, unless --status says otherwise."""

    def work() -> None:
        from nova.app import memory
        from nova.store import notes

        kinds = [one] if (one := kind_of(kind)) else []
        statuses = [status_of(status)] if status else [NoteStatus.ACTIVE, NoteStatus.UNCONFIRMED]
        with frame.opened() as nova:
            scope = memory.scope_for(nova, project)
            with nova.database.read() as connection:
                found = notes.listed(connection, scope, kinds=kinds, statuses=statuses, count_max=count)
        if as_json:
            frame.out_json([note_json(note) for note in found])
            return
        if not found:
            frame.out('No notes. Keep one: nova memory add "…", or add a project: nova projects add PATH')
        for note in found:
            frame.out(row(note))

    frame.guarded(work, as_json=as_json)


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="Words or a question.")],
    project: Project = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=200, help="How many of each tier at most.")] = 15,
    as_json: Json = False,
) -> None:
    """Notes and earlier talk about something, by words and meaning, best first, each with why it was found."""

    def work() -> None:
        from nova.app import memory

        with frame.opened() as nova:
            recalled = memory.search(nova, words, memory.scope_for(nova, project), count)
        found = recalled.pieces
        for degradation in recalled.degradations:
            frame.note(f"! {degradation}")
        if as_json:
            frame.out_json([_found_json(one) for one in found])
            return
        if not found:
            frame.out("Nothing in the memory is about that.")
        for one in found:
            frame.out(f"{shorten(one.text, 240)}")
            frame.note_dim(f"    {one.tier} {one.id} · {one.why} · score {one.score:.3f}")

    frame.guarded(work, as_json=as_json)


@app.command()
def why(
    claim: Annotated[str, typer.Argument(metavar="NOTE|CLAIM", help="A note's id, or a claim in words.")],
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Where a belief comes from: its sources, what it replaced, what rests on it, whether its source still says so."""

    def work() -> int:
        from nova.app import memory

        with frame.opened() as nova:
            scope = memory.scope_for(nova, project)
            found = _named_or_near(nova, scope, claim)
            chains = [memory.chain(nova, scope, note) for note in found]
        if as_json:
            frame.out_json([chain_json(one) for one in chains])
        elif not chains:
            frame.out(f"No note says anything like “{shorten(claim, 80)}”. Search earlier talk: nova memory search")
        if not as_json:
            for one in chains:
                show_chain(one)
        return 0 if chains else EXIT_FAILED

    frame.guarded(work, as_json=as_json)


@app.command()
def queue(project: Project = None, as_json: Json = False) -> None:
    """What waits for your word: pairs that may contradict each other, unconfirmed and quarantined notes, stale ones."""

    def work() -> None:
        from nova.app import memory

        with frame.opened() as nova:
            waits = memory.queue(nova, memory.scope_for(nova, project))
        if as_json:
            frame.out_json({
                "pairs": [{"newer": note_json(a), "older": note_json(b), "why": why} for a, b, why in waits.pairs],
                "unconfirmed": [note_json(note) for note in waits.unconfirmed],
                "quarantined": [note_json(note) for note in waits.quarantined],
                "stale": [note_json(note) for note in waits.stale],
            })  # fmt: skip
            return
        for newer, older, reason in waits.pairs:
            frame.out(f"May contradict each other ({reason}):\n  {row(newer)}\n  {row(older)}")
            frame.out(
                f"  One holds: nova memory settle {newer.id} {older.id}   "
                f"Both: nova memory settle {newer.id} {older.id} --both"
            )
        for title, found in (
            ("Not confirmed", waits.unconfirmed),
            ("Quarantined", waits.quarantined),
            ("Stale", waits.stale),
        ):
            if found:
                frame.out(f"{title}:")
            for note in found[:SHOWN_MAX]:
                frame.out(f"  {row(note)}" + (f"\n      {note.doubt}" if note.doubt else ""))
        if not (waits.pairs or waits.unconfirmed or waits.quarantined or waits.stale):
            frame.out("Nothing waits for you.")

    frame.guarded(work, as_json=as_json)


@app.command()
def check(
    project: Project = None,
    pages: Annotated[
        bool, typer.Option("--pages", help="Look at web pages as well; this goes to the network.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look again at every place that notes rest on: does the file still say so, is the commit still on main?"""

    def work() -> int:
        from nova.app import memory
        from nova.app.pages import fetch
        from nova.memory.check import check as look_again
        from nova.memory.looking import Verdict

        with frame.opened() as nova:
            scope = memory.scope_for(nova, project)
            found = look_again(memory.wordless(nova), scope, nova.grounds, fetch=fetch if pages else None)
        bad = [one for one in found if one.verdict not in (Verdict.HOLDS, Verdict.MOVED)]
        if as_json:
            frame.out_json([{"note": one.note.id, "verdict": one.verdict.value, "why": one.why} for one in found])
            return EXIT_FAILED if bad else 0
        for one in bad:
            frame.out(f"{one.verdict.value:<12} {one.note.id}  {shorten(one.note.text, 90)}\n             {one.why}")
        frame.out(f"{len(found)} notes could be looked at; {len(found) - len(bad)} hold.")
        return EXIT_FAILED if bad else 0

    frame.guarded(work, as_json=as_json)


@app.command()
def verify(
    mend: Annotated[bool, typer.Option("--mend", help="Rebuild what is damaged, finish what was cut off.")] = False,
    as_json: Json = False,
) -> None:
    """Do the tiers agree: rows, text indexes, vectors, links, erasures? Exit code 1 when they do not."""

    def work() -> int:
        from nova.memory.verify import verify as agree

        with frame.opened() as nova:
            found = agree(nova.memory, mend=mend)
        if as_json:
            frame.out_json([{"what": one.what, "mended": one.mended, "mend": one.mend} for one in found])
        elif not found:
            frame.out("Rows, text indexes, vectors, links and erasures agree.")
        for one in found if not as_json else ():
            frame.out(one.what if one.mended else f"{one.what} {one.mend}".strip())
        return EXIT_FAILED if any(not one.mended for one in found) else 0

    frame.guarded(work, as_json=as_json)


@app.command()
def embed(as_json: Json = False) -> None:
    """Read into vectors what the present encoder has not read yet; can be stopped and goes on where it was."""

    def work() -> None:
        from nova.memory.embed import embed as read
        from nova.memory.embed import waiting

        with frame.opened() as nova:
            total = waiting(nova.memory, nova.everything)
            with _progress("Reading into vectors", total) as step:
                count = read(nova.memory, nova.everything, told=step)
        frame.out_json({"read": count}) if as_json else frame.out(f"{count:,} texts were read into vectors.")

    frame.guarded(work, as_json=as_json)


@app.command()
def stats(project: Project = None, as_json: Json = False) -> None:
    """Counts, what share of the prompt each tier takes, and how often what was recalled was used."""

    def work() -> None:
        from nova.app import memory

        with frame.opened() as nova:
            seen = memory.stats(nova, memory.scope_for(nova, project))
        if as_json:
            frame.out_json({
                "notes": {f"{kind.value}/{status.value}": count for (kind, status), count in seen.notes.items()},
                "episodes": seen.episodes, "unread": seen.unread, "contexts": seen.runs, "shares": dict(seen.shares),
                "recalled": seen.shown, "cited": seen.used,
            })  # fmt: skip
            return
        for kind in NoteKind:
            counts = [
                f"{seen.notes[kind, status]} {status.value}" for status in NoteStatus if seen.notes.get((kind, status))
            ]
            frame.out(f"{kind.value:<12} {', '.join(counts) or 'none'}")
        frame.out(f"{'turns':<12} {seen.episodes:,}")
        frame.out(
            f"{'unread':<12} {seen.unread:,} texts have no vector yet" + (": nova memory embed" if seen.unread else "")
        )
        frame.out(f"\nOf the tokens of the last {seen.runs} contexts:")
        for kind, share in sorted(seen.shares.items(), key=lambda pair: -pair[1]):
            frame.out(f"{kind:<12} {share:6.1%}")
        rate = f"{seen.used / seen.shown:.0%}" if seen.shown else "-"
        frame.out(f"\n{seen.shown} pieces were recalled into them; answers cite {seen.used} ({rate}).")

    frame.guarded(work, as_json=as_json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; must not be there yet.")],
    as_json: Json = False,
) -> None:
    """Copy the whole database, even while Nova works. What is forgotten before is not in it."""

    def work() -> None:
        from nova.app import memory

        with frame.opened() as nova:
            size = memory.back_up(nova, file)
        frame.out_json({"file": str(file), "bytes": size}) if as_json else frame.out(f"{file}: {size:,} bytes.")

    frame.guarded(work, as_json=as_json)


def _found_json(one: Recalled) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {"tier": one.tier, "id": one.id, "text": one.text, "mark": one.mark}
    return {**found, "score": round(one.score, 5), "ranks": dict(one.ranks)}


memory_changes.register(app)
memory_files.register(app)


@contextmanager
def _progress(verb: str, total: int) -> Generator[Callable[[int], None]]:
    """A line on a terminal that counts on; nothing elsewhere."""
    with frame.console(error=True).status(f"{verb}...") as status:
        yield lambda count: status.update(f"{verb}: {count:,} of {total:,}")


def _named_or_near(nova: Nova, scope: Scope, claim: str) -> list[Note]:
    from nova.core.notes import Note
    from nova.memory import revise
    from nova.memory.recall import Quota, recall

    if " " not in claim:
        from nova.app import memory

        try:
            return [revise.find(memory.wordless(nova), scope, claim)]
        except Unknown:
            if claim.startswith("n") and any(character.isdigit() for character in claim):
                raise
    near = recall(nova.memory, claim, scope, quota=Quota(episodes=0))
    return [piece.what for piece in near.pieces if isinstance(piece.what, Note)][:3]
