"""docs/reference: errors, degradations and events, from the values in core that define them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

from nova.core import degradations, errors, events
from nova.core.degradations import DegradationKind
from nova.core.errors import NovaError
from nova.core.labels import Label

_ERRORS = """\
# Errors and exit codes

Every error says what happened, to what, and what to do next: on standard error as two lines beginning with `nova:`,
with `--json` as an object with `error`, `what` and `mend` (and `problems` with file and line for `BadFiles`).
"""
_DEGRADATIONS = """\
# Degradations

Whatever was tried and did not work is named in the outcome's `degradations` and shown with the answer, each with
what to do about it. Each is an event of the run as well (`Degraded`), so `nova why RUN` shows it in its place. Nothing
is degraded silently: for every kind below a test makes it happen and looks for it in all three. A degraded answer
still exits with 0.
"""
_EVENTS = """\
# Events

What happens in a run. Each event is in the record before anyone is shown it, and events are never changed or deleted,
but for words that the owner has [forgotten](../how-to/forget-something.md).
`nova ask --events` streams them as JSON, one object a line, with the names of AG-UI; what AG-UI has no word for travels
as `CUSTOM` with Nova's name. Every object carries `type`, `timestamp` (milliseconds), `runId` and `number` (from 1,
without gaps); the fields below stand beside them, or under `value` for `CUSTOM`.
"""
MENDS: dict[DegradationKind, str] = {
    DegradationKind.NO_PROVIDER: "Add a key or a local server: [a provider](../how-to/add-a-provider.md).",
    DegradationKind.NEEDS_MODEL: "The same; or ask for the facts, which extraction can give.",
    DegradationKind.FALLBACK_MODEL: "`nova doctor` says what is wrong with the first choice.",
    DegradationKind.NO_ENCODER: "`nova encoder install`.",
    DegradationKind.UNSURE_ROUTE: "Name the agent (`@name`), or [correct the route](../how-to/correct-a-route.md).",
    DegradationKind.NO_ARBITER: "Give the role `arbiter` a model in nova.toml, or look why it failed with `nova why`.",
    DegradationKind.CONTEXT_CUT: "Shorten profile.md or the project's notes, or raise `limits.context_tokens_max`.",
    DegradationKind.TOOL_FAILED: "`nova why` shows the call and what the tool said.",
    DegradationKind.TOOL_DENIED: "`nova why` shows the rule; the rules are under [tools](tools.md#the-gate).",
    DegradationKind.OUTPUT_CUT: "Ask for a smaller part.",
    DegradationKind.NOTHING_FOUND: "Ask with words that stand in the project's files, or name the file.",
    DegradationKind.PART_FAILED: "Ask that part alone; `nova why` shows each part as a run of its own.",
    DegradationKind.UNREAD_MEMORY: "`nova memory embed`.",
    DegradationKind.STALE_MEMORY: "`nova memory why NOTE` shows what changed; then confirm or supersede it.",
    DegradationKind.NO_MEMORY: "`nova memory verify --mend`.",
    DegradationKind.MENDED_MEMORY: "Nothing to do; where it comes back, look at the disk. `nova memory verify` looks.",
    DegradationKind.STEP_FAILED: "`nova why` shows the step and its error; then `nova runs retry RUN --from STEP`.",
    DegradationKind.STEP_SKIPPED: "Mend what it needs (the line names that), then `nova runs retry RUN --from STEP`.",
    DegradationKind.FALLBACK_AGENT: "`nova why` says why the first agent failed; its `fallback` says who stands in.",
    DegradationKind.RETRIED: "Nothing to do. Where it comes back often, `nova doctor` looks at the provider.",
    DegradationKind.PROVIDER_RESTING: "It is tried again by itself, when the line says; `nova doctor` looks now.",
    DegradationKind.HANDOFF_FAILED: "`nova why` shows the other agent as a run of its own; ask it yourself: `@name`.",
    DegradationKind.HANDOFF_CUT: "Ask the other agent itself, with what was left out.",
    DegradationKind.LIMIT_REACHED: "Ask for a smaller part, or raise the limit that the line names.",
    DegradationKind.SCHEDULE_MISSED: "Keep `nova worker` running; `nova pipelines run ID` makes up for it.",
    DegradationKind.STALLED: "`nova runs stop RUN`, or wait: it goes on if it can.",
    DegradationKind.SANDBOX_MISSING: "The line names what is missing (bubblewrap on Linux); `nova doctor` looks too.",
    DegradationKind.UNPRICED: "Set `prices` for the model under its provider in nova.toml.",
}


def error_classes() -> tuple[type[NovaError], ...]:
    """The error tree, parents before children, in the order of the file."""
    return tuple(_tree(NovaError))


def errors_page() -> str:
    """The page as Markdown."""
    drawn = inspect.cleandoc(errors.__doc__ or "").partition("\n\n")[2]
    rows = [f"| `{one.__name__}` | {one.exit_code} | {_about(one)} |" for one in error_classes()]
    table = "\n".join(["| error | exit code | meaning |", "|---|---|---|", *rows])
    return f"{_ERRORS}\n```text\n{drawn}\n```\n\n{table}\n"


def degradations_page() -> str:
    """The page as Markdown. Raises KeyError for a kind without a way to get rid of it."""
    meanings = _member_comments()
    rows = [f"| `{kind.value}` | {meanings[kind.name]} | {MENDS[kind]} |" for kind in DegradationKind]
    return "\n".join([_DEGRADATIONS, "| kind | meaning | how to get rid of it |", "|---|---|---|", *rows, ""])


def events_page() -> str:
    """The page as Markdown."""
    return "\n".join([_EVENTS, *(_event(kind) for kind in get_args(events.Happening))])


def _event(kind: type[events.Happening]) -> str:
    name = _wire_name(kind)
    rows = [f"| `{field.name}` | {_json_type(str(field.type))} |" for field in fields(kind)]
    return "\n".join(
        [f"## {kind.__name__}", "", f"{_about(kind)} On the wire: {name}.", "", "| field | |", "|---|---|", *rows, ""]
    )


def _wire_name(kind: type[events.Happening]) -> str:
    """What `wire` calls it, asked of `wire` itself with an empty happening."""
    happening = events.from_json(kind.__name__, {field.name: "" for field in fields(kind)})
    at = datetime(2026, 1, 1, tzinfo=UTC)
    event = events.Event(run="r", number=1, at=at, scope="home", label=Label(), happening=happening)
    sent = events.wire(event)
    return f"`{sent['type']}`" + (f" with `name` `{sent['name']}`" if "name" in sent else "")


def _json_type(annotation: str) -> str:
    words = {"str": "text", "int": "number", "float": "number", "bool": "true or false", "None": "null"}
    parts = [part.strip() for part in annotation.split("|")]
    return " or ".join(words.get(part, "list" if part.startswith("list") else "object") for part in parts)


def _tree(kind: type[NovaError]) -> Iterator[type[NovaError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__.startswith("nova."):
            yield from _tree(below)


def _about(kind: type[object]) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())


def _member_comments() -> dict[str, str]:
    found = re.findall(r'^    ([A-Z_]+) = "[^"]+"  # (.+)$', inspect.getsource(degradations), re.MULTILINE)
    return {name: f"{comment[0].upper()}{comment[1:]}." for name, comment in found}
