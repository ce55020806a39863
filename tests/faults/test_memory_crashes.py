"""Killed at any moment of remembering, superseding, forgetting or reading into vectors: the tiers agree afterwards.

The process is really killed (tests.support.killed), on a real file; then Nova opens it as it opens any home.
NOVA_TEST_KILLS=0 kills at every moment there is.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from tests.support.killed import CANARY, OWNER, memory_at

from nova.core.events import Remembered, RunFinished
from nova.core.notes import NoteStatus
from nova.core.runs import RunState
from nova.memory.embed import embed, waiting
from nova.memory.recall import recall
from nova.memory.verify import verify
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.store import episodes, erase, events, notes, runs
from nova.store.database import Database
from nova.store.opening import open_store

KILLS_MAX = int(os.environ.get("NOVA_TEST_KILLS", "10"))  # of each operation; 0 for all
ROOT = Path(__file__).parent.parent.parent


def killed(folder: Path, operation: str) -> dict[int, Path]:
    """The homes that were left behind, by the moment of the kill; 0 is the one that was not killed."""
    command = [sys.executable, "-m", "tests.support.killed", str(folder), operation, str(KILLS_MAX)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    told = cast("dict[str, object]", json.loads(done.stdout))
    assert cast("int", told["moments"]) > 5
    return {number: folder / str(number) for number in (0, *cast("list[int]", told["chosen"]))}


def reopened(home: Path) -> Database:
    """The store as Nova opens it."""
    return open_store(Home(root=home, data=home / ".nova", cache=home / ".cache"), Settings())


def rows_of(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row with text, by its table; what the database holds, whatever Nova says of it."""
    with sqlite3.connect(file) as raw:
        tables = ("notes", "note_links", "note_changes", "episodes", "runs", "events", "conversations", "texts")
        return {name: raw.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


def through_all(folder: Path, operation: str, look: Callable[[Database, Path], bool]) -> set[bool]:
    """Looks at every home that was left behind; what was seen. look: whether the operation is there, after checks."""
    seen: set[bool] = set()
    for moment, home in killed(folder, operation).items():
        database = reopened(home)
        try:
            assert verify(memory_at(database, narrow=operation == "embed")) == (), f"killed at {moment}"
            with database.read() as connection:
                assert erase.unfinished(connection) == 0
            there = look(database, home)
        finally:
            database.close()
        assert there or moment != 0
        seen.add(there)
    return seen


def test_a_run_is_remembered_with_its_end_or_not_at_all(tmp_path: Path) -> None:
    """Done, its last event, its two turns, its notes and what they supersede are there together, or none of them."""

    def look(database: Database, _: Path) -> bool:
        with database.read() as connection:
            found = runs.beginning_with(connection, OWNER, "r4")
            happened = [one.happening for one in events.of_run(connection, OWNER, "r4")]
            said = episodes.of_run(connection, OWNER, "r4")
            old = notes.by_ids(connection, OWNER, ["ncontact"])["ncontact"]
            kept = [note for note in notes.listed(connection, OWNER) if any(one.ref == "r4" for one in note.sources)]
        done = [run.state is RunState.DONE for run in found] == [True]
        assert any(isinstance(one, RunFinished) for one in happened) is done
        assert any(isinstance(one, Remembered) for one in happened) is done
        assert len(said) == (2 if done else 0)
        assert bool(kept) is done
        assert (old.status is NoteStatus.SUPERSEDED) is done
        pieces = recall(memory_at(database), "when does the gate close?", OWNER).pieces
        assert any("18:00" in piece.text for piece in pieces) is done
        return done

    assert through_all(tmp_path, "remember", look) == {True, False}


def test_a_note_is_superseded_whole_or_not_at_all(tmp_path: Path) -> None:
    """The old note's end, the new note, their link, and the doubt about what rested on it come together."""

    def look(database: Database, _: Path) -> bool:
        with database.read() as connection:
            held = {note.id: note for note in notes.listed(connection, OWNER)}
            changes = [one.change for one in notes.changes_of(connection, OWNER, "ncontact")]
        newer = [note for note in held.values() if note.supersedes]
        done = bool(newer)
        expected = NoteStatus.SUPERSEDED if done else NoteStatus.ACTIVE
        assert held["ncontact"].status is expected
        assert held["ncontact"].superseded_by == (newer[0].id if done else "")
        assert held["nletter"].status is (NoteStatus.UNCONFIRMED if done else NoteStatus.ACTIVE)
        assert ("superseded" in changes) is done
        return done

    assert through_all(tmp_path, "supersede", look) == {True, False}


def test_forgetting_is_whole_or_has_not_happened(tmp_path: Path) -> None:
    """Every row is as it was, or no byte of the words is left in the file and its log once Nova has opened it."""
    before: dict[str, list[tuple[object, ...]]] = {}

    def look(database: Database, home: Path) -> bool:
        file = home / ".nova" / "nova.db"
        rows = rows_of(file)
        database.empty_log()
        if CANARY in repr(rows):
            before.update(before or rows_of(home.parent / "seed.db"))
            assert rows == before
            return False
        left = b"".join(one.read_bytes() for one in file.parent.iterdir()).lower()
        assert [trace for trace in (CANARY, "xylophon", "quetzal") if trace.encode() in left] == []
        assert rows["notes"], "the other notes are still there"
        return True

    assert through_all(tmp_path, "forget", look) == {True, False}


def test_reading_into_vectors_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """Every row has the old encoder's vector or the new one's, all is still found, and the rest is read afterwards."""
    expected = 0

    def look(database: Database, _: Path) -> bool:
        memory = memory_at(database, narrow=True)
        left = waiting(memory, OWNER)
        assert any("Heike" in piece.text for piece in recall(memory, "who is the contact of Kehr-Nord?", OWNER).pieces)
        assert embed(memory, OWNER) == left
        assert waiting(memory, OWNER) == 0
        with database.read() as connection:
            assert episodes.latest_encoder(connection, OWNER) == memory.encoder_name
        assert verify(memory) == ()
        return left == expected

    assert through_all(tmp_path, "embed", look) == {True, False}
