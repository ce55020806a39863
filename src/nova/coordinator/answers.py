"""What the person is told: questions back, nobody's job, several answers in one. Pure text from values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nova.coordinator.conversation import answer_of
from nova.coordinator.engagement import Ended
from nova.coordinator.routing import NOBODY_TO_ASK
from nova.core.degradations import Degradation, DegradationKind
from nova.core.labels import Label
from nova.core.limits import Usage
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.routes import AskBack, Nobody, Part, Route, ToAgent, ToPlan


def agents_of(route: Route) -> tuple[str, ...]:
    """Who takes it, in order; empty when nobody does yet."""
    match route:
        case ToAgent(agent=agent):
            return (agent,)
        case ToPlan(parts=parts):
            return tuple(part.agent for part in parts)
        case AskBack() | Nobody():
            return ()


def aloud(route: ToAgent, outcome: Outcome) -> Outcome:
    """The outcome with what the person must hear about the route: a best guess is never passed off as certain."""
    if not route.aloud:
        return with_degradations(route, outcome)
    unsure = Degradation(
        kind=DegradationKind.UNSURE_ROUTE,
        what=route.aloud,
        mend="If that is wrong: nova correct RUN --agent NAME, or start with @name.",
    )
    said = [one for one in route.explanation.degradations if one.kind is DegradationKind.UNSURE_ROUTE]
    others = tuple(one for one in route.explanation.degradations if one not in (*said, NOBODY_TO_ASK))
    rest = tuple(one for one in outcome.degradations if one not in others)
    return replace(outcome, degradations=(unsure, *others, *rest))


def with_reasons(route: Route, reasons: Sequence[Degradation]) -> Route:
    """The route with what did not work when a model was asked about it, in place of the bare note that none was."""
    own = route.explanation.degradations
    if any(one.kind is DegradationKind.NO_ARBITER for one in reasons):
        own = tuple(one for one in own if one != NOBODY_TO_ASK)
    return replace(route, explanation=replace(route.explanation, degradations=(*own, *reasons)))


def with_degradations(route: Route, outcome: Outcome) -> Outcome:
    """The outcome with what was less than it should be about the routing itself."""
    own = route.explanation.degradations
    fresh = tuple(one for one in own if one not in outcome.degradations)
    return replace(outcome, degradations=(*fresh, *outcome.degradations)) if fresh else outcome


def ask_back(route: AskBack) -> NeedsInput:
    """The question with its readings."""
    options = tuple(f"{reading.agent}: {reading.what}" for reading in route.readings)
    question = route.question.partition("\n")[0]  # its other lines are the readings, which are the options here
    return NeedsInput(question=question, options=options, degradations=route.explanation.degradations)


def nobody(route: Nobody, run: str) -> Done:
    """An honest no, with the way out."""
    nearest = f" The nearest is {route.nearest}." if route.nearest else ""
    text = (
        f"None of your agents is made for this, so nobody was asked.{nearest} "
        f"If it is somebody's job: start with @name, or teach me with nova correct {run} --agent NAME."
    )
    return Done(text=text, degradations=route.explanation.degradations)


def together(done: Sequence[tuple[Part, Ended]], noted: Sequence[Degradation] = ()) -> Ended:
    """One answer that names who said what. It is done when every part is; else it is as bad as its worst part.

    noted: what was less than it should be beside the parts.
    """
    usage, label = Usage(), Label()
    for _, ended in done:
        usage, label = usage + ended.usage, label.join(ended.label)
    text = "\n\n".join(f"**{part.agent}** on “{part.text}”:\n\n{answer_of(ended.outcome)}" for part, ended in done)
    degradations: list[Degradation] = []
    for part, ended in done:
        degradations += [one for one in ended.outcome.degradations if one not in degradations]
        if not isinstance(ended.outcome, Done):
            degradations.append(_unfinished(part, ended.outcome))
    degradations += [one for one in noted if one not in degradations]
    answered = [ended.outcome for _, ended in done if isinstance(ended.outcome, Done)]
    if not answered:
        failed = Failed(error="AllPartsFailed", what=text, degradations=tuple(degradations))
        return Ended(outcome=failed, usage=usage, label=label, in_parts=True)
    outcome = Done(
        text=text,
        citations=tuple(dict.fromkeys(citation for one in answered for citation in one.citations)),
        degradations=tuple(degradations),
        verified=all(one.verified for one in answered) and len(answered) == len(done),
    )
    return Ended(outcome=outcome, usage=usage, label=label, in_parts=True)


def _unfinished(part: Part, outcome: Outcome) -> Degradation:
    match outcome:
        case Stopped(reason=reason, text=text, mend=mend) if text:
            what = f"{part.agent} was cut at the limit {reason} in its part “{part.text}”; what it had said is used."
            return Degradation(kind=DegradationKind.LIMIT_REACHED, what=what, mend=mend)
        case _:
            what = f"{part.agent} did not finish its part “{part.text}”."
            return Degradation(kind=DegradationKind.PART_FAILED, what=what, mend="Ask that part again.")
