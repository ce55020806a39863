"""Puts conversations into a Nova store and asks for them. Knows figures; refuses to know how a turn is ranked.

A LoCoMo conversation becomes a scope, each of its sessions a conversation of Nova's. A question is asked twice: as an
agent would, with a budget of tokens (timed, the encoder with it), and once without a budget, for the whole ranking.
Recall is the share of the evidence that was found; nDCG takes a turn as evidence or not; all are means over questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import log2
from statistics import mean, quantiles
from time import process_time

from benchmarks.recall.data import Data, Question, Turn
from nova.core.episodes import Episode
from nova.core.labels import Label, Scope
from nova.memory.recall import Quota, Recall, recall
from nova.memory.tiers import Memory
from nova.store import conversations, episodes

BUDGET_TOKENS = 1_500
WHOLE = Quota(notes=0, episodes=10_000_000)
ROWS_MAX = 500
ANSWERABLE = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one question gave."""

    category: int
    r5: float
    r10: float
    r20: float
    ndcg10: float
    mrr: float
    session_r10: float
    evidence_1500_tokens: float
    cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Means over questions; times in milliseconds of processor time."""

    questions: int
    r5: float
    r10: float
    r20: float
    ndcg10: float
    mrr: float
    session_r10: float
    evidence_1500_tokens: float
    query_cpu_ms_p50: float
    query_cpu_ms_p95: float


def fill(memory: Memory, data: Data) -> float:
    """Every session as a conversation; how many turns a second of processor time the encoder read."""
    seconds = 0.0
    for (conversation, session), turns in data.sessions().items():
        started = process_time()
        vectors = memory.vectors([turn.text for turn in turns])
        seconds += process_time() - started
        scope, label = Scope.of(conversation), Label(scopes=frozenset({conversation}))
        place = place_of(conversation, session)
        with memory.database.write() as connection:
            conversations.start(connection, scope, place, turns[0].at, project="", title=session)
            said = [_episode(turn, place, number, label) for number, turn in enumerate(turns, start=1)]
            episodes.append(connection, scope, said, vectors)
    return len(data.turns) / seconds if memory.encoder and seconds else 0.0


def ask(memory: Memory, data: Data) -> list[Asked]:
    """Every question, in order."""
    return [_asked(memory, question) for question in data.questions]


def figures(asked: Iterable[Asked]) -> Figures:
    """The means. Raises ValueError where nothing was asked."""
    rows = [asdict(one) for one in asked]
    if not rows:
        raise ValueError("there are no questions with evidence")
    times = sorted(row.pop("cpu_ms") for row in rows)
    means = {name: round(mean(row[name] for row in rows), 4) for name in rows[0] if name != "category"}
    p50, p95 = (round(_share(times, share), 3) for share in (50, 95))
    return Figures(questions=len(rows), query_cpu_ms_p50=p50, query_cpu_ms_p95=p95, **means)


def place_of(conversation: str, session: str) -> str:
    """The id of the conversation that a session becomes."""
    return f"{conversation}/{session}"


def ndcg(found: Sequence[bool], evidence: int, depth: int) -> float:
    """Discounted gain of the first `depth` rows over that of the best ranking; a row is evidence or not."""
    gain = sum(1 / log2(rank + 1) for rank, hit in enumerate(found[:depth], start=1) if hit)
    return gain / sum(1 / log2(rank + 1) for rank in range(1, min(depth, evidence) + 1))


def _asked(memory: Memory, question: Question) -> Asked:
    scope, wanted = Scope.of(question.conversation), set(question.evidence)
    started = process_time()
    shown = recall(memory, question.question, scope, quota=Quota(notes=0, episodes=BUDGET_TOKENS))
    seconds = process_time() - started
    ranked = _turns(recall(memory, question.question, scope, quota=WHOLE, count_max=ROWS_MAX))
    hits = [turn in wanted for _, turn in ranked]
    sessions = list(dict.fromkeys(session for session, _ in ranked))[:10]
    wanted_sessions = _sessions_of(memory, scope, question)
    return Asked(
        category=question.category,
        r5=sum(hits[:5]) / len(wanted),
        r10=sum(hits[:10]) / len(wanted),
        r20=sum(hits[:20]) / len(wanted),
        ndcg10=ndcg(hits, len(wanted), 10),
        mrr=1 / (hits.index(True) + 1) if any(hits) else 0.0,
        session_r10=len(wanted_sessions & set(sessions)) / len(wanted_sessions),
        evidence_1500_tokens=len({turn for _, turn in _turns(shown)} & wanted) / len(wanted),
        cpu_ms=1_000 * seconds,
    )


def _turns(found: Recall) -> list[tuple[str, str]]:
    """(session, turn) of each episode, best first."""
    said = [piece.what for piece in found.pieces if isinstance(piece.what, Episode)]
    return [(one.conversation, one.id.rpartition("#")[2]) for one in said]


def _sessions_of(memory: Memory, scope: Scope, question: Question) -> set[str]:
    with memory.database.read() as connection:
        said = [episodes.by_id(connection, scope, f"{scope.own}#{turn}") for turn in question.evidence]
    return {one.conversation for one in said if one is not None}


def _episode(turn: Turn, place: str, number: int, label: Label) -> Episode:
    return Episode(
        id=f"{turn.conversation}#{turn.turn}",
        scope=turn.conversation,
        conversation=place,
        number=number,
        speaker=turn.speaker,
        at=turn.at,
        text=turn.text,
        label=label,
    )


def _share(times: Sequence[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1] if len(times) > 1 else times[0]
