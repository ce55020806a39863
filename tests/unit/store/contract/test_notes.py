"""Notes: kept with links, history and words, superseded in place, listed by what they are, behind their wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from tests.support.a_memory import AT, a_note, keyed

from nova.core.labels import Label, Scope
from nova.core.notes import Note, NoteChange, NoteKind, NoteStatus, Source, SourceKind
from nova.store import generations, notes
from nova.store.database import Database
from nova.store.episodes import Vector
from nova.store.indexes import leaf
from nova.store.notes import LinkKind
from nova.store.textindex import TextIndex, query_words

AIREP, BLOG = Scope.of("airep"), Scope.of("blog")
FULL = a_note(
    "The deposit is 30 percent, \N{PILE OF POO} and “quoted”.",
    id="nfull",
    kind=NoteKind.DECISION,
    status=NoteStatus.UNCONFIRMED,
    label=Label(scopes=frozenset({"airep", "home"}), trusted=False),
    project="airep",
    subject="The Deposit",
    attribute="share",
    value="30 %",
    why="The supplier asks for it.\nAnd the bank.",
    alternatives=("20 percent", "none at all, 'never'"),
    by="owner",
    sources=(
        Source(kind=SourceKind.FILE, ref="a b/c.py", at=AT, line=3, commit="abc1234", project="airep", quote="x\ty"),
        Source(kind=SourceKind.URL, ref="https://kehr.example/?a=1%20&b", at=AT, fingerprint="f" * 64),
    ),
    valid_to=AT + timedelta(days=1),
    retired_at=AT + timedelta(microseconds=1),
    answered_by="r1",
    waits_for="the bank",
    checked_at=AT,
    doubt="changed since",
    doubted_at=AT,
    recheck="ask the bank",
)


def add(database: Database, *given: Note, vector: Vector | None = None) -> None:
    with database.write() as connection:
        for note in given:
            notes.add(connection, Scope.of(note.scope), note, vector)


def found(database: Database, words: str, scope: Scope = AIREP) -> set[str]:
    with database.read() as connection:
        hits = leaf(connection).search(connection, scope, TextIndex.NOTES, query_words(words), 10)
        return {note.id for note in notes.by_seq(connection, scope, [seq for seq, _ in hits]).values()}


def test_every_field_of_a_note_comes_back(database: Database) -> None:
    """A note read from the store equals the one that was written, whatever is in it."""
    plain = a_note("x", sources=())
    add(database, FULL, plain)
    with database.read() as connection:
        assert notes.by_id(connection, AIREP, "nfull") == FULL
        assert notes.by_id(connection, AIREP, plain.id) == plain
        assert notes.beginning_with(connection, AIREP, "nful") == [FULL]
        assert notes.by_ids(connection, AIREP, ["nfull", "nothing"]) == {"nfull": FULL}


def test_links_stand_at_both_ends(database: Database) -> None:
    """A note that supersedes or rests on another says so, and the other says by what it was superseded."""
    old, base = keyed("rate", "books", "19 %"), a_note("base")
    new = replace(keyed("rate", "books", "7 %"), supersedes=(old.id,), derived_from=(base.id,))
    above = a_note("above", derived_from=(new.id,))
    add(database, old, base, new, above)
    with database.read() as connection:
        assert notes.by_id(connection, AIREP, new.id) == new
        known = notes.by_id(connection, AIREP, old.id)
        assert known is not None
        assert known.superseded_by == new.id
        assert notes.derived_from(connection, AIREP, [base.id]) == [new.id, above.id]
    with pytest.raises(ValueError, match="not both are notes"), database.write() as connection:
        notes.link(connection, AIREP, old.id, LinkKind.CONFLICTS, "nothing", AT)


def test_conflicts_wait_until_they_are_settled(database: Database) -> None:
    """A pair is in the owner's queue once, however often it is linked, until it is decided in either direction."""
    one, other = a_note("one"), a_note("other")
    add(database, one, other)
    with database.write() as connection:
        for _ in range(2):
            notes.link(connection, AIREP, one.id, LinkKind.CONFLICTS, other.id, AT, "30 or 40")
    with database.read() as connection:
        assert notes.conflicts(connection, AIREP) == [(one.id, other.id, "30 or 40")]
        assert notes.conflicts(connection, BLOG) == []
    with database.write() as connection:
        assert notes.settle(connection, BLOG, one.id, other.id, AT) == 0
        assert notes.settle(connection, AIREP, other.id, one.id, AT) == 1
        assert notes.conflicts(connection, AIREP) == []


def test_notes_are_listed_by_what_they_are(database: Database) -> None:
    """Kind, status, project and time narrow a list; the newest comes first; a key finds its active notes."""
    given = [
        a_note("a", kind=NoteKind.FACT, valid_from=AT),
        a_note("b", kind=NoteKind.DECISION, valid_from=AT + timedelta(days=1)),
        a_note("c", kind=NoteKind.DECISION, status=NoteStatus.SUPERSEDED, valid_from=AT + timedelta(days=2)),
        keyed("The Rate", "books", "7 %", project="airep", valid_from=AT + timedelta(days=3)),
    ]
    add(database, *given, a_note("other", scope="blog"))
    a, b, c, rate = given
    with database.read() as connection:
        assert notes.listed(connection, AIREP) == [rate, c, b, a]
        assert notes.listed(connection, AIREP, kinds=[NoteKind.DECISION]) == [c, b]
        assert notes.listed(connection, AIREP, kinds=[NoteKind.DECISION], statuses=[NoteStatus.ACTIVE]) == [b]
        assert notes.listed(connection, AIREP, project="airep") == [rate]
        assert notes.listed(connection, AIREP, since=AT + timedelta(days=2), count_max=1) == [rate]
        assert notes.with_key(connection, AIREP, rate.key) == [rate]
        assert notes.with_text(connection, AIREP, NoteKind.FACT, "a") == [a]
        assert notes.count(connection, AIREP)[NoteKind.DECISION, NoteStatus.ACTIVE] == 1


def test_another_scope_knows_nothing(database: Database) -> None:
    """No function gives a note, a link or its history to another scope, and none takes one."""
    add(database, FULL)
    with database.write() as connection:
        notes.note_changed(connection, AIREP, "nfull", AT, "recorded", by="owner")
        notes.remove(connection, BLOG, ["nfull"])
    with database.read() as connection:
        assert notes.by_id(connection, BLOG, "nfull") is None
        assert notes.beginning_with(connection, BLOG, "n") == notes.listed(connection, BLOG) == []
        assert notes.by_seq(connection, BLOG, range(10)) == {}
        assert notes.changes_of(connection, BLOG, "nfull") == notes.changes_since(connection, BLOG, AT) == []
        assert notes.without_vector(connection, BLOG, "mini", 9) == []
        assert notes.by_id(connection, AIREP, "nfull") == FULL
    assert found(database, "deposit", BLOG) == set()
    with pytest.raises(ValueError, match="belongs to airep"):
        add_to_blog(database, FULL)
    with pytest.raises(ValueError, match="no note"), database.write() as connection:
        notes.save(connection, BLOG, FULL)


def add_to_blog(database: Database, note: Note) -> None:
    with database.write() as connection:
        notes.add(connection, BLOG, note, None)


def test_a_changed_note_is_found_by_its_new_words(database: Database) -> None:
    """New words replace the old in the index, drop the vector and step the generation; a new status does not."""
    note = a_note("The contact is Jonas.")
    add(database, note, vector=Vector("mini", b"\x00\x3c" * 4))
    with database.write() as connection:
        notes.save(connection, AIREP, replace(note, status=NoteStatus.SUPERSEDED))
        assert generations.of(connection, AIREP) == {"airep": 0}
        assert notes.count_without_vector(connection, AIREP, "mini") == 0
        notes.save(connection, AIREP, replace(note, text="The contact is Petra."))
        assert generations.of(connection, AIREP) == {"airep": 1}
        assert notes.count_without_vector(connection, AIREP, "mini") == 1
    assert found(database, "Jonas") == set()
    assert found(database, "Petra") == {note.id}


def test_history_is_told_in_order(database: Database) -> None:
    """What happened to a note comes oldest first; what happened of late, newest first."""
    with database.write() as connection:
        for number, change in enumerate(["recorded", "merged", "superseded"]):
            notes.note_changed(connection, AIREP, "n1", AT + timedelta(days=number), change, by="owner", why="w")
    expected = [
        NoteChange(note="n1", at=AT + timedelta(days=number), change=change, by="owner", why="w")
        for number, change in enumerate(["recorded", "merged", "superseded"])
    ]
    with database.read() as connection:
        assert notes.changes_of(connection, AIREP, "n1") == expected
        assert notes.changes_since(connection, AIREP, AT + timedelta(days=1)) == expected[:0:-1]


def test_a_removed_note_leaves_nothing_behind(database: Database) -> None:
    """With a note go its words, its links and its history."""
    old = a_note("old lantern")
    new = replace(a_note("new lantern"), supersedes=(old.id,))
    add(database, old, new)
    with database.write() as connection:
        notes.note_changed(connection, AIREP, old.id, AT, "recorded", by="owner")
        notes.remove(connection, AIREP, [old.id])
        assert notes.changes_of(connection, AIREP, old.id) == []
        left = notes.by_id(connection, AIREP, new.id)
    assert left is not None
    assert left.supersedes == ()
    assert found(database, "lantern") == {new.id}


def test_hundreds_of_notes_are_listed_with_their_links(database: Database) -> None:
    """A chain of many notes, each superseding the one before, is listed whole."""
    chain = [a_note(f"number {number}", id=f"n{number:04}") for number in range(450)]
    chain = [chain[0], *(replace(new, supersedes=(old.id,)) for old, new in pairwise(chain))]
    add(database, *chain)
    with database.read() as connection:
        known = {note.id: note for note in notes.listed(connection, AIREP)}
    assert len(known) == 450
    assert [known[f"n{number:04}"].superseded_by for number in range(449)] == [f"n{n:04}" for n in range(1, 450)]
