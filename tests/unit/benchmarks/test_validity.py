"""The validity benchmark on a timeline of its documented format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks.validity import __main__ as command
from benchmarks.validity.data import Fact, read
from benchmarks.validity.facts import Clock, Keeper, key_of, text_of
from benchmarks.validity.measure import ask, figures
from tests.support.a_memory import a_memory

from nova.core.errors import BadInput
from nova.core.labels import Scope
from nova.core.notes import NoteStatus
from nova.memory.tiers import Memory
from nova.store import notes

BEGIN = "2026-03-02T09:00:00"


def fact(key: str, value: str, **more: object) -> dict[str, object]:
    """One fact as the format has it."""
    return {"id": "W-AUTO", "layer": "persistent_facts", "key": key, "value": value, "scope": "global", **more}


def query(at: str, prompt: str, must: list[str], must_not: list[str]) -> dict[str, object]:
    """One question with its truth."""
    truth = {"must_mention": must, "must_not_mention": must_not, "decision": "not read"}
    return {"ts": at, "type": "query", "prompt": prompt, "ground_truth": truth}


FERRY: dict[str, object] = {
    "id": "T-1",
    "track": "supersession",
    "initial_state": {
        "persistent_facts": [
            fact("ferry_departure", "The ferry leaves from pier 4", id="F-1", ts="2026-03-01T08:00:00")
        ],
        "environment": {"now": BEGIN, "tide": "high"},
        "working_set": [{"content": "The ferry leaves from the moon"}],
    },
    "events": [
        {"ts": "2026-03-02T09:05:00", "type": "conversation_turn", "speaker": "user", "text": "Pier 4 was it, or 6?"},
        query("2026-03-02T09:06:00", "From which pier does the ferry leave?", ["Pier 4", "pay extra"], ["pier 9"]),
        {
            "ts": "2026-03-02T09:10:00",
            "type": "supersession",
            "writes": [fact("ferry_departure_v2", "The ferry leaves from pier 9", supersedes="ferry_departure")],
        },
        {
            "ts": "2026-03-02T09:11:00",
            "type": "state_write",
            "writes": [fact("ferry_departure", "The ferry leaves from pier 77", scope="supposition")],
        },
        query("2026-03-02T09:20:00", "From which pier does the ferry leave?", ["pier 9"], ["PIER 4", "pier 77"]),
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One timeline, written as the data is."""
    path = tmp_path / "timelines.jsonl"
    path.write_text(json.dumps(FERRY) + "\n\n", "utf-8")
    return path


@pytest.fixture
def clock() -> Clock:
    """Where the timeline stands."""
    return Clock(datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def memory(tmp_path: Path, clock: Clock) -> Iterator[Memory]:
    """Words alone are enough here."""
    opened = a_memory(tmp_path, now=clock)
    yield opened
    opened.database.close()


def test_a_query_sees_what_holds_at_its_time(memory: Memory, clock: Clock, file: Path) -> None:
    """Before a correction the first value is in the context, after it the second alone; suppositions never are."""
    before, after = ask(memory, clock, read(file), turns=False)
    assert "pier 4" in before.context
    assert (before.present, before.present_of_known, before.outdated) == (0.5, 1.0, False)
    assert "pier 9" in after.context
    assert (after.present, after.outdated, after.unfiltered_outdated) == (1.0, False, True)
    assert "moon" not in before.context + after.context


def test_what_was_said_is_in_the_context_only_when_asked_for(memory: Memory, clock: Clock, file: Path) -> None:
    """Turns of the conversation repeat what no longer holds: with them the same query sees it."""
    _, after = ask(memory, clock, read(file), turns=True)
    assert "or 6?" in after.context
    assert after.slipped == ("PIER 4",)


def test_facts_are_notes_through_the_door(memory: Memory, clock: Clock, file: Path) -> None:
    """Keys, times and links are those of the data; the environment is known under its own keys."""
    ask(memory, clock, read(file), turns=False)
    with memory.database.read() as connection:
        known = {note.value: note for note in notes.listed(connection, Scope.of("T-1"))}
        supposed = notes.listed(connection, Scope.of("T-1/supposition"))
    old, new = known["The ferry leaves from pier 4"], known["The ferry leaves from pier 9"]
    assert (old.subject, old.attribute, old.valid_from.day) == ("ferry", "departure", 1)
    assert (old.status, old.superseded_by) == (NoteStatus.SUPERSEDED, new.id)
    assert new.supersedes == (old.id,)
    assert (known["high"].text, known["high"].key) == ("Tide: high", "tide\x1fvalue")
    assert [note.value for note in supposed] == ["The ferry leaves from pier 77"]
    assert len(known) == 3


def test_what_rests_on_a_fact_is_linked_from_either_side(memory: Memory, clock: Clock, file: Path) -> None:
    """depends_on of the later fact and derived_facts of the earlier one are the same link."""
    [timeline] = read(file)
    base = Fact(id="B", key="base", value="The pier is long", derived_facts=("late",))
    beginning = timeline.initial_state.model_copy(update={"persistent_facts": (base,)})
    keeper = Keeper(memory, clock, timeline.model_copy(update={"initial_state": beginning}))
    keeper.begin()
    keeper.keep(Fact(id="E", key="early", value="The walk is long as well", depends_on=("base",)))
    keeper.keep(Fact(id="L", key="late", value="The queue is long as well"))
    with memory.database.read() as connection:
        kept = notes.by_ids(connection, Scope.of("T-1"), keeper.names.values())
    assert kept[keeper.names["early"]].derived_from == (keeper.names["base"],)
    assert kept[keeper.names["late"]].derived_from == (keeper.names["base"],)


def test_a_short_value_becomes_a_sentence() -> None:
    """`None` alone says nothing out of context; a sentence is left as it is."""
    assert text_of(Fact(id="1", key="open_tickets", value="None")) == "Open tickets: None"
    assert text_of(Fact(id="1", key="open_tickets", value="No tickets are open")) == "No tickets are open"
    assert key_of(Fact(id="1", key="open_tickets", value="None")) == ("open", "tickets")


def test_means_leave_out_queries_that_name_nothing(memory: Memory, clock: Clock, file: Path) -> None:
    """A query without phrases that must be there counts for no mean of them, and is counted as a query."""
    [timeline] = read(file)
    silent = {**query("2026-03-02T10:00:00", "And the tide?", [], []), "type": "query"}
    more = {**FERRY, "events": [*json.loads(json.dumps(FERRY["events"])), silent]}
    file.write_text(json.dumps(more), "utf-8")
    found = figures(ask(memory, clock, read(file), turns=False))
    assert (found.queries, found.present, found.outdated) == (3, 0.75, 0.0)
    assert len(timeline.events) == 5


def test_a_line_that_is_no_timeline_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says which line, and what of it."""
    path = tmp_path / "broken.jsonl"
    path.write_text(json.dumps(FERRY) + "\n" + json.dumps({**FERRY, "events": [{"type": "query"}]}) + "\n", "utf-8")
    with pytest.raises(BadInput, match=r"broken\.jsonl:2 is no timeline: events\.0\.query\.ts: Field required"):
        read(path)
    assert command.main(["--timelines", str(path)]) == BadInput.exit_code
    assert "broken.jsonl:2" in capsys.readouterr().err


def test_json_has_a_line_for_each_track_and_the_bars(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed is what is kept, and says whether the bars are met."""
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    assert command.main(["--timelines", str(file), "--encoder", "words", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["tracks"]["supersession"] == printed["all"]
    assert printed["bars"]["supersession"]["met"] is True
    [kept] = (tmp_path / "results").iterdir()
    assert json.loads(kept.read_text("utf-8")) == printed


def test_without_data_it_says_where_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's data is part of this project: a stranger is told where it is, and nothing fails."""
    monkeypatch.setenv("NOVA_BENCH_DATA", str(tmp_path / "nowhere"))
    assert command.main([]) == 0
    assert "Parslee-ai/statebench, MIT" in capsys.readouterr().out
    assert command.main(["--timelines", str(tmp_path / "none.jsonl")]) == 2
