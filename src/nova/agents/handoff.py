"""Passing work on: one agent calls `hand_off`, another answers a Brief in a run of its own, and control comes back.

Knows briefs, what is carried and what comes back; refuses to know how the receiver is engaged (a Handing does that).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from pydantic import Field, JsonValue, ValidationError

from nova.agents.briefs import Known, assembled, brief_json, folded
from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.tree import Passing, Tree
from nova.core import json
from nova.core.briefs import Brief, Report
from nova.core.citations import Citation
from nova.core.degradations import DegradationKind
from nova.core.errors import HandoffRefused, ToolFailed
from nova.core.events import GateDecided, HandedBack, HandedOff, ToolCalled, ToolReturned
from nova.core.ids import new_id
from nova.core.json import Json
from nova.core.labels import Label
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.runs import state_of
from nova.core.text import printable, shorten
from nova.policy.gate import Deny, Verdict
from nova.store.record import Record
from nova.tools.spec import Arguments

HAND_OFF = "hand_off"
BUDGET_SHARE = 0.5
"""Of what the tree of runs has left, for one handoff; the sender must be able to go on after it."""
TOLD_CHARACTERS_MAX = 12_000  # of what a receiver said, before the sender's model
SHOWN_CHARACTERS_MAX = 400  # of the same, in the event that says control is back


class HandOff(Arguments):
    """Arguments of the one tool that passes work on."""

    agent: str = Field(min_length=1, max_length=80, description="Who takes it on; one of the names above.")
    task: str = Field(min_length=1, max_length=4_000, description="What is wanted, whole and in itself understandable.")
    why: str = Field(default="", max_length=500, description="Why this agent.")
    facts: list[str] = Field(
        default=[], max_length=200, description="What is known already, one each, with its source as path:line or id."
    )
    constraints: list[str] = Field(default=[], max_length=40, description="What the result must keep to.")
    inputs: list[str] = Field(default=[], max_length=100, description="Files, commits, runs or notes to look at.")
    output: dict[str, JsonValue] = Field(default={}, description="JSON Schema of the result; leave it out for words.")


class Handing(Protocol):
    """Engages receivers. Two exist: the coordinator's, and one that tests put in its place."""

    @property
    def sender(self) -> str:
        """The name of the agent that passes work on."""
        ...

    @property
    def targets(self) -> Mapping[str, str]:
        """The agents that it may pass work on to, each with what it does."""
        ...

    def judge(self, agent: str) -> Verdict:
        """The gate's verdict on passing work on to this agent."""
        ...

    def seconds_of(self, agent: str) -> float:
        """How long that agent may work at most."""
        ...

    async def carry(self, brief: Brief, *, run: str, label: Label, tree: Tree) -> Report:
        """Has the receiver do it in a run of that id, and waits. label: of what the brief is made from."""
        ...


@dataclass(slots=True, kw_only=True)
class Handoffs:
    """What one run needs to pass work on. told_at: the model call after which it was told the valid names, or 0."""

    handing: Handing
    record: Record
    guard: Guard
    findings: Findings
    told_at: int = 0

    def description(self) -> str:
        """The tool as a model is told of it."""
        names = "\n".join(f"- {name}: {does}" for name, does in self.handing.targets.items())
        return (
            "Pass a piece of this work on to another agent, who sees only what you give here and reports back to you. "
            "Several calls in one reply are worked on side by side. When a report is back, say in your answer what you "
            f"do with it, also when it failed. The agents:\n{names}"
        )

    async def hand(self, call: str, written: str) -> tuple[str, bool]:
        """What the model is told of one call, and whether the call could be tried.

        written: the arguments, canonical JSON. Raises LimitReached, and HandoffRefused when an unknown agent is named
        again after the valid ones were told.
        """
        started = time.perf_counter()
        self.record.append(ToolCalled(call=call, tool=HAND_OFF, arguments=printable(written[:20_000])))
        self.guard.before_tool_call()
        try:
            wanted = _parsed(written)
        except ToolFailed as failure:
            return self._failed(call, failure, started), True
        verdict = self.handing.judge(wanted.agent)
        decided = GateDecided(
            call=call, tool=HAND_OFF, verdict=verdict.verdict, rule=verdict.rule, why=printable(verdict.why)
        )
        self.record.append(decided)
        if isinstance(verdict, Deny) and verdict.rule == "unknown-handoff":
            return self._unknown(wanted.agent, verdict), False
        if isinstance(verdict, Deny):
            self.findings.degrade(DegradationKind.TOOL_DENIED, f"{HAND_OFF} was not allowed: {verdict.why}")
            return f"DENIED by the rule {verdict.rule}: {verdict.why}", True
        text = await self._through(call, wanted, started)
        self.guard.after_tool_call(HAND_OFF, written, text)
        return text, True

    def _unknown(self, agent: str, verdict: Deny) -> str:
        """The valid names, once; several calls of the same reply count as one try."""
        calls = self.guard.usage.model_calls
        if self.told_at and calls > self.told_at:
            sender = self.handing.sender
            mend = f"List “{shorten(agent, 40)}” under nova.handoffs in the file of {sender}, or name an agent: @agent"
            raise HandoffRefused(f"{sender} wanted to pass work on where it may not, twice. {verdict.why}", mend)
        self.told_at = calls
        what = f"{self.handing.sender} wanted to pass work on to {shorten(agent, 60)}, which it may not."
        self.findings.degrade(DegradationKind.HANDOFF_FAILED, printable(what))
        return f"DENIED by the rule {verdict.rule}: {printable(verdict.why)}"

    async def _through(self, call: str, wanted: HandOff, started: float) -> str:
        brief, sources = self._brief(wanted)
        passing = Passing(sender=brief.sender, agent=brief.agent, task=folded(brief.task), facts=sources)
        self.guard.tree.pass_on(passing)
        run = new_id("r")
        label = self.findings.label
        self.record.append(
            HandedOff(run=run, sender=brief.sender, agent=brief.agent, brief=brief_json(brief)), label=label
        )
        tree = self.guard.tree.branch(BUDGET_SHARE, passing=passing)
        with self.guard.others_work():
            report = await self.handing.carry(brief, run=run, label=label, tree=tree)
        return self._back(call, report, started)

    def _brief(self, wanted: HandOff) -> tuple[Brief, frozenset[str]]:
        seconds = min(self.guard.tree.seconds_left, self.handing.seconds_of(wanted.agent))
        known = Known(
            findings=self.findings, readable=self.record.scope.names, sender=self.handing.sender,
            depth=self.guard.tree.depth + 1, budget_share=BUDGET_SHARE, now=self.record.now(), seconds=seconds,
        )  # fmt: skip
        brief, sources, cut = assembled(
            known, agent=wanted.agent, task=wanted.task, why=wanted.why, facts=wanted.facts,
            constraints=wanted.constraints, inputs=wanted.inputs, output=cast("dict[str, Json]", wanted.output),
        )  # fmt: skip
        for why in cut:
            self.findings.degrade(DegradationKind.HANDOFF_CUT, f"Not passed on to {wanted.agent}: {why}")
        return brief, sources

    def _back(self, call: str, report: Report, started: float) -> str:
        """Control is back: what came is recorded, joined with what this run knows, and told to the model."""
        outcome = report.outcome
        self.findings.saw(_citations(outcome), report.label)
        self.guard.below = self.guard.below + report.usage
        said = _said(outcome)
        state = state_of(outcome).value
        text = _told(report, said)
        self.record.append(
            HandedBack(run=report.run, agent=report.agent, state=state, what=shorten(said, SHOWN_CHARACTERS_MAX)),
            ToolReturned(
                call=call, tool=HAND_OFF, text=text, citations=[str(one) for one in _citations(outcome)],
                seconds=round(time.perf_counter() - started, 4), cut=len(said) > TOLD_CHARACTERS_MAX,
                failed="" if isinstance(outcome, Done) else f"{report.agent} did not do it: {shorten(said, 200)}",
            ),
            label=report.label,
        )  # fmt: skip
        for one in outcome.degradations:
            self.findings.take(one)
        if not isinstance(outcome, Done):
            what = f"{report.agent} did not do what {self.handing.sender} passed on ({state}): {shorten(said, 200)}"
            self.findings.degrade(DegradationKind.HANDOFF_FAILED, what, f"See why: nova why {report.run}")
        if len(said) > TOLD_CHARACTERS_MAX:
            self.findings.degrade(DegradationKind.OUTPUT_CUT, f"What {report.agent} reported was cut.")
        return text

    def _failed(self, call: str, failure: ToolFailed, started: float) -> str:
        text = f"FAILED: {printable(str(failure))}"
        seconds = round(time.perf_counter() - started, 4)
        self.record.append(
            ToolReturned(
                call=call, tool=HAND_OFF, text=text, citations=[], seconds=seconds, failed=printable(failure.what)
            )
        )
        self.findings.degrade(DegradationKind.TOOL_FAILED, printable(failure.what), printable(failure.mend))
        return text


def _parsed(written: str) -> HandOff:
    try:
        return HandOff.model_validate_json(written)
    except ValidationError as problem:
        said = "; ".join(
            f"{'.'.join(str(step) for step in error['loc'])}: {shorten(error['msg'], 100)}"
            for error in problem.errors()[:5]
        )
        names = ", ".join(HandOff.model_fields)
        raise ToolFailed(f"{HAND_OFF} cannot be called like this: {said}.", f"Its arguments: {names}.") from None


def _citations(outcome: Outcome) -> tuple[Citation, ...]:
    return outcome.citations if isinstance(outcome, Done) else ()


def _said(outcome: Outcome) -> str:
    match outcome:
        case Done(text=text):
            return text
        case Failed(error=error, what=what, mend=mend):
            return f"{error}: {what} {mend}".strip()
        case NeedsInput(question=question):
            return question
        case Stopped(reason=reason, evidence=evidence, text=text):
            return f"stopped at {reason}: {evidence}." + (f" Until then it had said: {text}" if text else "")


def _told(report: Report, said: str) -> str:
    """The report as the sender's model reads it. It is material: the sender says what it does with it."""
    heads = {Done: "answered", Failed: "FAILED", NeedsInput: "asks back", Stopped: "was STOPPED"}
    verified = " Its citations were all seen in its run." if getattr(report.outcome, "verified", False) else ""
    shown = said if len(said) <= TOLD_CHARACTERS_MAX else f"{said[:TOLD_CHARACTERS_MAX]}\n[... cut ...]"
    lines = [f"{report.agent} (run {report.run}) {heads[type(report.outcome)]}.{verified}", shown]
    lines += [f"As data: {json.dump(report.data)}"] if report.data is not None else []
    lines += [f"Less than it should be: {one.what}" for one in report.outcome.degradations]
    return "\n\n".join(lines)
