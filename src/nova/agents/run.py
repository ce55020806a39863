"""One agent answers one request: model and tools in turn until there is an answer or a limit.

Knows the loop and its ends; refuses to know who asked the agent, and where models and memory come from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic_ai.exceptions import AgentRunError, FallbackExceptionGroup, UnexpectedModelBehavior
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model

from nova.agents.context import Context
from nova.agents.definition import Agent
from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.loop import converse
from nova.agents.prompt import system_text
from nova.agents.toolset import Door
from nova.core.conversations import Turn
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import HandoffRefused, LimitReached, StoreError
from nova.core.events import Happening, ModelCalled, Retried, TextContent, TextEnded, TextStarted
from nova.core.ids import new_id
from nova.core.outcomes import Done, Failed, Outcome, Stopped
from nova.core.text import printable
from nova.models.choose import fallback_notice, unpriced
from nova.models.failures import spoken
from nova.store.record import Record

ANSWER_CHARACTERS_MAX = 100_000
HELD_SECONDS, HELD_CHARACTERS = 0.03, 400


@dataclass(slots=True, kw_only=True)
class RunMeter:
    """The ledger's meter for one run: the guard allows, the record takes the entry. last: the call before this one."""

    guard: Guard
    record: Record
    findings: Findings
    last: ModelCalled | None = None

    def reserve(self, model: str) -> None:
        """Raises LimitReached when this run may not call `model` once more. After a failed call: says who is next."""
        self.guard.before_model_call()
        if self.last is not None and self.last.failed and self.last.model != model:
            self.findings.take(fallback_notice(self.last, model))

    def spent(self, call: ModelCalled) -> None:
        """Counts the call and writes it down."""
        self.guard.after_model_call(call)
        self.last = call
        unknown = call.cost_usd is None and not call.failed
        told = self.findings.keep(unpriced(call.model)) if unknown else None
        self.record.append(call, *([told] if told else []))

    def seconds_left(self) -> float:
        """Until the run's time is over."""
        return self.guard.seconds_left

    def retried(self, happening: Retried) -> None:
        """Writes down that a model is about to be asked again."""
        self.record.append(happening)

    def degraded(self, degradation: Degradation) -> None:
        """What a model has less than it should have; the outcome lists it."""
        self.findings.take(degradation)


async def run_agent(agent: Agent, context: Context, model: Model, door: Door) -> Outcome:
    """The outcome of one run. Everything that happens on the way is in the record when this returns.

    Raises StoreError when the record cannot be written, CancelledError when the caller stops it.
    """
    voice = _Voice(agent.name, door)
    try:
        async with asyncio.timeout(door.guard.seconds_left) as alarm, model:
            with door.guard.bounded(alarm):
                said = await converse(model, _opening(context, door), door, voice.listen)
    except LimitReached as reached:
        return _stopped(reached, voice, door.findings)
    except TimeoutError:
        return _stopped(door.guard.out_of_time(), voice, door.findings)
    except HandoffRefused as refused:
        return _refused(refused, door.findings)
    except (AgentRunError, FallbackExceptionGroup) as error:
        return _failed(error, door.findings)
    finally:
        voice.end()
    _take_signals(said, agent, door.findings)
    return _done(said.text or "", door.findings)


def _opening(context: Context, door: Door) -> list[ModelMessage]:
    instructions = system_text(context, door.record.now().date())
    asked = ModelRequest(parts=[UserPromptPart(content=context.request)], instructions=instructions)
    return [*_history(context.turns), asked]


def _done(output: str, findings: Findings) -> Done | Failed:
    text = printable(output).strip()
    if not text:
        return _failed(UnexpectedModelBehavior("the answer is empty"), findings)
    citations, verified = findings.cited_in(text)
    return Done(text=text, citations=citations, degradations=tuple(findings.degradations), verified=verified)


def _stopped(reached: LimitReached, voice: _Voice, findings: Findings) -> Stopped:
    return Stopped(
        reason=reached.limit,
        evidence=reached.evidence,
        mend=reached.mend,
        text=voice.text,
        degradations=tuple(findings.degradations),
    )


def _refused(refused: HandoffRefused, findings: Findings) -> Failed:
    degradations = tuple(findings.degradations)
    return Failed(error="HandoffRefused", what=refused.what, mend=refused.mend, degradations=degradations)


def _failed(error: BaseException, findings: Findings) -> Failed:
    said = spoken(error)
    return Failed(error=type(said).__name__, what=said.what, mend=said.mend, degradations=tuple(findings.degradations))


def _history(turns: Sequence[Turn]) -> list[ModelMessage]:
    messages: list[ModelMessage] = []
    for turn in turns:
        messages.append(ModelRequest(parts=[UserPromptPart(content=turn.request)]))
        messages.append(ModelResponse(parts=[TextPart(content=turn.answer or "(no answer)")]))
    return messages


def _take_signals(said: ModelResponse, agent: Agent, findings: Findings) -> None:
    """What the built-in model says about its own answer (see models.extractive)."""
    signals = cast("dict[str, object]", (said.provider_details or {}).get("nova") or {})
    if "needs_model" in signals:
        what = f"{agent.name} would have to write {signals['needs_model']}, which needs a language model."
        findings.degrade(DegradationKind.NEEDS_MODEL, what, "Add a provider: nova models")
    if "cut" in signals:
        findings.degrade(DegradationKind.OUTPUT_CUT, f"{signals['cut']} lines of a listing are not in the answer.")
    if signals.get("nothing_found"):
        findings.degrade(DegradationKind.NOTHING_FOUND, "No source that was looked at answers this.")


class _Voice:
    """Turns a model's stream into text events, each recorded before it is heard.

    Words are held together for a moment that nobody notices, so that a quick model does not write one row a word.
    """

    def __init__(self, agent: str, door: Door) -> None:
        self.text = ""
        self._agent = agent
        self._door = door
        self._record = door.record
        self._message = ""
        self._begun = False
        self._held = ""
        self._timer: asyncio.TimerHandle | None = None
        self._failed: StoreError | None = None
        self._characters_max = min(ANSWER_CHARACTERS_MAX, door.guard.tree.root.limits.output_bytes_max)

    def listen(self, event: ModelResponseStreamEvent) -> None:
        """One event of the model's stream. Raises StoreError, also for words that could not be recorded before."""
        if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
            self.end()
            self._message, self._begun, self.text = new_id("t"), False, ""
            self._say(event.part.content)
        elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
            self._say(event.delta.content_delta)

    def end(self) -> None:
        """The message is complete, or as complete as it gets."""
        if self._message:
            self._flush(TextEnded(message=self._message))
            self._message = ""

    def _say(self, words: str) -> None:
        room = self._characters_max - len(self.text)
        shown = printable(words[:room])
        self.text += shown
        self._held += shown
        if len(self._held) >= HELD_CHARACTERS:
            self._flush()
        elif self._held and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HELD_SECONDS, self._late)
        if len(words) > room:
            said = f"the model had said {self._characters_max:,} characters and went on"
            raise LimitReached("answer_characters", said, "Ask for a shorter answer.")

    def _late(self) -> None:
        """The moment is over. What cannot be recorded is said at the next word, or at the end."""
        try:
            self._flush()
        except StoreError as error:
            self._failed = error

    def _flush(self, *last: Happening) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._failed is not None:
            raise self._failed
        told: list[Happening] = [] if self._begun else [TextStarted(message=self._message, agent=self._agent)]
        if self._held:
            told.append(TextContent(message=self._message, delta=self._held))
        if self._held or last:
            self._begun, self._held = True, ""
            self._record.append(*told, *last)
