"""Written conversations become rows of a real store, with the days they stand under and inside their own walls."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nova.app import data
from nova.app.replay_talk import WrittenTalk, conversation_id, read_talk, run_id, write_talk
from nova.core.citations import Citation
from nova.core.labels import Scope
from nova.core.outcomes import Done
from nova.memory.tiers import Memory, memory_of
from nova.store import conversations, episodes, events, notes, runs
from nova.store.database import open_database

TALK = """\
- title: Postage
  project: shop
  turns:
  - at: '2026-09-03T10:50:00+00:00'
    say: We decided for the parcel service because it takes pallets.
    agent: general-chat
    answer: Noted, see docs/postage.md:4 and catalogue/parts.csv:12.
  - at: '2026-09-05T08:00:00+00:00'
    say: thanks
    agent: general-chat
    answer: You're welcome.
"""


@pytest.fixture
def memory(tmp_path: Path) -> Generator[Memory]:
    """An empty store and no encoder, on a day after the talk."""
    database = open_database(tmp_path / "nova.db")
    yield memory_of(database, None, lambda: datetime(2026, 11, 19, tzinfo=UTC))
    database.close()


def _talk(folder: Path) -> tuple[WrittenTalk, ...]:
    file = folder / "shop.yaml"
    file.write_text(TALK, encoding="utf-8")
    return read_talk(file)


def test_a_turn_stands_under_its_own_day(memory: Memory, tmp_path: Path) -> None:
    """A replayed run has the day, the words, the agent and the citations of its turn."""
    (talk,) = _talk(tmp_path)
    write_talk(memory, [talk], Scope.of("shop"))
    with memory.database.read() as connection:
        first, second = runs.of_conversation(connection, Scope.of("shop"), conversation_id(talk))
        happened = events.of_run(connection, Scope.of("shop"), first.id)
        (conversation,) = conversations.latest(connection, Scope.of("shop"))
    assert (first.id, second.id) == (run_id(talk, 1), run_id(talk, 2))
    assert first.started_at == datetime(2026, 9, 3, 10, 50, tzinfo=UTC)
    assert first.agents == ("general-chat",)
    assert isinstance(first.outcome, Done)
    assert first.outcome.citations == (
        Citation(path="docs/postage.md", line=4),
        Citation(path="catalogue/parts.csv", line=12),
    )
    assert [event.number for event in happened] == [1, 2, 3, 4, 5]
    assert conversation.title == "Postage"
    assert (conversation.started_at.day, conversation.last_at.day) == (3, 5)


def test_what_is_kept_of_it_has_its_day_too(memory: Memory, tmp_path: Path) -> None:
    """Each turn becomes two episodes, and a decision in it a note that holds since that day, with the run as source."""
    (talk,) = _talk(tmp_path)
    assert write_talk(memory, [talk], Scope.of("shop")) == 1
    with memory.database.read() as connection:
        said = episodes.of_conversation(connection, Scope.of("shop"), conversation_id(talk))
        (kept,) = notes.listed(connection, Scope.of("shop"))
    assert [(one.number, one.speaker, one.at.day) for one in said] == [
        (1, "owner", 3),
        (2, "general-chat", 3),
        (3, "owner", 5),
        (4, "general-chat", 5),
    ]
    assert (kept.valid_from.day, kept.recorded_at.day, kept.project) == (3, 3, "shop")
    assert [source.ref for source in kept.sources] == [run_id(talk, 1)]


def test_another_project_sees_nothing_of_it(memory: Memory, tmp_path: Path) -> None:
    """What was replayed inside one wall is not there for another."""
    write_talk(memory, _talk(tmp_path), Scope.of("shop"))
    with memory.database.read() as connection:
        assert runs.latest(connection, Scope.of("blog")) == []
        assert episodes.latest(connection, Scope.of("blog"), 10) == []
        assert notes.listed(connection, Scope.of("blog")) == []
        assert conversations.latest(connection, Scope.of("blog")) == []


def test_the_workspace_talks_fit_their_agents_and_months() -> None:
    """Every conversation of the example workspace is in its three months, in order, with agents of the catalog."""
    agents = {file.stem for file in (data.catalog() / "agents").glob("*.md")}
    for file in sorted((data.examples() / "workspace" / "conversations").glob("*.yaml")):
        talk = read_talk(file)
        began = [one.turns[0].at for one in talk]
        assert began == sorted(began), file.name
        for one in talk:
            times = [turn.at for turn in one.turns]
            assert times == sorted(times), one.title
            assert datetime(2026, 8, 24, tzinfo=UTC) <= times[0], one.title
            assert times[-1] < datetime(2026, 11, 19, tzinfo=UTC), one.title
            assert {turn.agent for turn in one.turns} <= agents, one.title
            assert (one.project or "home") == file.stem, one.title
