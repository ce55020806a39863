"""How nova why shows work that was passed on: the brief with what was carried and dropped, and what came back."""

from __future__ import annotations

from collections.abc import Iterator

from nova.agents.briefs import brief_from_json
from nova.core.events import HandedBack, HandedOff, Stalled, StopAsked
from nova.core.labels import write_label
from nova.core.text import shorten


def lines(happening: HandedOff | HandedBack | Stalled | StopAsked) -> Iterator[str]:
    """The lines of one such event, without indentation but for what belongs below its first line."""
    match happening:
        case HandedOff():
            yield from _passed(happening)
        case HandedBack(run=run, agent=agent, state=state, what=what):
            yield f"  back from {agent} (run {run}), {state}: {shorten(what, 160)}"
        case Stalled(seconds=seconds, last=last):
            yield f"  no sign of life for {seconds:g} s; the last one was {last}"
        case StopAsked(by=by, why=why):
            yield f"  {by} asked it to stop: {why or 'no reason given'}"


def _passed(happening: HandedOff) -> Iterator[str]:
    brief = brief_from_json(happening.brief)
    until = f", until {brief.deadline:%H:%M:%S}" if brief.deadline else ""
    share = f"{brief.budget_share:.0%} of what was left"
    yield f"  passed on to {brief.agent} (run {happening.run}, depth {brief.depth}, {share}{until})"
    yield f"    task     {shorten(brief.task, 160)}"
    if brief.why:
        yield f"    why      {shorten(brief.why, 160)}"
    for fact in brief.facts:
        yield f"    fact     {shorten(fact.text, 120)} [{fact.source or 'no source'}; {write_label(fact.label)}]"
    for one in brief.inputs:
        yield f"    input    {one.kind} {one.ref}"
    for constraint in brief.constraints:
        yield f"    keeps to {shorten(constraint, 120)}"
    for dropped in brief.dropped:
        yield f"    dropped  {shorten(dropped, 200)}"
