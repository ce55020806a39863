"""The router's decision as values: who takes a request, how sure that is, and why.

Knows no scores' origin and no store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from nova.core.degradations import Degradation


class Zone(StrEnum):
    """How a route came about. The first two need no score; the others are the head's."""

    TOLD = "told"  # somebody named the agent, or answered a question back
    FOLLOWED = "followed"  # the request continues the running conversation
    SURE = "sure"  # above the cut-off that keeps the stated error
    NONE = "none"  # nobody's job
    ASK = "ask"  # two to four readings are plausible and the words do not decide
    GREY = "grey"  # unsure: a model votes where there is one, else the best guess, said aloud


class Source(StrEnum):
    """Where a text that taught the router comes from."""

    EXAMPLE = "example"
    NAME = "name"
    DESCRIPTION = "description"
    CORRECTION = "correction"
    NOBODY = "nobody"


class VoteKind(StrEnum):
    """What an arbiter may answer."""

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A text that taught the router and lies near the request. cosine: of the sentence vectors, -1 to 1."""

    text: str
    agent: str
    source: Source
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One candidate with its probability among the candidates in reach and nobody; they add up to 1 with `nobody`."""

    agent: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """The boundary that speaks against a rival: what `agent` does not do, and who does it instead."""

    agent: str
    what: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One thing that moved the decision. amount: change of the chosen agent's log-odds against its rival."""

    what: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One clause of a request and the agent it goes to."""

    text: str
    agent: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """The lines between the zones, fitted on the home's own trusted examples.

    sure: least confidence of the sure zone; None when nothing can be certified and the zone is empty. none: nobody's
    job when the best agent's probability is below this and nobody's is higher. plausible: least probability among the
    agents of a reading that is offered when Nova asks back. temperature, nobody_bias: what scores are divided by, and
    nobody's is raised by, so that probabilities are true ones. split: least log-odds at which a cut between clauses
    is taken for meant. error_max: the stated share of wrong answers in the sure zone, out-of-scope traffic counted.
    share_expected, error_expected: what cross-validation saw in the sure zone. examples: trusted examples in all;
    examples_missing: how many more, over all agents, before the zone can open.
    """

    sure: float | None
    none: float
    plausible: float
    temperature: float
    nobody_bias: float
    split: float
    error_max: float
    share_expected: float
    error_expected: float
    examples: int
    examples_missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """An arbiter's answer in the grey zone. agents: best first; empty for none. model: who voted."""

    kind: VoteKind
    agents: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    reason: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteExplanation:
    """Everything `nova why` needs, stored with the route.

    sentence: the reason in words. confidence: what the sure cut-off is compared with: log-odds of the best agent
    among the agents plus its log-odds against the second. near: cosine of the nearest text of the chosen agent.
    nobody: probability that it is nobody's job. matches: nearest texts of the chosen agent; rival_matches: of the
    second. out_of_reach: agents that were no candidates because their project kind is not in reach. milliseconds:
    processor time of the decision, encoder included; encoded: texts that the encoder had to read.
    """

    zone: Zone
    sentence: str
    ranking: tuple[Ranked, ...] = ()
    confidence: float = 0.0
    near: float = 0.0
    nobody: float = 0.0
    matches: tuple[Match, ...] = ()
    rival_matches: tuple[Match, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    parts: tuple[Part, ...] = ()
    plausible: tuple[str, ...] = ()
    vague: str = ""
    cutoffs: Cutoffs | None = None
    candidates: int = 0
    out_of_reach: tuple[str, ...] = ()
    project: str = ""
    vote: Vote | None = None
    encoder: str = ""
    head: str = ""
    encoded: int = 0
    milliseconds: float = 0.0
    degradations: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read an unclear request: who would take it, and as what."""

    agent: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAgent:
    """One agent takes it.

    text: what it is asked (the original request after a question back). aloud: said to the person.
    """

    agent: str
    text: str
    zone: Zone
    explanation: RouteExplanation
    aloud: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPlan:
    """The request spans agents: its parts in the order they are written."""

    parts: tuple[Part, ...]
    zone: Zone
    explanation: RouteExplanation
    aloud: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBack:
    """One question with two to four readings, answerable by number. text: the request it is about."""

    question: str
    readings: tuple[Reading, ...]
    text: str
    zone: Zone
    explanation: RouteExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """Out of scope: no agent of the roster does this. nearest: the agent that comes closest, said aloud."""

    text: str
    zone: Zone
    explanation: RouteExplanation
    nearest: str = ""


Route: TypeAlias = ToAgent | ToPlan | AskBack | Nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What an agent does not do, and who does it instead."""

    what: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What routing needs to know of one agent. kinds: project kinds it serves; empty means any, and none."""

    name: str
    description: str
    examples: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    kinds: tuple[str, ...] = ()
    visitors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question back that waits for its answer."""

    text: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The running conversation as routing sees it: the last request, who answered it, and an open question."""

    request: str = ""
    agents: tuple[str, ...] = ()
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """All that a decision may look at besides the words: the roster, the project in reach, the conversation.

    named, named_by: an agent chosen by an option such as `--agent`; an `@name` in the words is found by the router.
    """

    agents: tuple[Candidate, ...]
    project: str = ""
    kind: str = ""
    named: str = ""
    named_by: str = ""
    visitor: bool = False
    thread: Thread = field(default_factory=Thread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arbitration:
    """The question for a model in the grey zone: the best five with boundaries and nearest examples."""

    text: str
    before: str
    candidates: tuple[ArbiterCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArbiterCandidate:
    """One candidate as the arbiter sees it."""

    agent: str
    description: str
    boundaries: tuple[Boundary, ...]
    examples: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A route, and in the grey zone the question whose answer may change it (`coordinator.settle`)."""

    route: Route
    arbitration: Arbitration | None = None
