"""Rows of conversations: behind their wall, and a fork hears exactly what was said before it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.places import POSTGRESQL, Place

from nova.core.conversations import Conversation
from nova.core.labels import Label, Scope
from nova.core.outcomes import Done
from nova.core.runs import Run, RunState
from nova.store import conversations, glimpse, glimpse_postgres, runs
from nova.store.conversations import FORKS_MAX, Stretch
from nova.store.database import Database

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SHOP, DIARY, BOTH = Scope.of("shop"), Scope.of("diary"), Scope.owner(["shop", "diary"])


def say(database: Database, conversation: str, run: str, at: datetime, scope: str = "shop", parent: str = "") -> None:
    said = Run(
        id=run,
        conversation=conversation,
        request=f"question {run}",
        principal="owner",
        scope=scope,
        label=Label(scopes=frozenset({scope})),
        state=RunState.DONE,
        started_at=at,
        last_at=at,
        project=scope,
        parent=parent,
        outcome=Done(text=f"answer {run}"),
    )
    with database.write() as connection:
        runs.begin(connection, Scope.of(scope), said)
        conversations.touch(connection, conversation, at, project=scope)


def start(database: Database, identity: str, scope: Scope = SHOP, at: datetime = AT) -> None:
    with database.write() as connection:
        conversations.start(connection, scope, identity, at, project=scope.own, title="the canary margin")


def one(database: Database, identity: str, scope: Scope = BOTH) -> Conversation:
    with database.read() as connection:
        return conversations.by_id(connection, scope, [identity])[identity]


def heard(database: Database, identity: str, scope: Scope = BOTH, count_max: int = 100) -> list[str]:
    with database.read() as connection:
        line = conversations.line(connection, scope, identity)
        return [run.id for run in conversations.runs_of(connection, scope, line, count_max)]


def fork(database: Database, identity: str, of: str, at: datetime) -> None:
    with database.write() as connection:
        conversations.start(connection, SHOP, identity, AT, project="shop", title="", forked_from=of, forked_at=at)


def test_another_scope_changes_and_sees_nothing(database: Database) -> None:
    """Through the wall of another project a conversation is not there: not read, not renamed, closed or moved."""
    start(database, "c1")
    say(database, "c1", "r1", AT)
    before = one(database, "c1")
    with database.write() as connection:
        assert conversations.by_id(connection, DIARY, ["c1"]) == {}
        assert conversations.line(connection, DIARY, "c1") == ()
        assert conversations.length(connection, DIARY, Stretch("c1")).turns == 0
        assert conversations.first_words(connection, DIARY, [Stretch("c1")]) == ""
        assert conversations.latest(connection, DIARY, named_only=False) == []
        conversations.rename(connection, DIARY, "c1", "mine")
        conversations.close(connection, DIARY, "c1", AT)
        conversations.move(connection, DIARY, before, "diary", "diary")
    assert one(database, "c1") == before


def test_a_sign_of_life_moves_nothing(database: Database) -> None:
    """Touched without a project, a conversation stands where it stood."""
    start(database, "c1")
    with database.write() as connection:
        conversations.touch(connection, "c1", AT + timedelta(minutes=5))
    assert one(database, "c1").project == "shop"
    assert one(database, "c1").last_at == AT + timedelta(minutes=5)


def test_a_move_takes_no_word_along(database: Database) -> None:
    """A moved conversation is of the new scope, without its title; its turns stay in the old one."""
    start(database, "c1")
    say(database, "c1", "r1", AT)
    with database.write() as connection:
        conversations.move(connection, BOTH, one(database, "c1"), "diary", "diary")
    moved = one(database, "c1", DIARY)
    assert (moved.scope, moved.project, moved.title) == ("diary", "diary", "")
    assert heard(database, "c1", DIARY) == []
    assert heard(database, "c1") == ["r1"]
    with database.read() as connection:
        assert conversations.latest(connection, SHOP) == []
        assert conversations.first_words(connection, DIARY, [Stretch("c1")]) == ""
        assert conversations.first_words(connection, BOTH, [Stretch("c1")]) == "question r1"


def test_a_move_outside_is_refused(database: Database) -> None:
    """A conversation cannot be moved where the mover may not look."""
    start(database, "c1")
    with pytest.raises(ValueError, match="outside"), database.write() as connection:
        conversations.move(connection, SHOP, one(database, "c1"), "diary", "diary")


def test_a_fork_of_a_moved_conversation_still_hears_its_turns(database: Database) -> None:
    """Where a conversation was moved to is nothing to a fork of it: what they share stays where it was said."""
    start(database, "c1")
    say(database, "c1", "r1", AT)
    fork(database, "c2", "c1", AT)
    with database.write() as connection:
        conversations.move(connection, BOTH, one(database, "c1"), "diary", "diary")
    say(database, "c1", "r2", AT + timedelta(minutes=1), scope="diary")
    assert heard(database, "c2") == ["r1"]
    assert heard(database, "c1", DIARY) == ["r2"]


def test_the_line_ends_where_forks_get_too_deep(database: Database) -> None:
    """However long the chain of forks, and even in a circle, reading it ends."""
    start(database, "c0")
    say(database, "c0", "r0", AT)
    for number in range(1, FORKS_MAX + 5):
        fork(database, f"c{number}", f"c{number - 1}", AT)
    with database.read() as connection:
        assert len(conversations.line(connection, BOTH, f"c{FORKS_MAX + 4}")) == FORKS_MAX + 1
    assert heard(database, f"c{FORKS_MAX}") == ["r0"]
    fork(database, "ca", "cb", AT)
    fork(database, "cb", "ca", AT)
    assert heard(database, "ca") == []


def test_parts_of_a_run_are_no_turns(database: Database) -> None:
    """What is counted and read are turns; the parts of one are inside it."""
    start(database, "c1")
    say(database, "c1", "r1", AT)
    say(database, "c1", "r2", AT, parent="r1")
    assert heard(database, "c1") == ["r1"]
    with database.read() as connection:
        assert conversations.length(connection, BOTH, Stretch("c1")).turns == 1


def test_a_glimpse_tells_the_newest_of_the_scopes_asked_for(place: Place, database: Database) -> None:
    """What completion is told is the same on both engines: id, name and title, newest first, behind the wall."""
    start(database, "c1")
    start(database, "c2", at=AT + timedelta(minutes=1))
    start(database, "c3", DIARY)
    with database.write() as connection:
        conversations.rename(connection, SHOP, "c1", "margins")
    if place.engine == POSTGRESQL:
        seen = glimpse_postgres.newest_conversations(place.address, SHOP, 5)
    else:
        seen = glimpse.newest_conversations(Path(place.address), SHOP, 5)
    assert seen == [("c2", "", "the canary margin"), ("c1", "margins", "the canary margin")]


PROGRAMS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, 7), st.sampled_from(["shop", "diary"])),
        st.tuples(st.just("fork"), st.integers(0, 7), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 7), st.sampled_from(["shop", "diary"])),
    ),
    max_size=25,
)


EXAMPLES = itertools.count(1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=PROGRAMS)
def test_a_fork_hears_what_was_said_before_it_and_nothing_else(
    database: Database, program: list[tuple[str, int, str | int]]
) -> None:
    """Random talk, forks of forks and moves: each conversation is what a copy would be, and walls hold in each."""
    example = next(EXAMPLES)  # the store is the same for all programs; their conversations and runs are not
    names = [f"c{example}-0"]
    start(database, names[0])
    copies: list[list[tuple[str, datetime, str]]] = [[]]
    for step, (verb, which, what) in enumerate(program):
        copy, at = copies[which % len(copies)], AT + timedelta(minutes=step)
        identity = names[which % len(copies)]
        if verb == "say":
            copy.append((f"r{example}-{step}", at, str(what)))
            say(database, identity, copy[-1][0], at, scope=str(what))
        elif verb == "move":
            with database.write() as connection:
                conversations.move(connection, BOTH, one(database, identity), str(what), str(what))
        elif copy:
            point = int(what) % len(copy)
            names.append(f"c{example}-{len(names)}")
            fork(database, names[-1], identity, copy[point][1])
            copies.append(copy[: point + 1])
    for name, copy in zip(names, copies, strict=True):
        assert heard(database, name) == [run for run, _, _ in copy]
        assert heard(database, name, count_max=3) == [run for run, _, _ in copy][-3:]
        with database.read() as connection:
            line = conversations.line(connection, BOTH, name)
            for wall in (SHOP, DIARY):
                inside = [run.id for run in conversations.runs_of(connection, wall, line, 100)]
                assert inside == [run for run, _, scope in copy if scope == wall.own]
