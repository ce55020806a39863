"""A process that kills itself in the middle of what it does to the memory: at any statement, before any commit.

    python -m tests.support.killed FOLDER OPERATION KILLS_MAX

seeds a store, does OPERATION once to count the moments at which it could die, then does it again from the seed in
processes of their own, each killed at one of those moments, and leaves FOLDER/NUMBER/.nova/nova.db of each behind.
KILLS_MAX moments are chosen, spread evenly; 0 for all. Prints how many moments there were, and those chosen.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import event
from tests.support.a_memory import AIREP, AT, a_note, keyed

from nova.coordinator.remembering import remembering
from nova.core import json
from nova.core.events import RunFinished, RunStarted, TextContent
from nova.core.labels import Label, Scope
from nova.core.notes import Source, SourceKind
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState, outcome_to_json
from nova.memory import revise
from nova.memory.embed import embed
from nova.memory.forget import forget, plan_words
from nova.memory.notes import record
from nova.memory.tiers import Memory
from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly
from nova.store import conversations, notes
from nova.store.database import Database, open_database
from nova.store.record import Record

CANARY = "xylophon-4711-quetzal"
OWNER = Scope.owner({"airep", "blog"})
NOW = AT + timedelta(days=1)
ASKED = "The contact of Kehr-Nord is now Jonas. Remember that the gate closes at 18:00."


class Narrow:
    """The words network with a part of its width: another encoder, whose vectors have another size."""

    name = "words-narrow"
    blocks = (256,)
    degradations = ()

    def read(self, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """The first numbers of each row, unit length again."""
        rows = WordsOnly().read(texts)[:, :256]
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def memory_at(database: Database, *, narrow: bool = False) -> Memory:
    """The memory over it. narrow: with the other encoder."""
    encoder = Encoder(Narrow() if narrow else WordsOnly(chosen=True))  # a quick stand-in that is taken for meaning
    return Memory(database=database, encoder=encoder, now=lambda: NOW)


def a_run(identity: str, request: str) -> Run:
    """A run as it is asked."""
    return Run(
        id=identity, conversation="c1", request=request, principal="owner", scope="airep", project="airep",
        label=Label(scopes=frozenset({"airep"})), state=RunState.RUNNING, started_at=AT, last_at=AT,
        agents=("memory-keeper",),
    )  # fmt: skip


def finish(memory: Memory, book: Record, asked: Run, answer: str) -> None:
    """The last event of a run with what is remembered of it, as the coordinator writes them."""
    outcome = Done(text=answer)
    ended = replace(asked, state=RunState.DONE, outcome=outcome, ended_at=NOW)
    work = remembering(memory, asked, ended, (), noted=False)
    book.save(ended, RunFinished(state="done", outcome=outcome_to_json(outcome)), first=work)


def begun(memory: Memory, asked: Run) -> Record:
    """A run in the record that has not ended."""
    book = Record(memory.database, AIREP, asked, now=lambda: NOW)
    book.begin(RunStarted(request=asked.request, principal="owner"))
    book.append(TextContent(message="m", delta="So "), TextContent(message="m", delta="it is."))
    return book


def seed(memory: Memory) -> None:
    """A small memory: notes that rest on one another, runs that were remembered, the canary in all of them."""
    with memory.database.write() as connection:
        conversations.start(connection, AIREP, "c1", AT, project="airep", title=f"About {CANARY}")
    for identity, asked, answer in (
        ("r1", f"Remember that the alarm word is {CANARY}.", f"Kept: {CANARY}."),
        ("r2", "Which day is it?", "Friday."),
        ("r3", "What is the alarm word?", f"It is {CANARY}."),
    ):
        run = a_run(identity, asked)
        finish(memory, begun(memory, run), run, answer)
    contact = replace(keyed("Kehr-Nord", "contact", "Heike"), id="ncontact")
    letter = a_note("Letters to Kehr-Nord go to Heike.", id="nletter", derived_from=("ncontact",))
    source = Source(kind=SourceKind.RUN, ref="r1", at=AT, quote=CANARY)
    word = a_note(f"Whoever knows {CANARY} opens the door.", id="ncanary", sources=(source,))
    record(memory, AIREP, [contact, letter, word], by="test")


def _remember(database: Database) -> None:
    memory, run = memory_at(database), a_run("r4", ASKED)
    book = begun(memory, run)
    finish(memory, book, run, "Kept.")


def _supersede(database: Database) -> None:
    memory = memory_at(database)
    with database.read() as connection:
        old = notes.by_ids(connection, OWNER, ["ncontact"])["ncontact"]
    revise.supersede(memory, OWNER, old, "The contact of Kehr-Nord is Jonas.")


def _forget(database: Database) -> None:
    memory = memory_at(database)
    forget(memory, OWNER, plan_words(memory, OWNER, CANARY))


def _embed(database: Database) -> None:
    embed(memory_at(database, narrow=True), OWNER)


OPERATIONS: dict[str, Callable[[Database], None]] = {
    "remember": _remember,
    "supersede": _supersede,
    "forget": _forget,
    "embed": _embed,
}


def _do(file: Path, operation: str, die_at: int) -> int:
    """How many moments there were; does not come back from one it dies at."""
    database = open_database(file)
    moments = 0

    def moment(*_: object, **__: object) -> None:
        nonlocal moments
        moments += 1
        if moments == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", moment)
    event.listen(database.engine, "commit", moment)
    event.listen(database.engine.pool, "checkout", moment)  # also where the log is emptied, beside any statement
    OPERATIONS[operation](database)
    database.close()
    return moments


def _forked(file: Path, operation: str, die_at: int) -> int:
    """The number of moments of a whole run in a process of its own, 0 when it died as it should."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(_do(file, operation, die_at)).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        said = told.read()
    if die_at and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        raise RuntimeError(f"{operation} was to die at moment {die_at} and ended with status {status}")
    return int(said or 0)


def main(folder: Path, operation: str, kills_max: int) -> None:
    """See above."""
    template = folder / "seed.db"
    database = open_database(template)
    seed(memory_at(database))
    database.empty_log()
    database.close()

    def fresh(number: int) -> Path:
        file = folder / str(number) / ".nova" / "nova.db"
        file.parent.mkdir(parents=True)
        shutil.copyfile(template, file)
        return file

    moments = _forked(fresh(0), operation, 0)
    count = min(kills_max or moments, moments)
    chosen = sorted({1 + round(place * (moments - 1) / max(1, count - 1)) for place in range(count)})
    for number in chosen:
        _forked(fresh(number), operation, number)
    sys.stdout.write(json.dump({"moments": moments, "chosen": list(chosen)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
