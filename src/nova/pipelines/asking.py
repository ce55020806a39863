"""Steps that wait: for a person, a time, an event. What they wait for is written with the wait; what came is read here.

Knows reviews and occurrences; refuses to know how a run is parked and woken (pipelines.legs, pipelines.reviews).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from nova.core import json
from nova.core.events import ReviewAsked, StepEnded
from nova.core.ids import id_of
from nova.core.json import Json
from nova.core.plans import Node
from nova.core.reviews import Answer, Review
from nova.core.steps import EffectState, Occurrence, Step, StepState
from nova.pipelines.bindings import View, given_of, value_of
from nova.pipelines.frame import Frame
from nova.pipelines.settled import Broke, Finished, Halted, NodeFailed, Settled, Waits
from nova.store import occurrences, reviews, steps
from nova.store.database import Connection

REVIEW, DECIDES, UNTIL, EVENT = "review ", "decide ", "until ", "event "
EVIDENCE_MAX = 100
IGNORED = "Nothing happens: the run waits, and costs nothing meanwhile."


@dataclass(frozen=True, slots=True)
class Again:
    """The owner wants the failed step to be tried once more."""


def digest_of(payload: Json) -> str:
    """What an answer is bound to: the SHA-256 of the payload's canonical text, 64 hex digits."""
    return hashlib.sha256(json.dump(payload).encode("utf-8", "surrogatepass")).hexdigest()


def review(frame: Frame, node: Node, path: str, view: View, step: Step) -> Waits:
    """The question of a review node, as it will be asked."""
    shown = given_of(node.given, view)
    question = value_of(node.question, view) if node.question is not None else ""
    payload = shown.get("payload", {name: value for name, value in shown.items() if name != "evidence"})
    made = _made(
        frame, path, step.attempt, str(question), payload, diff=str(shown.get("diff") or ""),
        evidence=_lines(shown.get("evidence")), if_ignored=node.if_ignored,
    )  # fmt: skip
    return Waits(on=(REVIEW + made.id,), review=made)


def about_failure(frame: Frame, path: str, step: Step, failure: NodeFailed, *, doubt: bool) -> Waits:
    """A failed step whose policy is to ask; doubt: nobody knows whether it acted."""
    if doubt:
        question = f"{failure.what} Shall it be done again? (change: it did happen, and this is its result)"
    else:
        question = f"{path} failed: {failure.what} Try it again? (change: this is its output; reject: the run fails)"
    payload: Json = {"step": path, "error": failure.error, "what": failure.what, "attempt": step.attempt}
    made = _made(frame, path, step.attempt, question, payload, evidence=(failure.mend,) if failure.mend else ())
    found = Waits(on=(DECIDES + made.id,), review=made)
    wait(frame, replace(step, error=failure.error, what=failure.what, mend=failure.mend), found)
    return found


def question_of(frame: Frame, path: str, attempt: int) -> str:
    """The id of the review that a try of a step asks: the same for the same try, always."""
    return id_of("v", frame.run, path, str(attempt))


def wait(frame: Frame, step: Step, found: Waits) -> None:
    """Writes the wait down, and asks what is to be asked, in one transaction."""
    waiting = replace(step, state=StepState.WAITING, waits_for=found.on[0] if found.on else "", wakes_at=found.wakes_at)
    told = StepEnded(path=step.path, state="waiting", attempt=step.attempt, seconds=step.seconds)
    asked = found.review
    if asked is None:
        frame.journal.write(waiting, told)
        return

    def also(connection: Connection) -> tuple[()]:
        reviews.ask(connection, frame.scope, asked, frame.tools.blobs)
        return ()

    event = ReviewAsked(review=asked.id, path=asked.path, question=asked.question, digest=asked.digest)
    frame.journal.write(waiting, event, told, more=also)


def sleeping(node: Node, view: View, step: Step, now: datetime) -> Waits | Finished:
    """What a wait node waits for; finished when it is no time at all."""
    if node.event:
        limit = node.policy.timeout_seconds
        return Waits(on=(EVENT + node.event,), wakes_at=now + timedelta(seconds=limit) if limit else None)
    seconds = float(cast("float", value_of(node.seconds, view) if node.seconds is not None else 0))
    if seconds <= 0:
        return Finished(output={"waited_seconds": 0.0, "event": {}})
    until = step.started_at + timedelta(seconds=seconds)
    return Waits(on=(UNTIL + until.isoformat(timespec="seconds"),), wakes_at=until)


def answered(frame: Frame, node: Node, path: str, view: View, step: Step) -> Settled | Again:
    """What came for a step that waited; the same wait when nothing has."""
    kind, _, what = step.waits_for.partition(" ")
    match kind + " ":
        case _ if kind + " " in (REVIEW, DECIDES):
            return _reviewed(frame, node, path, step, what, failure=kind + " " == DECIDES)
        case _ if kind + " " == EVENT:
            return _happened(frame, node, path, view, step, what)
        case _:
            return _slept(frame, step)


def _slept(frame: Frame, step: Step) -> Settled:
    now = frame.tools.now()
    if step.wakes_at is not None and now < step.wakes_at:
        return Waits(on=(step.waits_for,), wakes_at=step.wakes_at)
    return Finished(output={"waited_seconds": round((now - step.started_at).total_seconds(), 3), "event": {}})


def _happened(frame: Frame, node: Node, path: str, view: View, step: Step, kind: str) -> Settled:
    now = frame.tools.now()
    with frame.tools.database.read() as connection:
        found = occurrences.since(connection, frame.scope, kind, step.started_at)
    where = given_of(node.given, view)
    for one in found:
        if matches(one, where):
            event: Json = {**one.data, "kind": one.kind, "project": one.project}
            waited = round((now - step.started_at).total_seconds(), 3)
            return Finished(output={"waited_seconds": waited, "event": event})
    if step.wakes_at is not None and now >= step.wakes_at:
        what = f"{kind} did not happen within {node.policy.timeout_seconds:g} seconds."
        return Broke(path=path, error="TimedOut", what=what, mend="Raise timeout_seconds, or give it an otherwise.")
    return Waits(on=(step.waits_for,), wakes_at=step.wakes_at)


def matches(occurrence: Occurrence, where: dict[str, Json]) -> bool:
    """Whether it is of the project and holds the values that are asked for."""
    known: dict[str, Json] = {**occurrence.data, "project": occurrence.project}
    return all(known.get(name) == value for name, value in where.items())


def _reviewed(frame: Frame, node: Node, path: str, step: Step, review: str, *, failure: bool) -> Settled | Again:
    with frame.tools.database.read() as connection:
        found = reviews.by_id(connection, frame.scope, review, frame.tools.blobs)
    if found is None:
        return Broke(path=path, error="StoreError", what=f"The review {review} is not there any more.")
    if found.answer is None:
        return Waits(on=(step.waits_for,), wakes_at=step.wakes_at)
    return _decided(frame, step, found) if failure else _judged(node, found)


def _judged(node: Node, found: Review) -> Settled:
    payload = found.edit if found.answer is Answer.CHANGE else found.payload
    output: Json = {
        "answer": found.answer.value if found.answer else "", "reason": found.reason, "payload": payload,
        "by": found.answered_by, "at": found.answered_at.isoformat() if found.answered_at else "",
    }  # fmt: skip
    if found.answer is Answer.REJECT and node.on_reject == "stop":
        why = f": {found.reason}" if found.reason else ""
        return Halted(
            reason="rejected", evidence=f"{found.answered_by} rejected “{found.question}”{why}",
            mend="Start it again with other inputs, or: nova runs fork RUN --from STEP",
        )  # fmt: skip
    return Finished(output=output)


def _decided(frame: Frame, step: Step, found: Review) -> Settled | Again:
    """About a failed step: again, this instead, or failed for good."""
    doubt = step.error == "EffectUnknown"
    match found.answer:
        case Answer.APPROVE:
            if doubt:
                _forget_intent(frame, step)
            return Again()
        case Answer.CHANGE:
            return Finished(output=found.edit)
        case _:
            why = f" The owner said: {found.reason}" if found.reason else ""
            return Broke(path=step.path, error=step.error, what=step.what + why, mend=step.mend)


def _forget_intent(frame: Frame, step: Step) -> None:
    with frame.tools.database.write() as connection:
        frame.journal.check(connection)
        key = effect_key(step)
        steps.settle(connection, frame.scope, key, EffectState.FAILED, frame.tools.now(), None, frame.tools.blobs)


def effect_key(step: Step) -> str:
    """The idempotency key of what a step does outside: the same for every try."""
    return f"{step.run}:{step.path}"


def _made(
    frame: Frame, path: str, attempt: int, question: str, payload: Json, *, diff: str = "",
    evidence: tuple[str, ...] = (), if_ignored: str = "",
) -> Review:  # fmt: skip
    record = frame.journal.record
    spent = [step.usage.cost_usd for step in frame.journal.steps.values()]
    return Review(
        id=question_of(frame, path, attempt),
        run=frame.run,
        root=frame.tools.hold.root,
        path=path,
        scope=record.scope.own,
        label=record.run.label,
        project=record.run.project,
        question=question,
        payload=payload,
        digest=digest_of(payload),
        diff=diff,
        evidence=evidence[:EVIDENCE_MAX],
        cost_usd=None if None in spent else sum(one or 0.0 for one in spent),
        if_ignored=if_ignored or IGNORED,
        asked_at=frame.tools.now(),
    )


def _lines(value: Json) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(one if isinstance(one, str) else json.dump(one) for one in value)
    return tuple(str(value).splitlines()) if value else ()
