"""Forgetting reaches the durable side of runs: their walks, steps, effects, reviews, events and big values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.a_memory import AIREP, AT, a_memory
from tests.unit.memory.test_forget import CANARY, OWNER, a_run, bytes_of

from nova.core.degradations import Degradation, DegradationKind
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.reviews import Answer, Review
from nova.core.steps import Effect, EffectState, Occurrence, Step, StepState, Walk, WalkState
from nova.memory.forget import forget, plan_runs, plan_words
from nova.memory.tiers import Memory
from nova.store import erase, occurrences, reviews, slots, steps, texts, walks
from nova.store.slots import Slot, SlotState
from nova.store.values import Blobs

LABEL = Label(scopes=frozenset({"airep"}))
SENTENCE = f'The alarm word is "{CANARY}".'
BIG: list[Json] = [*["something else that was found"] * 3_000, SENTENCE]


def a_home(folder: Path) -> Memory:
    """A memory with a place for big values."""
    folder.mkdir(exist_ok=True)
    return replace(a_memory(folder), blobs=Blobs(folder / "blobs"))


def a_walk(memory: Memory, run: str, inputs: Json, state: WalkState = WalkState.ENDED, /, **more: object) -> None:
    """The durable side of a run whose own words say nothing of it."""
    a_run(memory, run, "digest", "Fine.")
    walk = Walk(
        run=run, root=run, scope="airep", label=LABEL, plan="", name="digest@1", inputs=inputs, state=state,
        created_at=AT, parked_on=("review v1",),
    )  # fmt: skip
    walk = replace(walk, **more)  # pyright: ignore[reportArgumentType]
    assert memory.blobs is not None
    with memory.database.write() as connection:
        walks.begin(connection, AIREP, walk, memory.blobs)


def a_step(run: str, **more: object) -> Step:
    """One of its steps."""
    step = Step(
        run=run, path="read", name="pipe:digest@1/node:read", kind="tool", scope="airep", label=LABEL,
        state=StepState.DONE, started_at=AT, ended_at=AT,
    )  # fmt: skip
    return replace(step, **more)  # pyright: ignore[reportArgumentType]


def a_review(run: str, **more: object) -> Review:
    """One of its questions."""
    asked = Review(
        id=f"v{run}", run=run, root=run, path="ask", scope="airep", label=LABEL, question="Shall it be?", payload=1,
        digest="d", asked_at=AT,
    )  # fmt: skip
    return replace(asked, **more)  # pyright: ignore[reportArgumentType]


PLACES = (
    "inputs", "big inputs", "output", "stop_why", "step", "big step", "what", "mend", "degradation", "arguments",
    "result", "question", "payload", "big payload", "diff", "evidence", "if_ignored", "reason", "edit", "occurrence",
    "slot", "breaker", "plan",
)  # fmt: skip


def chosen(fields: Mapping[str, Mapping[str, object]], place: str) -> Mapping[str, object]:
    """The fields that hold the canary in this place."""
    return fields.get(place, {})


def put(memory: Memory, place: str) -> None:
    """The canary in one place, and nowhere else."""
    blobs = memory.blobs
    assert blobs is not None
    said: Json = BIG if place.startswith("big ") else {"text": SENTENCE, CANARY: [CANARY]}
    place = place.removeprefix("big ")
    walk = {"output": {"output": said}, "stop_why": {"stop_why": SENTENCE}}
    a_walk(memory, "r1", said if place == "inputs" else {"of": 1}, WalkState.ENDED, **chosen(walk, place))
    step = {
        "step": {"output": said},
        "what": {"what": SENTENCE},
        "mend": {"mend": SENTENCE},
        "degradation": {"degradations": (Degradation(kind=DegradationKind.STEP_FAILED, what=SENTENCE),)},
    }
    review = {
        "question": {"question": SENTENCE},
        "payload": {"payload": said},
        "diff": {"diff": f"+ {SENTENCE}"},
        "evidence": {"evidence": (SENTENCE,)},
        "if_ignored": {"if_ignored": SENTENCE},
    }
    effect = Effect(
        key="k1", run="r1", path="read", tool="draft_write", scope="airep", label=LABEL, at=AT,
        arguments=f'{{"text":"{CANARY}"}}' if place == "arguments" else "{}", state=EffectState.INTENDED,
    )  # fmt: skip
    event = Occurrence(
        id="o1",
        kind="webhook",
        scope="airep",
        label=LABEL,
        at=AT,
        data={"text": SENTENCE} if place == "occurrence" else {},
    )
    slot = Slot(
        pipeline="digest", trigger="on", due_at=AT, occurrence="o1", scope="airep", label=LABEL, at=AT,
        state=SlotState.FAILED, why=SENTENCE if place == "slot" else "",
    )  # fmt: skip
    with memory.database.write() as connection:
        steps.put(connection, AIREP, a_step("r1", **chosen(step, place)), blobs, new=True)
        reviews.ask(connection, AIREP, a_review("r1", **chosen(review, place)), blobs)
        if place in ("reason", "edit"):
            reason, edit = (SENTENCE, None) if place == "reason" else ("", said)
            reviews.answer(
                connection, AIREP, "vr1", Answer.CHANGE, at=AT, by="owner", reason=reason, edit=edit, blobs=blobs
            )
        steps.intend(connection, AIREP, effect)
        if place == "result":
            steps.settle(connection, AIREP, "k1", EffectState.DONE, AT, said, blobs)
        occurrences.append(connection, AIREP, event)
        slots.take(connection, AIREP, slot)
        if place == "plan":
            texts.keep(connection, AIREP, "p1", AT, kind="plan", name="p", body=f'{{"task":"{CANARY}"}}')
        if place == "breaker":
            row = "('tool:x', 'airep', 'trusted airep', 1, '', :said, '')"
            connection.execute(text(f"INSERT INTO breakers VALUES {row}"), {"said": SENTENCE})


@pytest.mark.parametrize("place", PLACES)
def test_no_byte_is_left_wherever_the_durable_side_kept_it(tmp_path: Path, place: str) -> None:
    """A word that stands in one column only is found there and gone afterwards, from the file and from big values."""
    memory = a_home(tmp_path)
    put(memory, place)
    assert CANARY.encode() in bytes_of(tmp_path)
    plan = plan_words(memory, OWNER, CANARY)
    assert plan.found, "a plan that finds nothing forgets nothing"
    assert plan.items
    assert CANARY.encode() in bytes_of(tmp_path)
    assert forget(memory, OWNER, plan).scrubbed
    left = bytes_of(tmp_path).lower()
    for trace in (CANARY, "xylophon", "quetzal"):
        assert trace.encode() not in left
    assert not plan_words(memory, OWNER, CANARY).found


def test_what_has_not_ended_is_stopped_and_its_question_closed(tmp_path: Path) -> None:
    """A run that waits cannot go on with blanked words: the clock wakes it, it is asked to stop, nobody is asked."""
    memory = a_home(tmp_path)
    assert memory.blobs is not None
    a_walk(memory, "r1", {"word": SENTENCE}, WalkState.PARKED)
    a_walk(memory, "r2", {"word": "another"}, WalkState.PARKED)
    with memory.database.write() as connection:
        reviews.ask(connection, AIREP, a_review("r1"), memory.blobs)
        reviews.ask(connection, AIREP, a_review("r2"), memory.blobs)
    forget(memory, OWNER, plan_words(memory, OWNER, CANARY))
    with memory.database.read() as connection:
        (waiting,) = reviews.waiting(connection, OWNER, memory.blobs)
        (woken,) = walks.due(connection, OWNER, AT, memory.blobs)
        assert walks.asked_to_stop(connection, "r1") == (True, "What it was about was forgotten.")
        assert walks.asked_to_stop(connection, "r2") == (False, "")
    assert (waiting.run, woken.run) == ("r2", "r1")
    assert woken.inputs == {"word": erase.FORGOTTEN}
    assert woken.parked_on == ("review v1",)


def test_a_big_value_that_another_run_needs_stays(tmp_path: Path) -> None:
    """Forgetting a run leaves the file of a value that a run beside it gave as well."""
    memory, said = a_home(tmp_path), ["the same long list"] * 5_000
    assert memory.blobs is not None
    a_walk(memory, "r1", {"list": [*said]})
    a_walk(memory, "r2", {"list": [*said]})
    a_walk(memory, "r3", {"list": [*said, "and more"]})
    forget(memory, OWNER, plan_runs(memory, OWNER, ["r1", "r3"]))
    with memory.database.read() as connection:
        kept = walks.of_run(connection, OWNER, "r2", memory.blobs)
        gone = walks.of_run(connection, OWNER, "r1", memory.blobs)
    assert kept is not None
    assert kept.inputs == {"list": said}
    assert gone is not None
    assert gone.inputs == erase.FORGOTTEN
    assert len([file for file in memory.blobs.folder.rglob("*") if file.is_file()]) == 1


def test_the_event_that_set_a_forgotten_run_off_goes_with_it(tmp_path: Path) -> None:
    """What an event told stands in the run's inputs: whoever forgets the run forgets the event."""
    memory = a_home(tmp_path)
    a_walk(memory, "r1", {"title": "Rounding is wrong"}, trigger="event fixer/opened o1")
    event = Occurrence(
        id="o1", kind="issue-opened", scope="airep", label=LABEL, at=AT, data={"title": "Rounding is wrong"}
    )
    with memory.database.write() as connection:
        occurrences.append(connection, AIREP, event)
    forget(memory, OWNER, plan_runs(memory, OWNER, ["r1"]))
    assert b"Rounding is wrong" not in bytes_of(tmp_path)


def test_a_fork_is_forgotten_with_what_it_was_forked_from(tmp_path: Path) -> None:
    """A fork has taken over steps, and so the words in them: forgetting the first run reaches it, and the other way."""
    for which in ("r1", "fork"):
        memory = a_home(tmp_path / which)
        assert memory.blobs is not None
        a_walk(memory, "r1", {"of": 1})
        a_walk(memory, "fork", {"of": 1})
        a_walk(memory, "other", {"of": 1})
        with memory.database.write() as connection:
            for run in ("r1", "fork", "other"):
                child, said = ("r1a", "Jonas knows it") if run != "other" else ("othera", "Ines knows it")
                step = a_step(run, child=child, output={"text": said})
                steps.put(connection, AIREP, step, memory.blobs, new=True)
        forget(memory, OWNER, plan_runs(memory, OWNER, [which]))
        left = bytes_of(tmp_path / which)
        assert (b"Jonas knows it" in left, b"Ines knows it" in left) == (False, True)


def test_behind_another_wall_nothing_is_found(tmp_path: Path) -> None:
    """Within one project's wall the steps of another one are neither found nor changed."""
    memory = a_home(tmp_path)
    put(memory, "big step")
    assert plan_words(memory, replace(OWNER, own="blog", names=frozenset({"blog"})), CANARY).items == ()
