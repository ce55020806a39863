"""docs/reference/pipeline-files.md, written from the models that read the files and the schemas that nodes give."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from nova.core.plans import NodeKind, Schema
from nova.pipelines.event_fields import EVENTS, event_schema
from nova.pipelines.file import (
    NODES,
    BudgetFile,
    CaseFile,
    ConditionFile,
    EventFile,
    FallbackFile,
    MayFail,
    MayRetry,
    NodeFile,
    PipelineFile,
    RetriesFile,
    ShowFile,
    TriggerFile,
)
from nova.pipelines.outputs import TOOL_OUTPUT, WAIT_OUTPUT, agent_output, choose_output, map_output, review_output
from nova.pipelines.types import describe, obj
from nova.settings.reference import keys_table

_HEAD = """\
# Pipeline files

A pipeline is a YAML file: `pipelines/ID.yaml` in a home, or in the catalog. A file in the home takes the place of the
catalog's pipeline of that id. `nova pipelines show ID` draws one. Everything that can be known beforehand is an error
with file and line: an unknown key, agent, tool, pipeline, node or field, a value of another type than the one that is
wanted, nodes that wait for each other, a node that nothing leads to, a reference to what may not be there, a pipeline
that runs itself, a schedule that is never due.

For an editor that knows JSON Schema, let the first line be
`# yaml-language-server: $schema=PATH/catalog/schemas/pipeline.schema.json`. YAML is read in its plain form: no
anchors, aliases or tags. Text with a colon and a space or with ` #` inside belongs in quotes, and so does a reference
inside braces: `{number: "${inputs.issue}"}`.
"""
_REFERENCES = """\
## References

| written | what it is |
|---|---|
| `${inputs.NAME}` | an input of the run; `${inputs}` all of them |
| `${NODE.output}` | what a node gives; `${NODE.output.FIELD}` a field of it, `${NODE.output.LIST.0}` an element |
| `${item}` | inside the `do` of a map: the element it is at |
| `${event.FIELD}` | in the `with` of a trigger: a field of what happened |
| `Text ${NODE.output.FIELD} text` | words around text, numbers, or true and false |
| `{first: [A, B, C]}` | the first that is there; null counts as not there |
| `$${` | these two signs themselves |

A reference makes a node wait for the other; `after` does the same without taking anything. What may not be there (of a
node that can be left out, or that goes on without an `otherwise`; an optional field; an element of a list) can be
referred to only inside `first`, under the condition `empty`, or by a node that is walked under the same condition.
"""
_MODELS = """\
## Schemas

A schema is a JSON Schema (draft 2020-12) without references to other files, or `{model: "package.module:Name"}` for a
pydantic model of Nova or of an installed package, whose schema is then kept in the plan.
"""
_GIVES: Sequence[tuple[NodeKind, Schema]] = (
    (NodeKind.AGENT, agent_output({"type": "object"})),
    (NodeKind.TOOL, TOOL_OUTPUT),
    (NodeKind.MAP, map_output({})),
    (NodeKind.REVIEW, review_output({})),
    (NodeKind.CHOOSE, choose_output([])),
    (NodeKind.WAIT, WAIT_OUTPUT),
)
_NOTES = {
    NodeKind.AGENT: "`data` only with `output`, and of that schema.",
    NodeKind.TOOL: "The tool's own typed fields stand beside these.",
    NodeKind.MAP: "`items` holds what the inner node gave for each element; null where it failed and nothing stood in.",
    NodeKind.REVIEW: "`payload` is what was approved: the edit where there was one.",
    NodeKind.CHOOSE: "The name of the case; empty when none held.",
    NodeKind.WAIT: "`event` is empty after a time.",
}


def pipeline_reference() -> str:
    """The page about pipeline files as Markdown."""
    parts = [_HEAD, f"## Keys\n\n{_table(PipelineFile)}", _REFERENCES, _MODELS, "## Nodes\n"]
    parts += [f"{_about(NodeFile)}\n\n{_table(NodeFile)}", f"{_about(MayFail)}\n\n{_table(MayFail, NodeFile)}"]
    parts += [f"{_about(MayRetry)}\n\n{_table(MayRetry, MayFail)}"]
    for kind, model in NODES.items():
        parent = model.__mro__[1]
        also = {MayRetry: "May fail, and be tried again.", MayFail: "May fail."}.get(parent, "Cannot fail.")
        parts.append(f"### `{kind}`\n\n{_about(model)} {also}\n\n{_table(model, parent)}")
    for title, below in (
        ("A condition (`when`)", ConditionFile), ("A case of `choose`", CaseFile), ("`show` of a review", ShowFile),
        ("An event to wait for", EventFile), ("`retries`", RetriesFile), ("`fallback`", FallbackFile),
        ("`budget`", BudgetFile), ("Each trigger", TriggerFile),
    ):  # fmt: skip
        parts.append(f"## {title}\n\n{_about(below)}\n\n{_table(below)}")
    parts += [_events()]
    parts.append(_gives())
    return "\n".join(parts)


def _events() -> str:
    rows = [
        f"| `{event}` | {', '.join(f'`{field}`' for field in obj(event_schema(event)['properties']))} |"
        for event in sorted(EVENTS)
    ]
    lines = ["## Events", "", "| event | fields |", "|---|---|", *rows, ""]
    return "\n".join([*lines, "A webhook has the fields besides that were sent with it.", ""])


def _about(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _table(model: type[BaseModel], without: type[BaseModel] = BaseModel) -> str:
    """The keys of a model under the names that files use, those it has from `without` left out."""
    inherited = set(without.model_fields)
    rows: list[str] = []
    for row in keys_table(model).splitlines():
        name = row.split("`")[1] if row.startswith("| `") else ""
        if name and name in inherited:
            continue
        rows.append(_row(row, model.model_fields[name], name) if name else row)
    return "\n".join(rows) + "\n"


def _row(row: str, field: FieldInfo, name: str) -> str:
    """The row with the name that files use, and the right word where any value may stand."""
    said = repr(field.annotation)
    if said == repr(JsonValue):
        row = row.replace("| text |", "| any value |", 1)
    elif said.startswith("list[") or "list[JsonValue]" in said:
        row = row.replace("| list of text |", "| list |", 1) if "JsonValue" in said else row
    return row.replace(f"`{name}`", f"`{field.alias}`", 1) if field.alias else row


def _gives() -> str:
    lines = ["## What nodes give", "", "A pipeline's node gives that pipeline's outputs. The others:", ""]
    lines += ["| node | `output` has | |", "|---|---|---|"]
    for kind, schema in _GIVES:
        fields = [f"`{name}` ({_type(kind, name, obj(one))})" for name, one in obj(schema["properties"]).items()]
        lines.append(f"| {kind} | {', '.join(fields)} | {_NOTES[kind]} |")
    return "\n".join(lines) + "\n"


def _type(kind: NodeKind, name: str, schema: Schema) -> str:
    return "text" if (kind, name) == (NodeKind.CHOOSE, "chosen") else describe(schema)
