"""What was exported comes back as it was, and an edit in a file becomes a change of that note."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from nova.core.conversations import Conversation
from nova.core.episodes import Episode
from nova.core.labels import Label, Scope
from nova.core.notes import Note, NoteKind, NoteStatus, Source, SourceKind
from nova.memory.files import conversations as files_of_talk
from nova.memory.files.exchange import Taken, take_in, write_out
from nova.memory.files.incoming import Reading
from nova.memory.files.transcripts import Transcript
from nova.memory.notes import record
from nova.memory.tiers import Memory, memory_of
from nova.store import conversations, episodes, notes
from nova.store.database import open_database

NOW = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
SCOPES = {"home": "", "airep": "airep", "shop": "shop"}
EVERYTHING = Scope(own="home", names=frozenset(SCOPES))


def memory_in(folder: Path) -> Memory:
    """A memory without an encoder, in a database of its own."""
    return memory_of(open_database(folder / "nova.db"), None, lambda: NOW)


@pytest.fixture
def memory(tmp_path: Path) -> Generator[Memory]:
    """A memory that is closed again."""
    opened = memory_in(tmp_path / "one")
    yield opened
    opened.database.close()


@pytest.fixture
def other(tmp_path: Path) -> Generator[Memory]:
    """A second, empty home's memory."""
    opened = memory_in(tmp_path / "two")
    yield opened
    opened.database.close()


def note(number: int, text: str = "", **changed: object) -> Note:
    """A note with an id of its own."""
    made = Note(
        id=f"n{number:010}",
        scope="airep",
        kind=NoteKind.FACT,
        text=text or f"Fact number {number}.",
        recorded_at=NOW - timedelta(days=2),
        valid_from=NOW - timedelta(days=3),
        label=Label(scopes=frozenset({"airep"})),
        sources=(Source(kind=SourceKind.RUN, ref=f"r{number:010}", at=NOW - timedelta(days=3)),),
    )
    return replace(made, **changed)  # pyright: ignore[reportArgumentType]


def keep(memory: Memory, *given: Note) -> None:
    """Stores notes as they are, with their links."""
    with memory.database.write() as connection:
        for one in given:
            bare = replace(one, supersedes=(), derived_from=())
            notes.add(connection, Scope.of(one.scope), bare, None)
        for one in given:
            for kind, targets in (("supersedes", one.supersedes), ("derived-from", one.derived_from)):
                for target in targets:
                    notes.link(
                        connection,
                        Scope(own=one.scope, names=EVERYTHING.names),
                        one.id,
                        notes.LinkKind(kind),
                        target,
                        one.recorded_at,
                    )


def stored(memory: Memory) -> dict[str, Note]:
    """Every note of a home."""
    with memory.database.read() as connection:
        return {one.id: one for one in notes.listed(connection, EVERYTHING, count_max=10**6)}


def out(memory: Memory, folder: Path) -> None:
    """Exports everything."""
    write_out(memory, EVERYTHING, EVERYTHING, folder, conversations=True)


def taken(
    memory: Memory,
    folder: Path,
    *,
    into: str = "",
    dry_run: bool = False,
    conversations: bool = False,
    overwrite: bool = False,
) -> Taken:
    """Imports everything."""
    reading = Reading(now=NOW, scopes=SCOPES, into=into)
    how = {"dry_run": dry_run, "conversations": conversations, "overwrite": overwrite}
    return take_in(memory, EVERYTHING, folder, reading, seen=None, **how)


def edit(folder: Path, id_: str, old: str, new: str) -> Path:
    """Replaces words in a note's file."""
    file = next(folder.rglob(f"*-{id_}.md"))
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


texts = st.one_of(
    st.sampled_from(["---", "## Why", "key: value", "مرحبا\n\u202e", "👩‍👩‍👧", " a ", "\r\n", "- a\n- b", "\u2028"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30),
)


@st.composite
def homes(draw: st.DrawFn) -> list[Note]:
    """The notes of a home: random words, and links that fit together, as the store keeps them."""
    count = draw(st.integers(1, 6))
    made: list[Note] = []
    for number in range(count):
        older = [one.id for one in made if one.scope == "airep"]
        replaced = tuple(sorted(draw(st.lists(st.sampled_from(older), max_size=1)))) if older else ()
        rests = tuple(sorted(draw(st.sets(st.sampled_from(older), max_size=2)))) if older else ()
        one = note(
            number,
            f"{number} {draw(texts)}",
            kind=draw(st.sampled_from(NoteKind)),
            status=draw(st.sampled_from([one for one in NoteStatus if one is not NoteStatus.FORGOTTEN])),
            why=draw(st.just("") | texts),
            alternatives=tuple(draw(st.lists(texts, max_size=2))),
            subject=f"subject {number}" if draw(st.booleans()) else "",
            attribute=draw(st.just("") | texts),
            value=draw(st.just("") | texts),
            project=draw(st.sampled_from(["", "airep"])),
            scope=draw(st.sampled_from(sorted(SCOPES))),
            valid_to=draw(st.none() | st.just(NOW)),
            doubt=draw(st.just("") | texts),
            recorded_at=NOW - timedelta(days=9) + timedelta(hours=number),
        )
        if one.scope == "airep":
            one = replace(one, supersedes=replaced, derived_from=rests)
        made.append(one)
    return made


@settings(max_examples=40, deadline=None)
@given(homes())
def test_a_home_comes_back_as_it_was(given_notes: list[Note]) -> None:
    """Export, then import into an empty home: every note, its links and its status are equal; again changes nothing."""
    with tempfile.TemporaryDirectory() as name:
        first, second = memory_in(Path(name) / "one"), memory_in(Path(name) / "two")
        keep(first, *given_notes)
        out(first, Path(name) / "out")
        done = taken(second, Path(name) / "out")
        assert done.plan.problems == []
        assert stored(second) == stored(first)
        assert len(stored(first)) == len(given_notes)
        again = taken(second, Path(name) / "out")
        assert (again.plan.own, again.plan.changed, again.plan.unchanged) == ([], [], len(given_notes))
        first.database.close()
        second.database.close()


def test_ten_thousand_notes_come_back_in_bounded_work(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """10,000 notes with links make the round trip equal, with a few statements for each note and none that grow."""
    given_notes = [
        note(
            number,
            scope=("home", "airep", "shop")[number % 3],
            derived_from=(f"n{number - 3:010}",) if number % 7 == 0 and number > 3 else (),
            supersedes=(f"n{number - 3:010}",) if number % 11 == 0 and number > 3 else (),
        )
        for number in range(10_000)
    ]
    keep(memory, *given_notes)
    out(memory, tmp_path / "out")
    statements = 0

    def counted(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(other.database.engine, "before_cursor_execute", counted)
    done = taken(other, tmp_path / "out")
    assert done.plan.problems == []
    assert statements <= 6 * len(given_notes)
    assert stored(other) == stored(memory)
    assert len(list((tmp_path / "out").rglob("*.md"))) == 10_000


def test_an_edit_changes_that_note(memory: Memory, tmp_path: Path) -> None:
    """New words in a file keep the note's id, are the owner's, make what rests on it doubtful, and are remembered."""
    keep(memory, note(1, "The price is 12 €."), note(2, derived_from=(note(1).id,)))
    out(memory, tmp_path)
    file = edit(tmp_path, note(1).id, "12 €", "14 €")
    done = taken(memory, tmp_path)
    assert ([one.after.text for one in done.plan.changed], done.plan.unchanged) == (["The price is 14 €."], 1)
    found = stored(memory)
    assert found[note(1).id].text == "The price is 14 €."
    assert found[note(1).id].sources[-1].kind is SourceKind.OWNER
    assert found[note(2).id].status is NoteStatus.UNCONFIRMED
    with memory.database.read() as connection:
        changes = notes.changes_of(connection, EVERYTHING, note(1).id)
    assert any("The price is 12 €." in one.why and one.by == "owner" for one in changes)
    export = write_out(memory, EVERYTHING, EVERYTHING, tmp_path, conversations=False)
    assert export.kept == []
    assert "14 €" in file.read_text(encoding="utf-8")
    assert taken(memory, tmp_path).plan.changed == []


def test_every_key_of_a_note_can_be_edited(memory: Memory, tmp_path: Path) -> None:
    """Status, reason, key, dates and doubts change by hand as well as the text does."""
    keep(memory, note(1, status=NoteStatus.UNCONFIRMED, doubt="old", doubted_at=NOW))
    out(memory, tmp_path)
    edit(tmp_path, note(1).id, "status: unconfirmed", "status: active")
    edit(tmp_path, note(1).id, "doubt: old\ndoubted_at: 2026-11-20T10:15:00+00:00\n", "")
    file = edit(
        tmp_path, note(1).id, "valid_from: ", "subject: tax adviser\nattribute: city\nvalue: Graz\nvalid_from: "
    )
    file.write_text(
        file.read_text(encoding="utf-8") + "\n## Why\n\nHe moved.\n\n## Alternatives\n\n- Linz\n", encoding="utf-8"
    )
    assert taken(memory, tmp_path).plan.problems == []
    found = stored(memory)[note(1).id]
    assert (found.status, found.doubt, found.doubted_at) == (NoteStatus.ACTIVE, "", None)
    assert (found.subject, found.attribute, found.value, found.why) == ("tax adviser", "city", "Graz", "He moved.")
    assert found.alternatives == ("Linz",)
    assert taken(memory, tmp_path).plan.changed == []


def test_links_are_made_by_hand_and_not_lost_by_hand(memory: Memory, tmp_path: Path) -> None:
    """A note that a file says is superseded no longer holds; a link left out of a file is told and stays."""
    keep(memory, note(1), note(2), note(3), note(4, supersedes=(note(3).id,)), note(5, derived_from=(note(1).id,)))
    out(memory, tmp_path)
    edit(tmp_path, note(1).id, "valid_from:", "superseded_by: n0000000002\nvalid_from:")
    left_out = edit(tmp_path, note(4).id, "supersedes:\n  - n0000000003\n", "")
    done = taken(memory, tmp_path)
    assert [(one.file, "n0000000003" in one.what) for one in done.plan.problems] == [(str(left_out), True)]
    found = stored(memory)
    assert (found[note(1).id].status, found[note(1).id].superseded_by) == (NoteStatus.SUPERSEDED, note(2).id)
    assert found[note(2).id].supersedes == (note(1).id,)
    assert found[note(5).id].status is NoteStatus.UNCONFIRMED
    assert found[note(4).id].supersedes == (note(3).id,)
    edit(tmp_path, note(4).id, "valid_from:", "supersedes: [n0000000003]\nvalid_from:")
    assert taken(memory, tmp_path).plan.problems == []


def test_a_newer_note_is_not_put_back(memory: Memory, tmp_path: Path) -> None:
    """An old export brings nothing back; a note changed on both sides is told, until the person decides."""
    keep(memory, note(1, "It is 12."), note(2, "It is blue."), note(3, "It is near."))
    out(memory, tmp_path)
    for number, text in ((1, "It is 13."), (2, "It is red.")):
        record(memory, Scope.of("airep"), [note(number, text)], by="test")
    edited = edit(tmp_path, note(2).id, "blue", "green")
    done = taken(memory, tmp_path)
    assert (len(done.plan.older), done.plan.unchanged, done.plan.changed) == (1, 1, [])
    assert [(problem.file, "red" in problem.what) for problem in done.plan.problems] == [(str(edited), True)]
    assert stored(memory)[note(2).id].text == "It is red."
    assert taken(memory, tmp_path, overwrite=True).plan.problems == []
    assert stored(memory)[note(2).id].text == "It is green."
    assert stored(memory)[note(1).id].text == "It is 13."


def test_broken_files_are_told_and_the_others_come_in(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """A file with broken front matter is named with its line; all the rest is there afterwards."""
    keep(memory, note(1), note(2), note(3))
    out(memory, tmp_path)
    broken = edit(tmp_path, note(1).id, "kind: fact", "kind: fakt")
    odd = edit(tmp_path, note(2).id, "scope: airep", "scope: airep\ncolour: red")
    done = taken(other, tmp_path)
    assert [(one.file, one.line) for one in done.plan.problems] == [(str(broken), 2), (str(odd), 5)]
    assert set(stored(other)) == {note(3).id}


def test_notes_that_supersede_each_other_are_refused(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """Both notes of a circle are named with file and line and stay out; others come in."""
    keep(memory, note(1), note(2, supersedes=(note(1).id,)), note(3))
    out(memory, tmp_path)
    first = edit(tmp_path, note(1).id, "superseded_by: n0000000002", "supersedes: [n0000000002]")
    second = next(tmp_path.rglob(f"*-{note(2).id}.md"))
    done = taken(other, tmp_path)
    told = {one.file: one for one in done.plan.problems}
    assert set(told) == {str(first), str(second)}
    assert f"n0000000001 and n0000000002 ({second}:" in told[str(first)].what
    assert told[str(first)].line == 6
    assert set(stored(other)) == {note(3).id}


def test_a_scope_without_a_project_is_told(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """A note of a project that this home has not is named; on purpose it is moved, with its label."""
    keep(memory, note(1), note(2, scope="shop", label=Label(scopes=frozenset({"shop"}))))
    out(memory, tmp_path)
    moved = edit(tmp_path, note(1).id, "scope: airep", "scope: airrep")
    done = taken(other, tmp_path)
    assert [(one.file, one.line, one.mend.partition("?")[0]) for one in done.plan.problems] == [
        (str(moved), 4, "Did you mean airep")
    ]
    assert set(stored(other)) == {note(2).id}
    again = taken(other, tmp_path, into="airep")
    assert again.plan.problems == []
    found = stored(other)
    assert found[note(1).id].scope == "airep"
    copy = next(one for one in found.values() if one.id not in (note(1).id, note(2).id))
    assert (copy.text, copy.scope, copy.label.scopes) == (note(2).text, "airep", frozenset({"airep", "shop"}))
    assert found[note(2).id].scope == "shop"


def test_the_same_id_twice_is_refused(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """Two files with one id that say different things both stay out; an exact copy is one note."""
    keep(memory, note(1), note(2))
    out(memory, tmp_path)
    for number in (1, 2):
        file = next(tmp_path.rglob(f"*-{note(number).id}.md"))
        copy = file.with_name(f"copy-{note(number).id}.md")
        copy.write_text(file.read_text(encoding="utf-8").replace("number 2", "number 3"), encoding="utf-8")
    done = taken(other, tmp_path)
    assert [one.what.partition(" stands in ")[0] for one in done.plan.problems] == ["The note n0000000002"]
    assert set(stored(other)) == {note(1).id}


def test_a_link_to_a_note_that_is_nowhere_is_told(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """The note comes in without the link, and the person hears of it."""
    keep(memory, note(1), note(2, derived_from=(note(1).id,)))
    out(memory, tmp_path)
    next(tmp_path.rglob(f"*-{note(1).id}.md")).unlink()
    done = taken(other, tmp_path)
    assert [one.what for one in done.plan.problems] == [
        "“derived_from” names n0000000001, which is neither among these files nor in this home."
    ]
    assert stored(other)[note(2).id].derived_from == ()


def test_what_was_forgotten_stays_forgotten(memory: Memory, tmp_path: Path) -> None:
    """An old export does not bring a forgotten note back, and the next export takes its file away."""
    keep(memory, note(1), note(2))
    out(memory, tmp_path)
    with memory.database.write() as connection:
        gone = replace(note(1), text="", status=NoteStatus.FORGOTTEN, sources=())
        notes.save(connection, Scope.of("airep"), gone)
    done = taken(memory, tmp_path)
    assert [("forgotten" in one.what) for one in done.plan.skipped] == [True]
    assert stored(memory)[note(1).id].text == ""
    out(memory, tmp_path)
    assert list(tmp_path.rglob(f"*-{note(1).id}.md")) == []


def test_a_known_fact_is_merged(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """A note that the home has under another id only brings its sources; a known key is superseded by the newer one."""
    keep(
        memory, note(1, "The adviser is Jonas."), note(2, "VAT is 20 %.", subject="VAT", attribute="rate", value="20 %")
    )
    old = note(8, "VAT is 19 %.", subject="vat", attribute="rate", value="19 %", valid_from=NOW - timedelta(days=30))
    keep(other, note(9, "The adviser is Jonas."), old)
    out(memory, tmp_path)
    assert taken(other, tmp_path).plan.problems == []
    found = stored(other)
    assert set(found) == {note(8).id, note(9).id, note(2).id}
    assert [one.ref for one in found[note(9).id].sources] == [f"r{9:010}", f"r{1:010}"]
    assert found[note(8).id].status is NoteStatus.SUPERSEDED


def test_a_dry_run_changes_nothing(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """The plan is complete, and the home is as it was."""
    keep(memory, note(1))
    out(memory, tmp_path)
    (tmp_path / "AGENTS.md").write_text("- Use tabs, always.\n", encoding="utf-8")
    done = taken(other, tmp_path, dry_run=True)
    assert (len(done.plan.own), len(done.plan.foreign), done.brought) == (1, 1, None)
    assert stored(other) == {}


def test_foreign_notes_come_in_once_and_wait(memory: Memory, tmp_path: Path) -> None:
    """Another tool's note is unconfirmed; once the owner took it, a second import leaves it so; trust confirms it."""
    (tmp_path / "AGENTS.md").write_text("- Use tabs, always.\n- Run `make test` first.\n", encoding="utf-8")
    taken(memory, tmp_path)
    first, second = sorted(stored(memory).values(), key=lambda one: one.text)
    assert [one.status for one in (first, second)] == [NoteStatus.UNCONFIRMED] * 2
    with memory.database.write() as connection:
        notes.save(connection, Scope.of("home"), replace(second, status=NoteStatus.ACTIVE))
    assert taken(memory, tmp_path).plan.unchanged == 2
    assert stored(memory)[second.id].status is NoteStatus.ACTIVE
    take_in(memory, EVERYTHING, tmp_path, Reading(now=NOW, scopes=SCOPES, trust=True))
    assert stored(memory)[first.id].status is NoteStatus.ACTIVE
    assert stored(memory)[first.id].label.trusted


def test_a_note_by_hand_comes_in_where_it_lies(memory: Memory, tmp_path: Path) -> None:
    """A file that the person wrote into an export's folder becomes a note of that scope and kind, once."""
    keep(memory, note(1))
    out(memory, tmp_path)
    place = tmp_path / "shop" / "howto"
    place.mkdir(parents=True)
    (place / "release.md").write_text("---\nby: Mara\n---\nRun `make release` twice.\n", encoding="utf-8")
    for _ in range(2):
        assert taken(memory, tmp_path).plan.problems == []
        made = [one for one in stored(memory).values() if one.id != note(1).id]
        assert [(one.scope, one.project, one.kind, one.text) for one in made] == [
            ("shop", "shop", NoteKind.HOWTO, "Run `make release` twice.")
        ]


def test_conversations_come_back_turn_for_turn(memory: Memory, other: Memory, tmp_path: Path) -> None:
    """Transcripts bring conversations back with all turns when asked to; a known conversation is left alone."""
    said = [
        Episode(
            id=f"r1.{number}", scope="airep", conversation="c0000000001", number=number, speaker="owner", text=text,
            at=NOW + timedelta(minutes=number), run="r1", project="airep", label=Label(scopes=frozenset({"airep"})),
        )
        for number, text in enumerate(["How do we round?", "<!-- turn {} -->\n", "\x1b[2J"], 1)
    ]  # fmt: skip
    one = Conversation(
        id="c0000000001", scope="airep", project="airep", title="Rounding", started_at=NOW, last_at=NOW, name="money"
    )
    given_one = Transcript(conversation=one, scope="airep", episodes=tuple(said))
    assert files_of_talk.put_back(memory, [given_one], EVERYTHING) == (1, 3)
    out(memory, tmp_path)
    assert taken(other, tmp_path).conversations == 0
    done = taken(other, tmp_path, conversations=True)
    assert (done.conversations, done.turns) == (1, 3)
    with other.database.read() as connection:
        assert conversations.by_id(connection, EVERYTHING, [one.id]) == {one.id: one}
        assert episodes.of_conversation(connection, EVERYTHING, one.id) == said
    assert taken(other, tmp_path, conversations=True).conversations == 0
