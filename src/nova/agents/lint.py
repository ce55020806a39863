"""How well the agents of a roster can be told apart. Judges files that load; refuses to run the router itself.

Its words about routing come from the caller: predictions made for examples that were left out of the training, and a
ranking of the agents for a text. Both are optional; without them only what is written is judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nova.agents.definition import Agent
from nova.agents.load import Roster, agent_lines
from nova.core.errors import Problem
from nova.core.text import shorten
from nova.settings.located import KeyPath, Located

EXAMPLES_MIN = 12
BOUNDARIES_MIN = 4
FAILURE_MODES_MIN = 2
RANKED_MAX = 5
CONFUSED_FAILS = 0.40
CONFUSED_WARNS = 0.15
JUDGED_MIN = 8
_NEGATION = re.compile(r"\b(?:[Nn]ot|[Nn]ever|\w+n['’]t)\b")  # NOT in capitals is SQL
_NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Where an example went when the router was trained without it. predicted: empty for none of the agents."""

    agent: str
    example: str
    predicted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two agents, the number of their examples together, and how many of these went to the other one."""

    first: str
    second: str
    confused: int
    examples: int

    @property
    def share(self) -> float:
        """Confused examples of both directions among the examples of both."""
        return self.confused / self.examples

    @property
    def fails(self) -> bool:
        """Whether the pair cannot be told apart: at least JUDGED_MIN examples, CONFUSED_FAILS of them confused.

        Two agents with one and the same job swap about half of their examples, as a coin would. At 40 % the head does
        hardly better than the coin; below that there is something to learn from, and more examples help.
        """
        return self.examples >= JUDGED_MIN and self.share >= CONFUSED_FAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to better about one agent. fails: the roster should not be used like this."""

    agent: str
    problem: Problem
    fails: bool = False


def lint(
    roster: Roster,
    predictions: Sequence[Prediction] = (),
    rank: Callable[[str], Sequence[str]] | None = None,
    missing: Mapping[str, int] = _NO_COUNTS,
) -> tuple[Remark, ...]:
    """All remarks on a roster, those that fail first, then by file and line.

    predictions: one for each example, cross-validated. rank: agents for a text, best first. missing: by agent, how
    many more examples the router needs before it may be sure of itself.
    """
    remarks: list[Remark] = []
    for agent in roster.agents:
        lines = agent_lines(Path(agent.file))
        remarks.extend(_about_file(agent, lines, missing))
        if rank is not None:
            remarks.extend(_about_boundaries(agent, lines, roster, rank))
    remarks.extend(_repeated(roster))
    remarks.extend(_about_pairs(roster, predictions))
    return tuple(sorted(remarks, key=lambda one: (not one.fails, one.problem.file, one.problem.line)))


def overlaps(predictions: Iterable[Prediction]) -> tuple[Overlap, ...]:
    """Every pair of agents of which at least one example went to the other, the worst first."""
    judged = list(predictions)
    sizes = Counter(one.agent for one in judged)
    pairs = Counter(
        tuple(sorted((one.agent, one.predicted)))
        for one in judged
        if one.predicted in sizes and one.predicted != one.agent
    )
    found = [
        Overlap(first=first, second=second, confused=count, examples=sizes[first] + sizes[second])
        for (first, second), count in pairs.items()
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.share, pair.first, pair.second)))


def _about_file(agent: Agent, lines: Located, missing: Mapping[str, int]) -> Iterable[Remark]:
    def remark(path: KeyPath, what: str, mend: str, *, fails: bool = False) -> Remark:
        problem = Problem(file=agent.file, line=lines.line(path), what=what, mend=mend)
        return Remark(agent=agent.name, problem=problem, fails=fails)

    count = len(agent.examples)
    wanted = max(EXAMPLES_MIN - count, missing.get(agent.name, 0))
    if not count:
        mend = f"Write {EXAMPLES_MIN} or more requests as you would type them."
        yield remark(("nova", "examples"), f"Without examples only @{agent.name} reaches this agent.", mend)
    elif wanted > 0:
        what = f"{count} examples are too few for the router to be sure by itself."
        yield remark(("nova", "examples"), what, f"Write {wanted} more.")
    for name, have, least, mend in (
        ("not_for", len(agent.not_for), BOUNDARIES_MIN, "Say what it leaves to others, and to whom."),
        ("failure_modes", len(agent.failure_modes), FAILURE_MODES_MIN, "Say how it goes wrong and what it then does."),
        ("reason", len(agent.reason), 1, "Say why it exists apart from its neighbours."),
    ):
        if have < least:
            what = f"“{name}” is empty." if not have else f"“{name}” has {have} of at least {least} entries."
            yield remark(("nova", name), what, mend)
    if found := _NEGATION.search(agent.description):
        what = f"The description says “{found.group()}”, and the router would learn what follows as this agent's job."
        yield remark(("description",), what, "Say there what it does, and the rest under not_for.")
    if agent.reads_private and agent.sees_untrusted and agent.acts_outside:
        what = (
            "It reads private files, is shown text by strangers and acts outside: a stranger could have it leak them."
        )
        yield remark(("nova", "acts_outside"), what, "Give up one of the three.", fails=True)


def _about_boundaries(
    agent: Agent, lines: Located, roster: Roster, rank: Callable[[str], Sequence[str]]
) -> Iterable[Remark]:
    for number, boundary in enumerate(agent.not_for):
        ranked = [name for name in rank(boundary.what) if name != agent.name][:RANKED_MAX]
        if boundary.who in roster.names and boundary.who not in ranked:
            problem = Problem(
                file=agent.file,
                line=lines.line(("nova", "not_for", number)),
                what=f"Nothing that {boundary.who} has for examples sounds like “{shorten(boundary.what, 60)}”.",
                mend=f"Name another agent, or add such an example to {boundary.who}.",
            )
            yield Remark(agent=agent.name, problem=problem)


def _repeated(roster: Roster) -> Iterable[Remark]:
    first: dict[str, str] = {}
    for agent in roster.agents:
        for number, example in enumerate(agent.examples):
            other = first.setdefault(_folded(example), agent.name)
            if other != agent.name or _folded(example) in map(_folded, agent.examples[:number]):
                line = agent_lines(Path(agent.file)).line(("nova", "examples", number))
                what = f"The example “{shorten(example, 60)}” is also one of {other}."
                mend = "Keep it with the one agent that should answer it."
                problem = Problem(file=agent.file, line=line, what=what, mend=mend)
                yield Remark(agent=agent.name, problem=problem, fails=other != agent.name)


def _about_pairs(roster: Roster, predictions: Sequence[Prediction]) -> Iterable[Remark]:
    for pair in overlaps(predictions):
        if pair.first not in roster.names or not (pair.fails or pair.share >= CONFUSED_WARNS):
            continue
        astray = [one for one in predictions if {one.agent, one.predicted} == {pair.first, pair.second}]
        such = "; ".join(f"“{shorten(one.example, 50)}” ({one.agent})" for one in astray[:2])
        verdict = "cannot be told apart" if pair.fails else "overlap"
        what = (
            f"{pair.first} and {pair.second} {verdict}: {pair.confused} of {pair.examples} examples go astray, {such}."
        )
        mend = "Merge the two, or move the examples so that each has its own act." if pair.fails else "Vary these."
        problem = Problem(file=roster.agent(pair.first).file, line=0, what=what, mend=mend)
        yield Remark(agent=pair.first, problem=problem, fails=pair.fails)


def _folded(example: str) -> str:
    return " ".join(re.findall(r"\w+", example.casefold()))
