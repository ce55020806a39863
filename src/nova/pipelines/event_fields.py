"""What each kind of event tells, as schemas, so that a reference to a field it does not have is seen at loading."""

from __future__ import annotations

from collections.abc import Mapping

from nova.core.plans import Schema
from nova.pipelines.types import TEXT, list_of, object_of

_WHOLE: Schema = {"type": "integer"}
_ALWAYS: Mapping[str, Schema] = {"id": TEXT, "at": TEXT, "event": TEXT, "project": TEXT}
_FIELDS: Mapping[str, Mapping[str, Schema]] = {
    "run-ended": {"run": TEXT, "state": TEXT, "agents": list_of(TEXT)},
    "pipeline-ended": {"run": TEXT, "pipeline": TEXT, "version": _WHOLE, "state": TEXT},
    "note-recorded": {"note": TEXT, "kind": TEXT, "subject": TEXT, "text": TEXT, "run": TEXT},
    "issue-opened": {"number": _WHOLE, "title": TEXT, "path": TEXT, "labels": list_of(TEXT), "opened_by": TEXT},
    "webhook": {"name": TEXT},
}
EVENTS = frozenset(_FIELDS)
"""What may start a pipeline, or be waited for."""
TIME: Schema = object_of({"due_at": TEXT})
"""What a schedule tells: when it was due, in UTC."""


def event_schema(event: str) -> Schema:
    """What an event of this kind tells; a webhook may tell more than is known of it, an unknown one anything."""
    if event not in _FIELDS:
        return {}
    schema = object_of({**_ALWAYS, **_FIELDS[event]})
    return {**schema, "additionalProperties": True} if event == "webhook" else schema
