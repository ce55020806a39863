"""An export is readable, complete, and never takes away what a person wrote."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova.core.conversations import Conversation
from nova.core.episodes import Episode
from nova.core.errors import BadFiles, BadInput, StoreFull
from nova.core.labels import Label
from nova.core.notes import Note, NoteKind
from nova.memory.files import disk
from nova.memory.files.export import Exported, export
from nova.memory.files.form import markdown
from nova.memory.files.leaves import conversations_as_leaves, notes_as_leaves
from nova.memory.files.places import place_of, slug
from nova.memory.files.transcripts import Transcript, read_transcript, transcript

AT = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)


def note(number: int, text: str = "", **changed: object) -> Note:
    """A small note with an id of its own."""
    made = Note(
        id=f"n{number:010}",
        scope="airep",
        kind=NoteKind.FACT,
        text=text or f"Fact number {number}.",
        recorded_at=AT,
        valid_from=AT,
        label=Label(scopes=frozenset({"airep"})),
    )
    return replace(made, **changed)  # pyright: ignore[reportArgumentType]


def run(folder: Path, *notes: Note, forgotten: frozenset[str] = frozenset()) -> Exported:
    """Exports these notes."""
    return export(folder, notes_as_leaves(notes), forgotten=forgotten)


def tree(folder: Path) -> dict[str, str]:
    """Every visible file of a folder with its text."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in files}


def test_each_note_has_a_file_named_for_what_it_says(tmp_path: Path) -> None:
    """Scope, kind and words make the path; a second export of the same notes writes nothing."""
    done = run(
        tmp_path / "out", note(1, "Größe zählt: the tax adviser is Jonas Kehr-Nord."), note(2, "مرحبا", scope="home")
    )
    assert sorted(done.written) == [
        "airep/fact/grosse-zahlt-the-tax-adviser-is-jonas-n0000000001.md",
        "home/fact/note-n0000000002.md",
    ]
    again = run(
        tmp_path / "out", note(1, "Größe zählt: the tax adviser is Jonas Kehr-Nord."), note(2, "مرحبا", scope="home")
    )
    assert (again.written, again.unchanged, again.kept, again.removed) == ([], 2, [], [])


def test_what_a_person_changed_or_added_stays(tmp_path: Path) -> None:
    """A file edited since, a stranger in the way and files of any other kind are left alone, the first two told."""
    first, second, third = note(1), note(2), note(3)
    run(tmp_path, first, second)
    edited = tmp_path / place_of(first)
    edited.write_text(edited.read_text(encoding="utf-8").replace("Fact", "Truth"), encoding="utf-8")
    stranger = tmp_path / place_of(third)
    stranger.write_text("mine\n", encoding="utf-8")
    (tmp_path / "airep" / "fact" / "README.md").write_text("hello\n", encoding="utf-8")
    done = run(tmp_path, replace(first, text="Fact one."), replace(second, text="Fact two."), third)
    assert done.written == [place_of(second)]
    assert {problem.file: problem.what for problem in done.kept} == {
        str(edited): "This file was changed by hand since it was written; it stays as it is.",
        str(stranger): "A file that Nova did not write lies here; it stays as it is.",
    }
    found = tree(tmp_path)
    assert "Truth number 1." in found[place_of(first)]
    assert "Fact two." in found[place_of(second)]
    assert found[place_of(third)] == "mine\n"
    assert found["airep/fact/README.md"] == "hello\n"


def test_a_note_keeps_its_file_until_it_moves(tmp_path: Path) -> None:
    """New words do not rename a file; another kind moves it, and an edited one is not taken away behind its back."""
    first, second = note(1), note(2)
    run(tmp_path, first, second)
    assert run(tmp_path, replace(first, text="Other words.")).written == [place_of(first)]
    edited = tmp_path / place_of(second)
    edited.write_text(edited.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    howto = [replace(one, kind=NoteKind.HOWTO) for one in (first, second)]
    done = run(tmp_path, *howto)
    assert done.removed == [place_of(first)]
    assert [problem.file for problem in done.kept] == [str(edited)]
    assert set(tree(tmp_path)) == {place_of(howto[0]), place_of(howto[1]), place_of(second)}


def test_a_forgotten_note_leaves_the_folder(tmp_path: Path) -> None:
    """Its file goes when it is as Nova wrote it; one that was changed by hand stays and is told."""
    first, second, third = note(1), note(2), note(3)
    run(tmp_path, first, second, third)
    (tmp_path / place_of(second)).write_text("changed\n", encoding="utf-8")
    done = run(tmp_path, third, forgotten=frozenset({first.id, second.id}))
    assert done.removed == [place_of(first)]
    assert [problem.file for problem in done.kept] == [str(tmp_path / place_of(second))]
    assert set(tree(tmp_path)) == {place_of(second), place_of(third)}


def test_notes_that_are_not_exported_now_keep_their_files(tmp_path: Path) -> None:
    """Exporting one project into the folder of all takes nothing away."""
    run(tmp_path, note(1), note(2))
    assert run(tmp_path, note(1)).removed == []
    assert len(tree(tmp_path)) == 2


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A folder or a file that is a link to elsewhere is told, and what it leads to stays as it was."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file.md").write_text("precious\n", encoding="utf-8")
    out = tmp_path / "out"
    (out / "airep").mkdir(parents=True)
    (out / "airep" / "howto").symlink_to(outside)
    (out / "airep" / "fact").mkdir()
    (out / place_of(note(1))).symlink_to(outside / "file.md")
    done = run(out, note(1), note(2, kind=NoteKind.HOWTO))
    assert (done.written, len(done.kept)) == ([], 2)
    assert tree(outside) == {"file.md": "precious\n"}


def test_an_interrupted_export_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether Ctrl-C or a full disk ends it, every file there is whole and known, and the next run writes the rest."""
    notes = [note(number) for number in range(6)]
    run(tmp_path, *[replace(one, text="Older words.") for one in notes])
    real = os.fsync
    for failure in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")):
        calls = 0

        def failing(descriptor: int, failure: BaseException = failure) -> None:
            nonlocal calls
            calls += 1
            if calls > 3:
                raise failure
            real(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(disk.os, "fsync", failing)
            with pytest.raises((KeyboardInterrupt, StoreFull)):
                run(tmp_path, *[replace(one, text=f"Newer words, {failure}.") for one in notes])
        texts = tree(tmp_path)
        assert len(texts) == 6
        assert all(text.endswith(("words.\n", f"{failure}.\n", "words, .\n")) for text in texts.values())
        assert list(tmp_path.rglob(".*.new")) == []
    done = run(tmp_path, *notes)
    assert (len(done.written), done.kept) == (6, [])


def test_a_killed_export_leaves_no_stranger(tmp_path: Path) -> None:
    """What was written before a kill, when the list still names the old and the new content, is Nova's own."""
    first, newer = note(1), note(1, "Newer words.")
    run(tmp_path, first)
    listed = json.loads((tmp_path / ".nova-export.json").read_text(encoding="utf-8"))
    run(tmp_path, newer)
    assert len(listed["files"][place_of(first)]["sha256"]) == 1
    announced = json.loads((tmp_path / ".nova-export.json").read_text(encoding="utf-8"))
    announced["files"][place_of(first)]["sha256"] += listed["files"][place_of(first)]["sha256"]
    (tmp_path / ".nova-export.json").write_text(json.dumps(announced), encoding="utf-8")
    done = run(tmp_path, note(1, "Newest words."))
    assert (done.written, done.kept) == ([place_of(first)], [])


def test_a_broken_list_protects_every_file(tmp_path: Path) -> None:
    """When the list of written files cannot be read, what differs is left alone and the person is told."""
    run(tmp_path, note(1))
    (tmp_path / ".nova-export.json").write_text("{", encoding="utf-8")
    done = run(tmp_path, note(1, "Newer."), note(2))
    assert done.written == [place_of(note(2))]
    assert [problem.file for problem in done.kept] == [".nova-export.json", str(tmp_path / place_of(note(1)))]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Exporting into a file is refused with its name."""
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="is a file"):
        run(tmp_path / "out", note(1))


def test_slugs_are_safe_names() -> None:
    """A file's name has no dots, slashes or blanks, whatever the text says."""
    assert slug("../../etc/passwd\x00; rm -rf ~") == "etc-passwd-rm-rf"
    assert slug("x" * 300) == "x" * 40
    assert slug("…") == "note"


spoken = st.one_of(
    st.sampled_from(
        ["<!-- turn {} -->", "\\<!-- turn", "---", "", "\n\n", " a ", "\r\n", "\x1b[2J", "-->", "\ufeffx", "a\n"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=60),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(spoken, max_size=5), spoken, st.sampled_from(["owner", "erp-schema", "Mara\nLind -->"]))
def test_a_conversation_comes_back_from_its_transcript(texts: list[str], title: str, speaker: str) -> None:
    """Every turn, whatever was said in it, is read back as it was, in its order."""
    conversation = Conversation(
        id="c0000000001",
        scope="airep",
        project="airep",
        title=title,
        started_at=AT,
        last_at=AT + timedelta(hours=1),
        name=title[:10],
        closed_at=AT if texts else None,
        forked_from="c0000000002" if len(texts) > 2 else "",
    )
    episodes = tuple(
        Episode(
            id=f"r{number:010}.1",
            scope="airep",
            conversation="c0000000001",
            number=number,
            speaker=speaker,
            at=AT + timedelta(seconds=number, microseconds=7),
            text=text,
            run=f"r{number:010}" if number % 2 else "",
            project="airep" if number % 3 else "",
            label=Label(scopes=frozenset({"airep"}), trusted=bool(number % 2)),
        )
        for number, text in enumerate(texts, 1)
    )
    given_one = Transcript(conversation=conversation, scope="airep", episodes=episodes)
    found = read_transcript(transcript(given_one), "c.md")
    assert (found.conversation, found.episodes) == (conversation, episodes)


def test_a_moved_conversation_shows_no_title_in_its_old_scope() -> None:
    """The words a conversation is called by stay in the scope it stands in now; its old file has only old turns."""
    stands = Conversation(id="c1", scope="shop", project="shop", title="Secret of the shop", started_at=AT, last_at=AT)
    text = transcript(Transcript(conversation=stands, scope="airep", episodes=()))
    assert "Secret" not in text
    found = read_transcript(text, "c1.md")
    assert (found.scope, found.conversation) == ("airep", replace(stands, title=""))


def test_a_transcript_reads_as_a_conversation(tmp_path: Path) -> None:
    """Speaker, time and words stand there for a person; what was damaged is told at its line."""
    conversation = Conversation(id="c1", scope="airep", project="airep", title="Rounding", started_at=AT, last_at=AT)
    said = Episode(
        id="e1",
        scope="airep",
        conversation="c1",
        number=1,
        speaker="owner",
        at=AT,
        text="How do we round?",
        project="airep",
    )
    export(tmp_path, conversations_as_leaves([Transcript(conversation=conversation, scope="airep", episodes=(said,))]))
    text = tree(tmp_path)["airep/conversations/c1.md"]
    assert "**owner** · 20 November 2026, 10:15\n\nHow do we round?\n" in text
    with pytest.raises(BadFiles, match=r"c1\.md:11: The comment that begins this turn was changed"):
        read_transcript(text.replace('"number": 1', '"number": one'), "c1.md")


def test_the_text_of_a_file_is_the_notes_markdown(tmp_path: Path) -> None:
    """What lies on the disk is what `markdown` says, byte for byte."""
    run(tmp_path, note(1))
    assert (tmp_path / place_of(note(1))).read_bytes() == markdown(note(1)).encode()
