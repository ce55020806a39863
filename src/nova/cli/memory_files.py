"""nova memory export, import and edit: memory as plain files. Shows and asks; decides nothing itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova.cli import completion, frame
from nova.core.errors import BadInput, Problem, Unknown
from nova.core.labels import HOME, Scope
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.core.json import Json as JsonValue
    from nova.core.notes import Note
    from nova.memory.files.exchange import Taken
    from nova.memory.files.export import Exported
    from nova.memory.files.incoming import Reading

SHOWN_MAX = 40  # lines of one list on a terminal; --json has all
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for scripts.")]


def register(app: typer.Typer) -> None:
    """Adds the three commands to `nova memory`."""
    app.command("export")(export_command)
    app.command("import")(import_command)
    app.command("edit")(edit_command)


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go; made when it is not there.")],
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="Only this project's.", autocompletion=completion.project)
    ] = None,
    conversations: Annotated[
        bool, typer.Option("--conversations/--no-conversations", help="Write transcripts of conversations, too.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Write every note as a Markdown file you can read, edit and take back in. Example: nova memory export ~/notes

    What you changed there since, and what Nova did not write, stays as it is and is listed.
    """
    frame.guarded(lambda: _export(folder, project, conversations, as_json), as_json=as_json)


def import_command(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An export, a folder of another tool, or one file.")],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Take all of it into this project.", autocompletion=completion.project),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would come in, and change nothing.")] = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Other tools' notes count as confirmed; without, you confirm each.")
    ] = False,
    conversations: Annotated[bool, typer.Option("--conversations", help="Take transcripts in, too.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Where a note was changed in both places, the file holds.")
    ] = False,
    files_max: Annotated[int, typer.Option(min=1, help="How many files are looked at.")] = 50_000,
    bytes_max: Annotated[int, typer.Option(min=1, help="How many bytes of them are read.")] = 200_000_000,
    as_json: Json = False,
) -> None:
    """Take notes in: an export with your edits, CLAUDE.md, AGENTS.md, an OpenClaw workspace, Hermes' memories.

    Broken files are listed with their lines, and the others come in. Example: nova memory import ~/.hermes --dry-run
    """

    def work() -> int:
        from nova.app.memory import wordless
        from nova.memory.files.exchange import take_in

        with frame.opened() as nova:
            reading = _reading(nova, path, project, trust=trust, files_max=files_max, bytes_max=bytes_max)
            with _progress("Reading") as seen:
                taken = take_in(
                    wordless(nova) if dry_run else nova.memory,
                    nova.everything,
                    path,
                    reading,
                    dry_run=dry_run,
                    conversations=conversations,
                    overwrite=overwrite,
                    seen=seen,
                )
        _show_taken(taken, conversations, as_json)
        return BadInput.exit_code if taken.plan.problems else 0

    frame.guarded(work, as_json=as_json)


def edit_command(
    note: Annotated[str, typer.Argument(metavar="NOTE", help="A note's id or its beginning.")], as_json: Json = False
) -> None:
    """Open one note in your editor ($VISUAL or $EDITOR). It is in force when you close it; its old words are kept."""
    frame.guarded(lambda: _edit(note, as_json), as_json=as_json)


def _export(folder: Path, project: str | None, conversations: bool, as_json: bool) -> None:
    from nova.app.memory import wordless
    from nova.app.projects import named
    from nova.memory.files.exchange import write_out

    with frame.opened() as nova:
        within = Scope.of(named(nova.projects, project).scope) if project else nova.everything
        with _progress("Writing") as seen:
            done = write_out(
                wordless(nova), nova.everything, within, folder.absolute(), conversations=conversations, seen=seen
            )
    if as_json:
        frame.out_json(_export_json(done))
        return
    removed = f", {len(done.removed)} removed" if done.removed else ""
    frame.out(f"{_count(len(done.written), 'file')} written, {done.unchanged} unchanged{removed}: {done.folder}")
    _list("Left as they are:", [str(one) for one in done.kept])


def _export_json(done: Exported) -> dict[str, JsonValue]:
    return {
        "folder": str(done.folder),
        "written": [*done.written],
        "unchanged": done.unchanged,
        "removed": [*done.removed],
        "kept": [_problem(one) for one in done.kept],
    }


def _reading(
    nova: Nova, path: Path, project: str | None, *, trust: bool = False, files_max: int = 0, bytes_max: int = 0
) -> Reading:
    """How a path is read in this home: what says no scope goes to the project whose repository it lies in."""
    from nova.app.projects import named
    from nova.memory.files.incoming import Reading
    from nova.memory.files.walk import Limits

    limits = Limits(files_max=files_max, bytes_max=bytes_max) if files_max else Limits()
    scopes = {HOME: "", **{one.scope: one.name for one in nova.projects}}
    into = named(nova.projects, project).scope if project else ""
    at = nova.project_at(path if path.is_dir() else path.parent)
    usual = next((one.scope for one in nova.projects if one.name == at), HOME)
    return Reading(now=nova.clock(), scopes=scopes, into=into, usual=usual, trust=trust, limits=limits)


def _show_taken(taken: Taken, conversations: bool, as_json: bool) -> None:
    made, brought = taken.plan, taken.brought
    if as_json:
        frame.out_json(_taken_json(taken))
        return
    if brought is None:
        _list("New:", [_line(note) for note in (*made.own, *made.foreign)])
        _list(
            "Changed:", [f"{_line(one.after)}\n  it says now: {shorten(one.before.text, 90)}" for one in made.changed]
        )
    same = sum(one.how in ("merged", "known", "forgotten") for one in brought.recorded) if brought else 0
    new = len(made.own) + len(made.foreign) - same
    verb = "would come in" if brought is None else "came in"
    frame.out(f"{_count(new, 'note')} {verb}, {len(made.changed)} changed, {made.unchanged + same} known already.")
    if waiting := sum(note.status.value in ("unconfirmed", "quarantined") for note in made.foreign):
        frame.out(
            f"{waiting} of another tool's wait for your word before they count (--trust takes them as confirmed)."
        )
    if made.older:
        frame.out(
            f"{_count(len(made.older), 'file')} older than what Nova has; nova memory export brings them up to date."
        )
    if taken.conversations:
        frame.out(f"{_count(taken.conversations, 'conversation')} came in, {_count(taken.turns, 'turn')}.")
    if made.transcripts and not conversations:
        frame.out(f"{_count(len(made.transcripts), 'transcript')} left out; --conversations takes them in, too.")
    _list("Not taken:", [str(one) for one in made.skipped])
    _list("Problems:", [str(one) for one in made.problems])


def _taken_json(taken: Taken) -> dict[str, JsonValue]:
    made, brought = taken.plan, taken.brought
    how = {one.note.id: one.how for one in brought.recorded} if brought else {}
    return {
        "dry_run": brought is None,
        "new": [{**_note(one), "how": how.get(one.id, "added")} for one in (*made.own, *made.foreign)],
        "changed": [{**_note(one.after), "before": one.before.text, "file": one.file} for one in made.changed],
        "unchanged": made.unchanged,
        "older": [*made.older],
        "transcripts": len(made.transcripts),
        "conversations": taken.conversations,
        "turns": taken.turns,
        "problems": [_problem(one) for one in made.problems],
        "skipped": [_problem(one) for one in made.skipped],
    }


def _edit(prefix: str, as_json: bool) -> None:
    from nova.memory.files.exchange import edit

    with frame.opened() as nova:
        note = _one(nova, prefix)
        taken = edit(nova.memory, nova.everything, note, _reading(nova, Path.cwd(), None), os.environ)
    changed = taken is not None and bool(taken.plan.changed)
    if as_json:
        after = taken.plan.changed[0].after if taken and taken.plan.changed else note
        frame.out_json({**_note(after), "changed": changed, "before": note.text})
    elif changed:
        frame.out(f"{note.id} says now what you wrote; it is in force from the next turn on.")
    else:
        frame.out(f"{note.id} is unchanged.")


def _one(nova: Nova, prefix: str) -> Note:
    from nova.store import notes

    with nova.database.read() as connection:
        found = notes.beginning_with(connection, nova.everything, prefix) if prefix else []
    if not found:
        raise Unknown("note", prefix, mend="List them: nova memory list")
    if len(found) > 1:
        raise BadInput(f"More than one note begins with “{prefix}”.", "Give more of its id.")
    return found[0]


def _note(note: Note) -> dict[str, JsonValue]:
    return {
        "id": note.id,
        "scope": note.scope,
        "kind": note.kind.value,
        "status": note.status.value,
        "text": note.text,
        "sources": [str(source) for source in note.sources],
    }


def _problem(one: Problem) -> JsonValue:
    return {"file": one.file, "line": one.line, "what": one.what, "mend": one.mend}


def _line(note: Note) -> str:
    source = f"  ({note.sources[0]})" if note.sources else ""
    state = "" if note.status.value == "active" else f" [{note.status.value}]"
    return f"{note.kind.value:<10} {note.scope:<14} {shorten(note.text, 90)}{state}{source}"


def _list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    frame.out(title)
    for line in lines[:SHOWN_MAX]:
        frame.out(f"  {line}")
    if len(lines) > SHOWN_MAX:
        frame.out(f"  and {len(lines) - SHOWN_MAX} more; --json lists all of them.")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@contextmanager
def _progress(verb: str) -> Generator[Callable[[int], None]]:
    """A line on a terminal that counts on; nothing elsewhere."""
    with frame.console(error=True).status(f"{verb}...") as status:
        yield lambda count: status.update(f"{verb}: {count:,} files")
