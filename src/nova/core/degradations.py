"""Whatever was tried and did not work, named. Shown in the same breath as the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DegradationKind(StrEnum):
    """The closed list; docs/reference/degradations.md says for each what it means and how to get rid of it."""

    NO_PROVIDER = "no-provider"  # no model is configured; the built-in extractive model answered
    NEEDS_MODEL = "needs-model"  # the request asks for something that must be generated; it was declined by name
    FALLBACK_MODEL = "fallback-model"  # the first choice failed; another model answered
    NO_ENCODER = "no-encoder"  # the sentence encoder is absent; routing went by words alone
    UNSURE_ROUTE = "unsure-route"  # the agent is the best guess, not a certain one
    NO_ARBITER = "no-arbiter"  # the arbiter model could not be asked in the grey zone
    CONTEXT_CUT = "context-cut"  # something did not fit into the token budget
    TOOL_FAILED = "tool-failed"  # a tool could not do what it was asked
    TOOL_DENIED = "tool-denied"  # the gate refused a call
    OUTPUT_CUT = "output-cut"  # a tool's result or an answer was cut at its limit
    NOTHING_FOUND = "nothing-found"  # no source answers the question
    PART_FAILED = "part-failed"  # one part of a request that spans agents did not succeed
    UNREAD_MEMORY = "unread-memory"  # parts of the memory have no vectors of this encoder yet: found by words alone
    STALE_MEMORY = "stale-memory"  # a note that was shown may be out of date, and is marked so
    NO_MEMORY = "no-memory"  # the memory could not be searched; the answer goes without it
    MENDED_MEMORY = "mended-memory"  # a text index was damaged; it was rebuilt from the rows, and nothing was lost
    STEP_FAILED = "step-failed"  # a step of a plan failed; its `otherwise` stands in, or a part is missing
    STEP_SKIPPED = "step-skipped"  # a step was left out because what it needs is not there
    FALLBACK_AGENT = "fallback-agent"  # the agent of a step failed; another one answered
    RETRIED = "retried"  # something failed at first and went well when it was tried again
    PROVIDER_RESTING = "provider-resting"  # a provider or tool failed too often just now and was not tried
    HANDOFF_FAILED = "handoff-failed"  # work that was passed on did not come back done
    HANDOFF_CUT = "handoff-cut"  # something known was not passed on with a handoff
    LIMIT_REACHED = "limit-reached"  # a part was cut at a limit; what it had said until then is used
    SCHEDULE_MISSED = "schedule-missed"  # no worker was running when a schedule was due
    STALLED = "stalled"  # there was no sign of life for longer than allowed
    SANDBOX_MISSING = "sandbox-missing"  # nothing can be executed safely on this machine; it was not executed
    UNPRICED = "unpriced"  # the model's price is unknown, so the cost is a count of tokens only


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """One thing that is less than it should be: its kind, what it concerns, and how to mend it."""

    kind: DegradationKind
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.mend}".strip()
