"""Every way Nova can fail, as one tree. Knows what a person needs to hear; refuses to know who raises it.

    NovaError                 exit code
    ├── BadInput              2   what was asked cannot be taken as it is
    │   ├── Unknown           2   a name that does not exist; carries the nearest known ones
    │   └── BadFiles          2   problems in text files, each with file, line and mend
    ├── NotReady              3   something must be set up first (no home, no encoder, no provider package)
    ├── StoreError            4   the database or the disk refused
    │   ├── NewerStore        4   written by a newer Nova
    │   └── StoreFull         4   no space left; nothing was lost
    ├── ProviderError         5   a model provider failed
    │   ├── ProviderTransient 5   worth another try (429, 5xx, timeout)
    │   └── ProviderPermanent 5   not worth one (authentication, unknown model, content refused)
    ├── Denied                6   the gate said no
    ├── LimitReached          7   a limit of the run was reached; carries the evidence
    ├── ToolFailed            1   a tool could not do what it was asked; the run goes on and says so
    │   ├── ToolTransient     1   worth another try (busy, timed out, a connection)
    │   └── ToolOpen          1   not tried: it has failed too often just now (its circuit is open)
    ├── TimedOut              1   a step did not end in the time its policy gives it
    ├── WrongShape            1   a result does not match the schema that was asked for
    ├── NeedsModel            1   a step must be written by a language model, and there is none
    ├── HandoffRefused        1   an agent wanted to pass work on where it may not
    ├── EffectUnknown         1   it was cut off while it acted outside: nobody knows whether that happened
    ├── StepFailed            1   a required step of a plan failed; carries its path
    ├── Rejected              1   the owner rejected it, with a reason
    └── Superseded            4   another worker has taken this run over

Exit code 0 is an answer, 1 a run that failed, 8 a question back to the person, 130 Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

EXIT_ANSWERED = 0
EXIT_FAILED = 1
EXIT_ASKS_BACK = 8
EXIT_INTERRUPTED = 130


class NovaError(Exception):
    """Base of all errors Nova raises on purpose.

    what: one sentence on what happened and to what.
    mend: one sentence on what to do next; empty when there is nothing to do.
    """

    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what} {self.mend}".strip()


class BadInput(NovaError):
    """What was asked cannot be taken as it is."""

    exit_code = 2


class Unknown(BadInput):
    """A name that does not exist. `nearest` holds the known names it was probably meant to be."""

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), mend: str = "") -> None:
        shown = name if len(name) <= 60 else name[:57] + "..."
        guess = f"Did you mean {' or '.join(nearest)}?" if nearest else mend
        super().__init__(f"There is no {kind} named “{shown}”.", guess)
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in one place of a text file. line counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    what: str
    mend: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}" + (f" {self.mend}" if self.mend else "")


class BadFiles(BadInput):
    """Text files that cannot be used. Carries every problem found, never just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "One problem" if count == 1 else f"{count} problems"
        super().__init__(f"{head} in your files:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class NotReady(NovaError):
    """Something must be set up first; `mend` names the command."""

    exit_code = 3


class StoreError(NovaError):
    """The database or the disk refused."""

    exit_code = 4


class NewerStore(StoreError):
    """The database was written by a newer Nova than this one."""


class StoreFull(StoreError):
    """No space is left on the disk. What was already recorded is safe."""


class ProviderError(NovaError):
    """A model provider failed."""

    exit_code = 5


class ProviderTransient(ProviderError):
    """Worth another try: rate limit, overload, timeout, connection. retry_after_seconds is the provider's wish."""

    def __init__(self, what: str, mend: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(what, mend)
        self.retry_after_seconds = retry_after_seconds


class ProviderPermanent(ProviderError):
    """Not worth another try: authentication, unknown model, refused content."""


class Denied(NovaError):
    """The gate said no; `what` names the rule."""

    exit_code = 6


class LimitReached(NovaError):
    """A limit of the run was reached. limit: its name; evidence: what was counted."""

    exit_code = 7

    def __init__(self, limit: str, evidence: str, mend: str = "") -> None:
        super().__init__(f"Stopped at the limit {limit}: {evidence}.", mend)
        self.limit = limit
        self.evidence = evidence


class ToolFailed(NovaError):
    """A tool could not do what it was asked. The model is told, and the outcome lists it."""


class ToolTransient(ToolFailed):
    """A tool failed in a way that may pass: worth another try."""


class ToolOpen(ToolFailed):
    """A tool or a provider was not tried, because it has failed too often just now."""


class TimedOut(NovaError):
    """A step did not end in the time its policy gives it."""


class WrongShape(NovaError):
    """A result does not match the schema that was asked for."""


class NeedsModel(NovaError):
    """A step must be written by a language model, and none is configured."""


class HandoffRefused(NovaError):
    """An agent wanted to pass work on where it may not. `what` names the valid targets."""


class EffectUnknown(NovaError):
    """A process was cut off between the intent to act outside and its result; nobody knows whether it happened."""


class StepFailed(NovaError):
    """A required step of a plan failed. path: the step; error: the class of what went wrong there."""

    def __init__(self, path: str, error: str, what: str, mend: str = "") -> None:
        super().__init__(f"The step {path} failed: {what}", mend)
        self.path = path
        self.error = error


class Rejected(NovaError):
    """The owner rejected what a review asked about."""


class Superseded(StoreError):
    """Another worker has taken this run over; what this one still wanted to write is not kept."""


def exit_code_of(name: str) -> int:
    """The exit code of the error class with this name; 1 for a name that is not in the tree."""
    return _codes(NovaError).get(name, EXIT_FAILED)


def _codes(kind: type[NovaError]) -> dict[str, int]:
    codes = {kind.__name__: kind.exit_code}
    for below in kind.__subclasses__():
        codes |= _codes(below)
    return codes
