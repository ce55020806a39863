"""What each kind of node gives, as a schema, and what stands in for it when it fails. Refuses to run one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from nova.core.json import Json
from nova.core.plans import Binding, Fields, Literal, NodeKind, Ref, Schema, Text
from nova.pipelines.types import ANYTHING, TEXT, list_of, names, obj, object_of

_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer"}
AGENT_OUTPUT: Schema = object_of(
    {"text": TEXT, "citations": list_of(TEXT), "verified": _FLAG, "agent": TEXT, "run": TEXT, "state": TEXT}
)
"""What an agent's node gives; with `output`, the field `data` besides."""
TOOL_OUTPUT: Schema = object_of(
    {
        "text": TEXT, "headline": TEXT, "lines": list_of(TEXT), "citations": list_of(TEXT), "cut": _FLAG,
        "count": _COUNT,
    }
)  # fmt: skip
"""What every tool's node gives; its own typed fields stand beside these."""
WAIT_OUTPUT: Schema = object_of({"waited_seconds": {"type": "number"}, "event": {"type": "object"}})
_NEUTRAL: Mapping[NodeKind, Mapping[str, Json]] = {
    NodeKind.AGENT: {"text": "", "citations": [], "verified": False, "run": "", "state": "failed"},
    NodeKind.TOOL: {"text": "", "headline": "", "lines": [], "citations": [], "cut": False, "count": 0},
    NodeKind.MAP: {"items": [], "count": 0, "failed": 0},
    NodeKind.WAIT: {"waited_seconds": 0, "event": {}},
}


def agent_output(data: Schema) -> Schema:
    """What an agent's node gives whose `output` is this schema (empty: words only)."""
    return with_fields(AGENT_OUTPUT, {"data": data}) if data else AGENT_OUTPUT


def tool_output(own: Schema) -> Schema:
    """What the node of a tool gives whose typed fields are these."""
    fields = {name: obj(one) for name, one in obj(own.get("properties")).items()}
    optional = [name for name in fields if name not in names(own.get("required"))]
    return with_fields(TOOL_OUTPUT, fields, optional)


def map_output(each: Schema) -> Schema:
    """What a map gives whose inner node gives this."""
    return object_of({"items": list_of(each), "count": _COUNT, "failed": _COUNT})


def review_output(payload: Schema) -> Schema:
    """What a review gives that is about a payload of this schema."""
    answer: Schema = {"enum": ["approve", "change", "reject"]}
    return object_of({"answer": answer, "reason": TEXT, "payload": payload, "by": TEXT, "at": TEXT})


def choose_output(cases: list[str]) -> Schema:
    """What a choose gives that has cases of these names; an empty name: none of them held."""
    return object_of({"chosen": {"enum": cast("list[Json]", cases)}})


def with_fields(schema: Schema, fields: Mapping[str, Schema], optional: list[str] | None = None) -> Schema:
    """The schema of an object with more fields, all required but for the optional ones."""
    all_fields = {name: obj(one) for name, one in obj(schema["properties"]).items()} | dict(fields)
    return object_of(all_fields, [name for name in all_fields if name not in (optional or [])])


def stand_in(kind: NodeKind, uses: str, otherwise: Binding) -> Binding:
    """The whole output that stands in for a failed node's, out of what its author wrote: the rest is neutral."""
    neutral = dict(_NEUTRAL.get(kind, {}))
    if kind is NodeKind.AGENT:
        neutral["agent"] = uses
    if not neutral or isinstance(otherwise, Ref):
        return otherwise
    fields = {name: Literal(one) for name, one in neutral.items()}
    match otherwise:
        case Literal(dict() as value):
            return Literal({**neutral, **value})
        case Fields(of):
            return Fields({**fields, **of})
        case Literal(str()) | Text() if "text" in neutral:
            return Fields({**fields, "text": otherwise})
        case _:
            return otherwise


SHOW: Mapping[str, Schema] = {"diff": TEXT, "evidence": list_of(TEXT), "payload": ANYTHING}
"""What a review may show."""
