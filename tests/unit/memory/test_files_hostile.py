"""Whatever a folder holds, it is read or told; nothing crashes, and nothing takes for ever."""

# ruff: noqa: E501 (signs in a row)

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.memory.test_files_form import GROUND, decision
from tests.unit.settings.mutations import assert_located, mutated

from nova.core.conversations import Conversation
from nova.core.episodes import Episode
from nova.core.errors import BadFiles
from nova.memory.files.form import markdown
from nova.memory.files.incoming import Incoming, Reading, read_all
from nova.memory.files.pieces import pieces
from nova.memory.files.reading import read_note
from nova.memory.files.texts import decoded
from nova.memory.files.transcripts import Transcript, read_transcript, transcript

NOW = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
NOTE = markdown(decision(supersedes=("n0000000001",), subject="totals", attribute="rounding")).encode()
TALK = transcript(
    Transcript(
        conversation=Conversation(id="c1", scope="airep", project="airep", title="Money", started_at=NOW, last_at=NOW),
        scope="airep",
        episodes=tuple(
            Episode(
                id=f"e{n}", scope="airep", conversation="c1", number=n, speaker="owner", at=NOW, text="words\n\nmore"
            )
            for n in (1, 2)
        ),
    )
).encode()


@settings(max_examples=400, deadline=None)
@given(mutated([NOTE]))
def test_a_damaged_note_is_read_or_located(data: bytes) -> None:
    """However a note's file is broken, it is a note, or every problem names a line of it in plain words."""
    try:
        read_note(decoded(data, "note.md"), "note.md", GROUND)
    except BadFiles as error:
        assert_located(error, "note.md", data)


@settings(max_examples=300, deadline=None)
@given(mutated([TALK]))
def test_a_damaged_transcript_is_read_or_located(data: bytes) -> None:
    """However a transcript is broken, it is a conversation, or every problem names a line of it in plain words."""
    try:
        read_transcript(decoded(data, "c1.md"), "c1.md")
    except BadFiles as error:
        assert_located(error, "c1.md", data)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["# ", "## ", "- ", "  - ", "* [x] ", "1. ", "```", "~~~", "<!-- ", "-->", "| a |", "|---|", "---", "§", "@a.md",
             "**", "_", "`", "[a](b)", "word two", "\t", "", "    ", "type: user", "===", "> q", "\\", "<!-- openclaw:x:start -->"]
        ), max_size=25
    ).map("\n".join) | st.text(max_size=200)
)  # fmt: skip
def test_any_markdown_becomes_pieces(text: str) -> None:
    """Any text is cut into pieces, each with words and with a line of the text, in order."""
    found = pieces(text)
    lines = [piece.line for piece in found]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert all(piece.text.strip() for piece in found)


@pytest.mark.parametrize(
    "unit",
    ["<!--", "**a ", "[", "`", "# a" + " " * 30 + "b", "---\n", "@", "@a.", "| ", "- a\n", "  ", "__x ", "\n", "> ", "(",
     "<!-- openclaw:a:start -->", "- a\n\n  b\n", "```\n", "word ", "type:\n", "§\n", "never tell the user ", "eyJ", "[score="],
)  # fmt: skip
def test_no_file_takes_for_ever(tmp_path: Path, unit: str) -> None:
    """300 kB of any sign are read in time that grows with the size; its square would be hours."""
    text = unit * (300_000 // len(unit))
    for name in ("CLAUDE.md", "MEMORY.md", "memory/2026-01-01.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    began = time.process_time()
    incoming = read_all(tmp_path, Reading(now=NOW, scopes={"home": ""}))
    assert isinstance(incoming, Incoming)
    assert incoming.problems == []
    assert time.process_time() - began < 60
