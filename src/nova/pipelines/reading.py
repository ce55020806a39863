"""A pipeline as written -> a Plan. Notes what is no pipeline at all; refuses to ask whether it is a sound one (check).

The same code reads a file, parts made by code, and the frozen text of a run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from nova.core.errors import BadFiles
from nova.core.json import Json, dump
from nova.core.plans import Binding, Budget, Literal, Node, Plan, Schema, Trigger, TriggerKind
from nova.core.text import printable, shorten
from nova.pipelines.file import PipelineFile, TriggerFile
from nova.pipelines.notes import Notes
from nova.pipelines.reading_nodes import read_node
from nova.pipelines.reading_schemas import read_inputs, read_schema
from nova.pipelines.references import RESERVED, read_binding
from nova.settings.check import check
from nova.settings.file import NAME, NAME_LENGTH_MAX
from nova.settings.located import KeyPath, Located

NODES_MAX = 200
DEPTH_MAX = 30


def read_pipeline(notes: Notes) -> Plan | None:
    """The plan that the file holds, as far as it can be read; None when it is none at all. Problems go to `notes`."""
    try:
        written = check(PipelineFile, notes.located)
    except BadFiles as error:
        line = notes.located.line(())
        notes.problems.extend(replace(one, line=one.line or line) for one in error.problems)
        return _in_part(notes)
    return _plan(written, notes)


def _in_part(notes: Notes) -> None:
    """What is wrong with the nodes of a file that is no pipeline as a whole is said as well."""
    nodes = notes.located.value.get("nodes")
    if isinstance(nodes, dict):
        good = {name: one for name, one in nodes.items() if isinstance(one, dict)}
        _nodes(good, notes)


def _plan(written: PipelineFile, notes: Notes) -> Plan:
    inputs = read_inputs(written.inputs, notes.below("inputs"))
    must = _output_schema(written, notes)
    nodes = _nodes(written.nodes, notes)
    if not written.nodes:
        notes.add(("nodes",), "This pipeline has no nodes.", "Write at least one.")
    outputs: dict[str, Binding] = {
        name: read_binding(one, ("outputs", name), notes.add) for name, one in written.outputs.items()
    }
    source = frozen(notes.located.value, inputs, must, nodes)
    return Plan(
        id=written.id, version=written.version, description=written.description.strip(), inputs=inputs,
        outputs=outputs, nodes=nodes, budget=Budget(**written.budget.model_dump()),
        triggers=tuple(_trigger(one, notes.below("triggers", n)) for n, one in enumerate(written.triggers)),
        kinds=tuple(written.kinds), gives=must, revision=revision(source), source=_text(source),
        file=notes.located.file,
    )  # fmt: skip


def _output_schema(written: PipelineFile, notes: Notes) -> Schema:
    if written.output_schema is None:
        return {}
    return read_schema(written.output_schema, notes.below("output_schema"), "serialization")


def _nodes(written: Mapping[str, Mapping[str, Json]], notes: Notes) -> dict[str, Node]:
    if len(written) > NODES_MAX:
        what = f"This pipeline has {len(written)} nodes, and {NODES_MAX} are the most."
        notes.add(("nodes",), what, "Put a part of it into a pipeline of its own.")
        return {}
    lines = _by_node(notes.located)
    found: dict[str, Node] = {}
    for name, one in written.items():
        _check_id(name, notes)
        here = Located(file=notes.located.file, value=dict(one), lines=lines.get(name, {}))
        if node := read_node(name, here, notes.below("nodes", name)):
            found[name] = node
    return found


def _by_node(located: Located) -> Mapping[str, dict[KeyPath, int]]:
    """node -> the lines of its parts, by their places in it."""
    found: dict[str, dict[KeyPath, int]] = {}
    for path, line in located.lines.items():
        if len(path) > 1 and path[0] == "nodes":
            found.setdefault(str(path[1]), {})[path[2:]] = line
    return found


def _check_id(name: str, notes: Notes) -> None:
    if len(name) > NAME_LENGTH_MAX or not NAME.fullmatch(name):
        mend = f"Use a-z, 0-9 and hyphens, a letter first, at most {NAME_LENGTH_MAX}."
        notes.add(("nodes", name), f"“{shorten(name, 60)}” cannot be the name of a node.", mend)
    elif name in RESERVED:
        what = f"“{name}” has a meaning of its own in references."
        notes.add(("nodes", name), what, "Give the node another name.")


def _trigger(written: TriggerFile, notes: Notes) -> Trigger:
    if (written.schedule is None) == (written.event is None):
        what = f"The trigger “{written.id}” must have either a schedule or an event."
        notes.add((), what, 'Write schedule: "0 7 * * mon-fri", or event: issue-opened.')
    for key, given in (("zone", written.zone is not None), ("catch_up", bool(written.catch_up))):
        if given and written.schedule is None:
            notes.add((key,), f"Only a schedule has “{key}”.", "Delete the line.")
    if not isinstance(read_binding(dict(written.where), ("where",), notes.add), Literal):
        notes.add(("where",), "“where” holds fixed values only.", "Put references under with.")
    return Trigger(
        id=written.id, kind=TriggerKind.EVENT if written.schedule is None else TriggerKind.SCHEDULE,
        cron=written.schedule or "", zone=written.zone or "UTC", event=written.event or "", where=dict(written.where),
        check=written.check or "", check_given=dict(written.check_given), given=dict(written.given),
        project=written.project, catch_up=bool(written.catch_up), line=notes.located.line(notes.at),
    )  # fmt: skip


def clean(value: Json, place: KeyPath, notes: Notes) -> bool:
    """Notes text that no database and no terminal takes, and values nested too deep to be walked."""
    if len(place) > DEPTH_MAX:
        notes.add(place, f"This is nested deeper than {DEPTH_MAX} levels.", "Write it flatter.")
        return False
    if isinstance(value, str) and not is_clean(value):
        notes.add(place, "There is a control character in this text.", "Delete it.")
        return False
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    keys = [key for key in value if not is_clean(key)] if isinstance(value, dict) else []
    if keys:
        notes.add(place, "There is a control character in a key.", "Delete it.")
        return False
    return all([clean(one, (*place, key), notes) for key, one in inner])  # noqa: C419  (every problem is wanted)


def is_clean(text: str) -> bool:
    """Whether the text holds no control characters, lone surrogates and direction overrides."""
    return text.isprintable() or printable(text) == text


def frozen(
    value: Mapping[str, Json], inputs: Mapping[str, Schema], must: Schema, nodes: Mapping[str, Node]
) -> dict[str, Json]:
    """What is kept of the file in a run: the same keys, models replaced by their schemas, and nothing to look up."""
    kept: dict[str, Json] = {**value, "inputs": {name: dict(one) for name, one in inputs.items()}}
    if "output_schema" in value:
        kept["output_schema"] = dict(must)
    written = value.get("nodes")
    kept["nodes"] = {
        name: _frozen_node(one, nodes.get(name)) for name, one in (written if isinstance(written, dict) else {}).items()
    }
    return kept


def _frozen_node(value: Json, node: Node | None) -> Json:
    if not isinstance(value, dict) or node is None:
        return value
    kept = dict(value)
    if "output" in kept:
        kept["output"] = dict(node.output)
    if "do" in kept:
        kept["do"] = _frozen_node(kept["do"], node.each)
    return kept


def revision(source: Mapping[str, Json]) -> str:
    """12 hex digits of the SHA-256 of the canonical text: neither order nor layout nor comments count."""
    return hashlib.sha256(dump(dict(source)).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _text(source: Mapping[str, Json]) -> str:
    return json.dumps(source, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
