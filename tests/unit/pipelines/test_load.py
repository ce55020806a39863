"""Pipelines of the catalog and the home, read together: which counts, how they fit each other, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.plans import KNOWN, OTHERS

from nova.core.errors import BadFiles, Unknown
from nova.core.json import Json
from nova.core.plans import Fields, First, Literal, Node, NodeKind, Plan, Ref, Schema, Text
from nova.pipelines.load import load_pipelines, make_plan, parse_pipeline, read_plan, survey_pipelines

ECHO = """\
id: {id}
version: 1
description: Says something.
outputs: {{said: "${{say.output.text}}"}}
nodes:
  say: {{{body}}}
"""


def put(base: Path, name: str, body: str = "tool: echo, with: {text: hello}") -> Path:
    """Writes a pipeline of one node into base/pipelines."""
    file = base / "pipelines" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ECHO.format(id=name, body=body), encoding="utf-8")
    return file


def without_lines(plan: Plan) -> Plan:
    """The plan as a run keeps it: without its file, its lines and what loading has worked out."""

    def bare(node: Node) -> Node:
        return replace(node, line=0, each=bare(node.each) if node.each is not None else None)

    nodes = {name: bare(node) for name, node in plan.nodes.items()}
    triggers = tuple(replace(one, line=0) for one in plan.triggers)
    return replace(plan, nodes=nodes, triggers=triggers, gives={}, file="")


def test_the_homes_file_replaces_the_catalogs(tmp_path: Path) -> None:
    """A file in the home takes the place of the catalog's of the same id; the others stay."""
    put(tmp_path / "catalog", "one")
    put(tmp_path / "catalog", "two")
    own = put(tmp_path / "home", "two", "tool: echo, with: {text: mine}")
    library = load_pipelines(tmp_path / "catalog", tmp_path / "home", KNOWN)
    assert library.names == ("one", "two")
    assert library.plan("two").file == str(own)
    with pytest.raises(Unknown, match="Did you mean two"):
        library.plan("twoo")


def test_no_pipelines_at_all(tmp_path: Path) -> None:
    """A home without pipelines has none, which is no error."""
    assert load_pipelines(tmp_path, None, KNOWN).names == ()


def test_types_reach_through_pipelines(tmp_path: Path) -> None:
    """What a pipeline gives is known to the one that uses it, whichever is read first."""
    put(tmp_path, "b-inner")
    file = put(tmp_path, "a-outer", "pipeline: b-inner")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("${say.output.text}", "${say.output.said}"), encoding="utf-8")
    library = load_pipelines(tmp_path, None, KNOWN)
    assert library.plan("a-outer").gives == library.plan("b-inner").gives
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFiles, match="there is no field “text”"):
        load_pipelines(tmp_path, None, KNOWN)


def test_a_pipeline_that_runs_itself(tmp_path: Path) -> None:
    """Directly or through others, within a map or not: each of the circle is told the whole circle."""
    put(tmp_path, "alone", "pipeline: alone")
    put(tmp_path, "first", "pipeline: second")
    put(tmp_path, "second", "map: [1], do: {pipeline: third}")
    put(tmp_path, "third", "pipeline: first")
    put(tmp_path, "outside", "pipeline: first")
    library, problems = survey_pipelines(tmp_path, None, KNOWN)
    said = {Path(one.file).stem: one for one in problems if "runs itself" in one.what}
    assert set(said) == {"alone", "first", "second", "third"}
    assert "first → second → third → first" in said["first"].what
    assert {one.line for one in said.values()} == {6}
    assert library.names == ()


def test_one_broken_file_stops_no_other(tmp_path: Path) -> None:
    """A survey gives the sound ones; what uses a broken one is left out with it, and told nothing wrong of itself."""
    put(tmp_path, "sound")
    broken = put(tmp_path, "broken", "tool: ehco")
    put(tmp_path, "user", "pipeline: broken")
    unread = put(tmp_path, "unread")
    unread.write_bytes(b"id: [\xff")
    library, problems = survey_pipelines(tmp_path, None, KNOWN)
    assert library.names == ("sound",)
    assert {one.file for one in problems if "no field" not in one.what} == {str(broken), str(unread)}


def test_files_that_are_not_read_are_said(tmp_path: Path) -> None:
    """A pipeline with the other ending of YAML would be missing without a word."""
    put(tmp_path, "one").rename(tmp_path / "pipelines" / "one.yml")
    (tmp_path / "pipelines" / ".#two.yaml").write_text("a lock of an editor", encoding="utf-8")
    with pytest.raises(BadFiles, match=r"Rename it to one\.yaml"):
        load_pipelines(tmp_path, None, KNOWN)


RICH = """\
# yaml-language-server: $schema=../catalog/schemas/pipeline.schema.json
id: rich
version: 3
description: Has one of everything.
kinds: [blog]
inputs:
  name: {type: string}
  many: {type: array, items: {type: object, properties: {n: {type: integer}}, required: [n]}}
  section: {model: "nova.settings.file:RouterSection"}
outputs:
  all: {said: "${say.output.text}", fixed: [1, "$${x}"]}
output_schema: {type: object, properties: {all: {type: object}}, required: [all]}
budget: {model_calls: 5, cost_usd: 0.5}
triggers:
  - {id: opened, event: issue-opened, where: {project: airep}, with: {name: "${event.title}", many: [], section: {}}}
nodes:
  ask-one:
    agent: orientation
    task: "Who is ${inputs.name}?"
    with: {facts: "${inputs.many}"}
    output: {model: "nova.settings.file:PriceSection"}
    retries: {times: 1}
    fallback: {model: strong}
    timeout_seconds: 10
    on_failure: continue-degraded
    otherwise: {text: "Nobody.", data: {input_usd: 1.0, output_usd: 2.0}}
  each:
    map: ${inputs.many}
    at_once: 2
    do: {tool: add, with: {a: "${item.n}"}}
  maybe: {tool: echo, with: {text: x}, when: {value: "${each.output.count}", more: 2}}
  say: {tool: echo, with: {text: {first: ["${maybe.output.text}", "price ${ask-one.output.data.input_usd}"]}}}
  until: {wait: {event: webhook, where: {name: "${inputs.name}"}}, timeout_seconds: 60}
  ask: {review: "Good?", show: {payload: {text: "${say.output.text}"}}, on_reject: continue, after: [until]}
  both: {pipeline: twice, with: {number: "${each.output.count}"}}
"""


def test_everything_is_read() -> None:
    """What is written becomes the value that it means."""
    plan = parse_pipeline(RICH.encode(), Path("rich.yaml"), KNOWN, OTHERS)
    node = plan.nodes["ask-one"]
    assert node.task == Text(("Who is ", Ref("inputs", ("name",)), "?"))
    assert node.policy.fallback_model == "strong"
    assert node.policy.retries.times == 1
    assert isinstance(node.policy.otherwise, Literal)
    neutral: Schema = {"citations": [], "verified": False, "agent": "orientation", "run": "", "state": "failed"}
    data: Json = {"input_usd": 1.0, "output_usd": 2.0}
    assert node.policy.otherwise.value == {**neutral, "text": "Nobody.", "data": data}
    assert set(node.output["properties"]) == {"input_usd", "output_usd"}  # type: ignore[arg-type]
    assert plan.nodes["each"].each is not None
    assert plan.nodes["each"].each.given == {"a": Ref("item", ("n",))}
    assert isinstance(plan.nodes["say"].given["text"], First)
    assert plan.nodes["until"].event == "webhook"
    assert plan.nodes["ask"].given == {"payload": Fields({"text": Ref("say", ("text",))})}
    outputs = plan.outputs["all"]
    assert isinstance(outputs, Fields)
    assert outputs.of["fixed"] == Literal([1, "${x}"])
    assert [one.kind for one in plan.nodes.values()].count(NodeKind.TOOL) == 2
    assert plan.budget.cost_usd == 0.5


def test_a_frozen_plan_is_the_same_plan() -> None:
    """A run keeps the source; read back, it is the same plan, with nothing left to look up."""
    plan = parse_pipeline(RICH.encode(), Path("rich.yaml"), KNOWN, OTHERS)
    frozen = read_plan(plan.source)
    assert without_lines(frozen) == without_lines(plan)
    assert list(frozen.nodes) == list(plan.nodes)
    assert "nova.settings" not in plan.source


def test_the_revision_is_that_of_the_meaning() -> None:
    """Comments, layout and order do not change the revision of a plan; any value does."""
    text = RICH.replace("budget: {model_calls: 5, cost_usd: 0.5}\n", "")
    moved = text.replace("kinds: [blog]\n", "") + "kinds:\n  - blog   # moved\n"
    changed = text.replace("at_once: 2", "at_once: 3")
    first, second, third = (
        parse_pipeline(one.encode(), Path("rich.yaml"), KNOWN, OTHERS).revision for one in (text, moved, changed)
    )
    assert first == second != third
    assert len(first) == 12


def test_plans_made_by_code_are_checked_alike() -> None:
    """A plan that no file holds is refused for the same reasons, and names its node instead of a line."""
    with pytest.raises(BadFiles) as caught:
        make_plan(
            {"id": "p", "version": 1, "description": "d", "nodes": {"a": {"tool": "echo"}, "b": {"agent": "x"}}}, KNOWN
        )
    assert {one.line for one in caught.value.problems} == {0}
    assert {one.file for one in caught.value.problems} == {"plan p"}
    assert "Node “b”: “task” is missing." in str(caught.value)


_HEAD = "id: demo\nversion: 1\ndescription: d\nnodes:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There are no keys here."),
        ("# cut off\na: {b: 1, s", "Braces are not closed"),
        ("- a\n", "This is not a list of keys with values."),
        ("# nothing\n" * 20_000 + "a: 1\n", "is larger than"),
        ("id: &a [x]\nb: *a\n", "YAML anchor"),
        ("a: !!python/object:os.system x\n", "YAML tag"),
        ("a: " + "[" * 300 + "]" * 300 + "\n", "nested deeper"),
        ('a: "\\0"\n', "control character"),
        ('"\\u202ea": 1\n', "control character in a key"),
        (
            _HEAD + "".join(f"  n{n}: {{wait: 1}}\n" for n in range(201)),
            "200",
        ),
    ],
)
def test_files_that_are_meant_to_harm(text: str, said: str) -> None:
    """Too large, too deep, too clever: refused at once, with a file and a reason."""
    with pytest.raises(BadFiles) as caught:
        parse_pipeline(text.encode(), Path("demo.yaml"), KNOWN)
    assert said in str(caught.value)
    assert {one.file for one in caught.value.problems} == {"demo.yaml"}


def test_a_schema_that_unfolds_without_end_is_refused() -> None:
    """Definitions that each name the next one twice would fill the memory."""
    defs = {f"d{n}": {"type": "array", "items": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2}} for n in range(30)}
    schema = {"$defs": {**defs, "d30": {"type": "string"}}, "$ref": "#/$defs/d0"}
    parts = {"id": "p", "version": 1, "description": "d", "inputs": {"x": schema}, "nodes": {"a": {"wait": 1}}}
    with pytest.raises(BadFiles, match="This schema is too large"):
        make_plan(parts, KNOWN)  # type: ignore[arg-type]
