"""nova ask: one question, its answer as it comes, and how it came about. Also the asking that chat and demo share."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nova.cli import frame, noted
from nova.core.errors import (
    EXIT_ANSWERED,
    EXIT_ASKS_BACK,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    BadInput,
    LimitReached,
    exit_code_of,
)
from nova.core.events import (
    ContextAssembled,
    Event,
    HandedBack,
    HandedOff,
    PlanMade,
    Remembered,
    Routed,
    RunFailed,
    RunFinished,
    RunStarted,
    Stalled,
    TextContent,
    wire,
)
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.requests import Principal, Request
from nova.core.runs import outcome_from_json
from nova.core.text import shorten

if TYPE_CHECKING:
    from nova.app.house import Nova
    from nova.core.conversations import Conversation

GO_ON_WITHIN = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The options of a question."""

    project: str | None
    agent: str | None
    go_on: bool
    conversation: str
    events: bool
    as_json: bool
    fresh: bool = False

    @property
    def quiet(self) -> bool:
        """Whether a script reads what is said."""
        return self.events or self.as_json


@dataclass(slots=True)
class Heard:
    """What came out of one question. asked, apart: what each part was asked and has said so far, by its run.

    passed: runs that an agent passed work on to; it speaks for them itself.
    """

    run: str = ""
    conversation: str = ""
    agents: tuple[str, ...] = ()
    zone: str = ""
    sentence: str = ""
    outcome: Outcome | None = None
    said: str = ""
    asked: dict[str, str] = field(default_factory=dict[str, str])
    apart: dict[str, str] = field(default_factory=dict[str, str])
    passed: set[str] = field(default_factory=set[str])
    remembered: list[Remembered] = field(default_factory=list[Remembered])


def ask_once(words: list[str], asking: Asking) -> int:
    """Asks, shows, and returns the exit code."""
    text = frame.question_of(words)
    with frame.opened() as nova:
        conversation = conversation_of(nova, asking)
        heard = Heard(conversation=conversation)
        try:
            asyncio.run(listen(nova, request_of(nova, text, asking, conversation), asking, heard))
        except KeyboardInterrupt:
            frame.note(f"\nStopped. What was done: nova why {heard.run}   Go on: nova ask -c ...")
            return EXIT_INTERRUPTED
        if asking.as_json:
            frame.out_json(_as_json(nova, heard))
        return exit_code(heard.outcome)


def conversation_of(nova: Nova, asking: Asking) -> str:
    """The conversation to go on in, or empty for a new one; which one it is, is said, unless a script listens.

    Raises BadInput for options that contradict each other and for a closed conversation, Unknown for one that is not.
    """
    from nova.app.conversations import at_a_glance
    from nova.coordinator import conversation

    if asking.fresh and (asking.go_on or asking.conversation):
        what = "--new begins a conversation; --continue and --conversation go on in one."
        raise BadInput(what, "Leave one of them out.")
    if asking.conversation:
        found = conversation.find(nova.database, nova.everything, asking.conversation)
        conversation.refuse_closed(found)
    elif asking.go_on:
        found = _newest(nova, asking)
    else:
        return ""
    if found is not None and not asking.quiet:
        frame.note_dim(f"going on in {at_a_glance(nova, found)}; a fresh one: --new")
    return found.id if found is not None else ""


def _newest(nova: Nova, asking: Asking) -> Conversation | None:
    """The open conversation spoken in last, of the project when one is given; when there is none, that is said."""
    from nova.coordinator import conversation
    from nova.coordinator.reach import choose_project

    chosen = choose_project("", said=asking.project, conversation="", folder="", projects=nova.projects).project
    project = chosen.name if chosen else ""
    found = conversation.newest(nova.database, nova.everything, nova.clock(), GO_ON_WITHIN, project=project)
    if found is None and not asking.quiet:
        hours = int(GO_ON_WITHIN.total_seconds() // 3600)
        where = f" in {project}" if project else ""
        frame.note_dim(
            f"nothing was said{where} in the last {hours} hours, so this begins a new conversation; "
            "older ones: nova conversations list"
        )
    return found


def request_of(nova: Nova, text: str, asking: Asking, conversation: str) -> Request:
    """The request as it comes in from a terminal."""
    return Request(
        text=text,
        principal=Principal.OWNER,
        at=nova.clock(),
        conversation=conversation,
        project=asking.project,
        folder=nova.project_at(Path.cwd()),
        agent=asking.agent,
        agent_said_by="--agent" if asking.agent else "",
    )


async def listen(nova: Nova, request: Request, asking: Asking, heard: Heard) -> None:
    """Shows the events of one run as they come."""
    async with aclosing(nova.ask(request)) as events:
        async for event in events:
            _take(event, heard)
            if asking.events:
                frame.out_json_line(wire(event))
            elif not asking.as_json:
                _show(event, heard)


def _take(event: Event, heard: Heard) -> None:
    match event.happening:
        case RunStarted(parent="", conversation=conversation):
            heard.run, heard.conversation = event.run, conversation
        case Routed(agents=agents, zone=zone, decision=decision):
            explanation = decision.get("explanation")
            heard.agents = tuple(str(agent) for agent in agents)
            heard.zone = zone
            heard.sentence = str(explanation.get("sentence", "")) if isinstance(explanation, dict) else ""
        case Remembered() as remembered:
            heard.remembered.append(remembered)
        case RunFinished(outcome=outcome) | RunFailed(outcome=outcome) if event.run == heard.run:
            heard.outcome = outcome_from_json(outcome)
        case _:
            pass


def _show(event: Event, heard: Heard) -> None:
    match event.happening:
        case Routed():
            who = " + ".join(heard.agents) or "nobody yet"
            frame.note_dim(f"→ {who} ({heard.zone}): {heard.sentence}")
        case PlanMade(why=why):
            frame.note_dim(f"  {why}")
        case HandedOff(run=run, agent=agent, brief=brief):
            heard.passed.add(run)
            frame.note_dim(f"  → {agent}: “{shorten(str(brief['task']), 100)}”")
        case HandedBack(agent=agent, state=state):
            frame.note_dim(f"  ← {agent}: {state}")
        case Stalled(seconds=seconds, last=last):
            frame.note_dim(f"  no sign of life for {seconds:.0f} s (last: {last}); it goes on")
        case RunStarted(parent=parent, request=request) if parent == heard.run and event.run not in heard.passed:
            heard.asked[event.run] = request
        case ContextAssembled(agent=agent) if event.run in heard.asked:
            heard.asked[event.run] = f"{agent} on “{heard.asked[event.run]}”"
            frame.note_dim(f"  … {heard.asked[event.run]}")
        case TextContent(delta=delta) if event.run in heard.asked:
            heard.apart[event.run] = heard.apart.get(event.run, "") + delta  # parts speak at the same time
        case TextContent(delta=delta) if event.run == heard.run:
            heard.said += delta
            frame.out(delta, end="")
        case RunFinished() | RunFailed() if event.run == heard.run and heard.outcome is not None:
            _finish(heard, heard.outcome)
        case RunFinished() | RunFailed() if event.run in heard.apart:
            frame.out(f"{chr(10) if heard.said else ''}{heard.asked[event.run]}:\n\n{heard.apart[event.run].rstrip()}")
            heard.said += heard.apart[event.run]
        case _:
            pass


def _finish(heard: Heard, outcome: Outcome) -> None:
    """What is said after the text: everything that was not streamed, and every degradation, in the same breath."""
    if heard.said and not heard.said.endswith("\n"):
        frame.out()
    match outcome:
        case Done(text=text):
            if not heard.said:
                frame.out(text)
        case NeedsInput(question=question, options=options):
            frame.out(question)
            for number, option in enumerate(options, start=1):
                frame.out(f"  {number}. {option}")
            frame.note_dim("Answer by number: nova ask -c 1")
        case Failed(what=what, mend=mend):
            frame.out(f"Failed: {what}" + (f"\n{mend}" if mend else ""))
        case Stopped(evidence=evidence, mend=mend):
            frame.out(f"Stopped: {evidence}." + (f"\n{mend}" if mend else ""))
    if outcome.degradations:
        frame.out()
    for degradation in outcome.degradations:
        frame.out(f"! {degradation}".replace(" RUN ", f" {heard.run} "))
    for remembered in heard.remembered:
        for line in noted.lines(remembered):
            frame.note_dim(line)
    heard.remembered.clear()
    frame.note_dim(f"run {heard.run} · why: nova why {heard.run}")


def exit_code(outcome: Outcome | None) -> int:
    """The exit code of an outcome; see nova --help."""
    match outcome:
        case Done():
            return EXIT_ANSWERED
        case NeedsInput():
            return EXIT_ASKS_BACK
        case Stopped():
            return LimitReached.exit_code
        case Failed(error=error):
            return exit_code_of(error)
        case None:
            return EXIT_FAILED


def _as_json(nova: Nova, heard: Heard) -> dict[str, frame.Json]:
    from nova.app.why import run_json, run_of

    run = run_of(nova, heard.run)
    kept = [note for remembered in heard.remembered for note in remembered.notes]
    return {**run_json(run), "noted": kept}
