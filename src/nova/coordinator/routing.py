"""From a request to a route, in one fixed order.

Pure but for the encoder; knows no model, no store and no clock of its own.

The order: an agent somebody named; the answer to a question back; the running conversation; a plan of clauses; sure;
none; ask; grey. Candidates out of reach (another project's specialists, everything but the visitors' agent for a
visitor) are gone before anything is scored.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nova.coordinator import explanation as why
from nova.coordinator.arbiter import arbitration
from nova.coordinator.clauses import Judged, Split, best_split
from nova.coordinator.followups import Bond, answer_to, bond
from nova.coordinator.head import Scores, confidence_of, probabilities_of, score
from nova.coordinator.logistic import listed, softmax
from nova.coordinator.vagueness import content_words, points, vague
from nova.coordinator.zones import reach
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import BadInput, Unknown
from nova.core.routes import (
    AskBack,
    Candidate,
    Contribution,
    Decision,
    Nobody,
    Part,
    Reading,
    Route,
    RouteExplanation,
    RouteView,
    ToAgent,
    ToPlan,
    Vote,
    VoteKind,
    Zone,
)
from nova.core.text import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.coordinator.head import Head
    from nova.models.encoders import Encoder

    Floats = NDArray[np.float32]

CONVERSATION_BONUS = 1.5  # log-odds for the agent that answered last, when a request may continue its work
SURE_SPLIT = 2.5  # log-odds above the cut-off for clauses at which a plan may be sure
READINGS_MAX = 4
ALONE_SHARE, ALONE_NEAR = 0.97, 0.55  # of an unclear request that is told its best guess instead of asked back
LIKELY_NOBODY = 0.5  # an unclear request less likely nobody's job than this is asked back about, not turned away
READING_LEAST = 0.03  # an agent less probable than this is never offered as a reading
NOBODY_TO_ASK = Degradation(
    kind=DegradationKind.NO_ARBITER,
    what="The router was unsure and no model could be asked.",
    mend="`nova doctor` lists the providers; or name the agent with @name.",
)
_AT_NAME = re.compile(r"(?:^|(?<=\s))@([A-Za-z][\w-]*)[:,]?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One request under decision: what was scored so far. best, rival: numbers of the two most probable agents."""

    text: str
    view: RouteView
    head: Head
    encoder: Encoder
    agents: dict[str, Candidate]
    within: NDArray[np.bool_]
    scores: Scores
    logits: Floats
    probabilities: Floats
    best: int
    rival: int
    bonus: tuple[Contribution, ...]
    began: float
    read_before: int


def route(text: str, view: RouteView, head: Head, encoder: Encoder) -> Decision:
    """Who takes the request.

    Raises Unknown for an agent that was named and does not exist, BadInput for an empty request.
    """
    began, read_before = time.process_time(), encoder.reads
    agents = why.by_name(view.agents)
    named, said_by, text = _named(text, view, agents)
    if not text.strip():
        raise BadInput("The request is empty.", "Type a question.")
    if named:
        return Decision(route=_told(named, text, f"you named it with {said_by}", view, began))
    if (reading := answer_to(text, view.thread.asked)) is not None and view.thread.asked is not None:
        return Decision(route=_told(reading.agent, view.thread.asked.text, "you chose this reading", view, began))
    hangs = bond(text, view.thread)
    last = next((name for name in view.thread.agents if name in agents), "")
    if hangs is Bond.TIGHT and last:
        return Decision(route=_followed(last, text, view, began))
    look = _look(text, view, head, encoder, agents, last if hangs is Bond.LOOSE else "", began, read_before)
    if (split := _split(look)) is not None:
        return Decision(route=_plan(look, split))
    return _single(look)


def settle(decision: Decision, vote: Vote | None, view: RouteView) -> Route:
    """The route after an arbiter's vote; without a vote it stays, and says that nobody was asked."""
    asked, first = decision.arbitration, decision.route
    if asked is None:
        return first
    if vote is None:
        told = (*first.explanation.degradations, NOBODY_TO_ASK)
        return replace(first, explanation=replace(first.explanation, degradations=told))
    said = f" {vote.model} voted for it" + (f": {vote.reason}" if vote.reason else ".")
    explained = replace(first.explanation, vote=vote, sentence=first.explanation.sentence + said, degradations=())
    agents = why.by_name(view.agents)
    match vote.kind:
        case VoteKind.ONE:
            sentence = f"{vote.agents[0]} takes this: the scores left it open and{said.replace(' for it', '')}"
            explained = replace(explained, sentence=sentence)
            return ToAgent(agent=vote.agents[0], text=asked.text, zone=Zone.GREY, explanation=explained)
        case VoteKind.SEVERAL:
            texts = vote.parts or tuple(asked.text for _ in vote.agents)
            scores = {one.agent: one.score for one in asked.candidates}
            parts = tuple(
                Part(text=part, agent=name, score=scores[name]) for part, name in zip(texts, vote.agents, strict=True)
            )
            return ToPlan(parts=parts, zone=Zone.GREY, explanation=replace(explained, parts=parts))
        case VoteKind.NONE:
            return Nobody(text=asked.text, zone=Zone.GREY, explanation=explained, nearest=asked.candidates[0].agent)
        case VoteKind.ASK:
            return _ask(asked.text, vote.agents[:READINGS_MAX], agents, Zone.GREY, explained)


def _named(text: str, view: RouteView, agents: dict[str, Candidate]) -> tuple[str, str, str]:
    """The named agent, who named it, and the text without its @name. Only an @name at the start must exist."""
    if view.named:
        if view.named not in agents:
            raise Unknown("agent", view.named, nearest(view.named, agents), "`nova agents list` shows them all.")
        return view.named, view.named_by or "--agent", text
    for found in _AT_NAME.finditer(text[:400]):
        name = found[1].casefold()
        if name in agents:
            return name, f"@{name}", (text[: found.start()] + text[found.end() :]).strip()
        if not text[: found.start()].strip():
            raise Unknown("agent", found[1], nearest(name, agents), "`nova agents list` shows them all.")
    return "", "", text


def _told(agent: str, text: str, reason: str, view: RouteView, began: float) -> Route:
    explained = RouteExplanation(
        zone=Zone.TOLD,
        sentence=why.sentence(Zone.TOLD, agent, None, "", None, reason),
        candidates=len(view.agents),
        project=view.project,
        milliseconds=_milliseconds(began),
    )
    return ToAgent(agent=agent, text=text, zone=Zone.TOLD, explanation=explained)


def _followed(agent: str, text: str, view: RouteView, began: float) -> Route:
    explained = RouteExplanation(
        zone=Zone.FOLLOWED,
        sentence=why.sentence(Zone.FOLLOWED, agent, None, "", None),
        contributions=(Contribution(what=f"{agent} answered “{view.thread.request}” just before", amount=0.0),),
        candidates=len(view.agents),
        project=view.project,
        milliseconds=_milliseconds(began),
    )
    return ToAgent(agent=agent, text=text, zone=Zone.FOLLOWED, explanation=explained)


def _look(
    text: str,
    view: RouteView,
    head: Head,
    encoder: Encoder,
    agents: dict[str, Candidate],
    last: str,
    began: float,
    read_before: int,
) -> _Look:
    candidates = [agents.get(name) for name in head.agents]
    within = reach(
        [one or Candidate(name="", description="", kinds=("",)) for one in candidates], view.kind, view.visitor
    )
    within &= np.array([one is not None for one in candidates])
    scores = score(head, encoder, [text], within)
    logits = scores.logits[0].copy()
    bonus: tuple[Contribution, ...] = ()
    if last in head.agents and within[head.agents.index(last)]:
        logits[head.agents.index(last)] += CONVERSATION_BONUS * head.cutoffs.temperature
        bonus = (Contribution(what=f"the conversation: {last} answered last", amount=CONVERSATION_BONUS),)
    probabilities = probabilities_of(head, logits[None])[0]
    order = np.argsort(-logits[:-1], kind="stable")
    return _Look(
        text=text,
        view=view,
        head=head,
        encoder=encoder,
        agents=agents,
        within=within,
        scores=scores,
        logits=logits,
        probabilities=probabilities,
        best=int(order[0]),
        rival=int(order[1]) if len(order) > 1 and probabilities[order[1]] > 0 else len(order),
        bonus=bonus,
        began=began,
        read_before=read_before,
    )


def _split(look: _Look) -> Split | None:
    if int(look.within.sum()) < 2:
        return None

    def judge(texts: Sequence[str]) -> Judged:
        logits = score(look.head, look.encoder, texts, look.within).logits
        return Judged(probabilities=probabilities_of(look.head, logits), confidences=confidence_of(logits))

    return best_split(look.text, judge, look.probabilities, look.head.cutoffs.split)


def _plan(look: _Look, split: Split) -> Route:
    parts = tuple(
        Part(text=text, agent=look.head.agents[owner], score=round(value, 4))
        for text, owner, value in zip(split.texts, split.classes, split.scores, strict=True)
    )
    names = ", then ".join(f"{part.agent} for “{part.text}”" for part in parts)
    least = look.head.cutoffs.sure
    sure = least is not None and min(split.confidences) >= least and split.value >= look.head.cutoffs.split + SURE_SPLIT
    zone = Zone.SURE if sure else Zone.GREY
    explained = replace(_explain(look, zone), sentence=f"The request asks for several things: {names}.", parts=parts)
    return ToPlan(parts=parts, zone=zone, explanation=explained, aloud=f"I split this: {names}.")


def _single(look: _Look) -> Decision:
    cutoffs, name = look.head.cutoffs, look.head.agents[look.best]
    plain = softmax(look.logits[None])[0]
    first, nobody = float(plain[look.best]), float(plain[-1])
    confidence = float(confidence_of(look.logits[None])[0])
    unclear = vague(look.text, _near(look, look.best))
    if cutoffs.sure is not None and confidence >= cutoffs.sure and first > nobody and not unclear:
        return Decision(
            route=ToAgent(agent=name, text=look.text, zone=Zone.SURE, explanation=_explain(look, Zone.SURE))
        )
    likely_nobody = float(look.probabilities[-1]) >= LIKELY_NOBODY
    unnamed = unclear and (points(look.text) or not content_words(look.text) or not likely_nobody)
    if first < cutoffs.none and nobody > first and not unnamed:
        return Decision(
            route=Nobody(text=look.text, zone=Zone.NONE, explanation=_explain(look, Zone.NONE), nearest=name)
        )
    readings = _readings(look)
    if unclear and len(readings) > 1 and not _alone(look, first):
        explained = replace(_explain(look, Zone.ASK), vague=unclear)
        return Decision(route=_ask(look.text, readings, look.agents, Zone.ASK, explained))
    if look.bonus and name in look.view.thread.agents:
        return Decision(
            route=ToAgent(agent=name, text=look.text, zone=Zone.FOLLOWED, explanation=_explain(look, Zone.FOLLOWED))
        )
    return _grey(look, name, unclear)


def _grey(look: _Look, name: str, unclear: str) -> Decision:
    unsure = Degradation(
        kind=DegradationKind.UNSURE_ROUTE,
        what=f"The router was not sure that {name} is the right agent.",
        mend="`nova correct RUN --agent NAME` teaches it; @name picks one.",
    )
    explained = replace(_explain(look, Zone.GREY), vague=unclear)
    explained = replace(explained, degradations=(*explained.degradations, unsure))
    rival = f"; {look.head.agents[look.rival]} would be the next" if look.rival < len(look.head.agents) else ""
    guess = ToAgent(
        agent=name,
        text=look.text,
        zone=Zone.GREY,
        explanation=explained,
        aloud=f"I am not sure who should take this. {name} is my best guess{rival}.",
    )
    order = np.argsort(-look.probabilities[:-1], kind="stable")[:5]
    ranked = [
        (look.agents[look.head.agents[index]], float(look.probabilities[index]), _matches(look, index))
        for index in listed(order)
        if look.probabilities[index] > 0
    ]
    return Decision(route=guess, arbitration=arbitration(look.text, look.view.thread, ranked))


def _ask(
    text: str, names: tuple[str, ...], agents: dict[str, Candidate], zone: Zone, explained: RouteExplanation
) -> AskBack:
    readings = tuple(Reading(agent=name, what=_what(agents[name])) for name in names)
    lines = [f"{number}. {reading.what} ({reading.agent})" for number, reading in enumerate(readings, start=1)]
    explained = replace(
        explained, plausible=names, sentence=why.sentence(Zone.ASK, "", None, "", None, ", ".join(names))
    )
    return AskBack(
        question="\n".join(["Which of these do you mean?", *lines]),
        readings=readings,
        text=text,
        zone=zone,
        explanation=explained,
    )


def _readings(look: _Look) -> tuple[str, ...]:
    """The agents of the conformal set, best first: two where a second is at all plausible, four at most."""
    shares = softmax(look.logits[None, :-1])[0]
    order = np.argsort(-shares, kind="stable")[:READINGS_MAX]
    plausible = look.head.cutoffs.plausible
    kept = [index for rank, index in enumerate(listed(order)) if shares[index] >= plausible or rank < 2]
    return tuple(look.head.agents[index] for index in kept if shares[index] >= READING_LEAST)


def _alone(look: _Look, first: float) -> bool:
    """Whether no second reading is worth a question: few words of the request tell, but they tell one thing."""
    return first >= ALONE_SHARE and _near(look, look.best) >= ALONE_NEAR


def _what(agent: Candidate) -> str:
    """What an agent does, in the first words of its description."""
    return re.split(r"[.;]|,\s", " ".join(agent.description.split()), maxsplit=1)[0][:120]


def _near(look: _Look, agent: int) -> float:
    own = look.scores.cosines[0][look.head.owners == agent]
    return float(own.max()) if len(own) else 0.0


def _matches(look: _Look, agent: int) -> tuple[why.Match, ...]:
    if agent >= len(look.head.agents):
        return ()
    return why.matches(look.head, agent, look.scores.kernel[0], look.scores.cosines[0])


def _explain(look: _Look, zone: Zone) -> RouteExplanation:
    head = look.head
    name = head.agents[look.best]
    rival = head.agents[look.rival] if look.rival < len(head.agents) else ""
    ranked = why.ranking(head, look.probabilities)
    own = _matches(look, look.best)
    against = why.excluded(name, [one.agent for one in ranked[1:4]], look.agents, look.text)
    speaks = next((one for one in against if one.agent == rival), None)
    out = tuple(agent for agent, inside in zip(head.agents, look.within, strict=True) if not inside)
    return RouteExplanation(
        zone=zone,
        sentence=why.sentence(zone, name, own[0] if own else None, rival, speaks),
        ranking=ranked,
        confidence=round(float(confidence_of(look.logits[None])[0]), 4),
        near=round(_near(look, look.best), 4),
        nobody=round(float(look.probabilities[-1]), 5),
        matches=own,
        rival_matches=_matches(look, look.rival),
        excluded=against,
        contributions=(*why.contributions(head, look.best, look.rival, look.scores.kernel[0]), *look.bonus),
        cutoffs=head.cutoffs,
        candidates=int(look.within.sum()),
        out_of_reach=out,
        project=look.view.project,
        encoder=head.encoder,
        head=head.key,
        encoded=look.encoder.reads - look.read_before,
        milliseconds=_milliseconds(look.began),
        degradations=look.encoder.degradations,
    )


def _milliseconds(began: float) -> float:
    return round((time.process_time() - began) * 1000, 3)
