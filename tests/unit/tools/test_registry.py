"""All tools as a model sees them: names, schemas, arguments, limits, and any hostile call."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.tools.places import commit, reach

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.policy.gate import Effect
from nova.tools.registry import call, parse, toolbox
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result

NAMES = [
    "files_list", "files_read", "files_search", "git_log", "git_diff", "git_blame", "git_status",
    "django_models", "django_fields", "django_relations", "issues_list", "issues_read", "text_summary", "text_counts",
    "memory_search", "memory_notes", "memory_keep", "memory_correct", "memory_forget",
    "post_material", "post_file", "post_check", "prices_check", "release_changes", "requirements_read",
    "site_list", "site_audit",
    "code_context", "worktree_make", "worktree_write", "worktree_apply", "worktree_diff", "worktree_commit",
    "worktree_drop", "tests_run", "draft_write",
]  # fmt: skip
OWN_PLACES = {name for name in NAMES if name.startswith("worktree_")} | {"draft_write"}


def test_the_toolbox_holds_what_agents_may_name() -> None:
    """The tools that agent files can list are these; what they change is Nova's memory, a worktree, or a new draft."""
    assert list(toolbox()) == NAMES
    effects = {name: tool.effect for name, tool in toolbox().items() if tool.effect not in (Effect.READ, Effect.RECALL)}
    assert {name for name, effect in effects.items() if effect is Effect.REMEMBER} == {"memory_keep", "memory_correct"}
    assert {name for name, effect in effects.items() if effect is Effect.WRITE} == OWN_PLACES
    assert all(toolbox()[name].own is not None for name in OWN_PLACES)
    assert {name for name, effect in effects.items() if effect is Effect.EXECUTE} == {"tests_run"}
    assert Effect.OUTSIDE not in effects.values()


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_describes_every_argument(name: str) -> None:
    """A provider is given a closed JSON schema in which every argument is explained."""
    schema = toolbox()[name].arguments.model_json_schema()
    assert schema["additionalProperties"] is False
    for argument in cast("dict[str, dict[str, str]]", schema["properties"]).values():
        assert len(argument["description"]) > 10
    assert len(toolbox()[name].description) > 40
    assert set(toolbox()[name].values) <= set(cast("dict[str, object]", schema["properties"]))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no JSON object"),
        ("[]", "must be one JSON object"),
        ("null", "must be one JSON object"),
        ('{"pth": "a"}', "did you mean path?"),
        ("{}", "the argument path is missing"),
        ('{"path": 3}', "path: input should be a valid string"),
        ('{"path": "a", "start_line": "2"}', "start_line: input should be a valid integer"),
        ('{"path": "a", "start_line": 0}', "greater than or equal to 1"),
        ('{"path": "a", "start_line": 1e400}', "start_line"),
        ('{"path": "' + "a" * 30_000 + '"}', "longer than 20,000"),
        ('{"path": "a", "path2": {"x": [1]}, "": 1}', "there is no argument"),
    ],
)
def test_bad_arguments_are_mended_by_the_answer(text: str, what: str) -> None:
    """Whatever is wrong with the arguments, the answer says what, and which arguments there are."""
    with pytest.raises(ToolFailed, match=r"files_read") as failed:
        parse(toolbox()["files_read"], text)
    assert what in str(failed.value)


def test_no_arguments_at_all_are_none_given() -> None:
    """An empty text counts as an empty object, as some models send it."""
    assert parse(toolbox()["git_status"], "").model_dump() == {}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fuzzed") / "shop"
    root.mkdir()
    texts = {
        "shop/models.py": "from django.db import models\nclass Order(models.Model):\n    x = models.IntegerField()\n",
        "issues/1.md": "---\nnumber: 1\ntitle: One\n---\nBody.\n",
        "README.md": "# Shop\n\nOne sentence. And another one.\n",
    }
    commit(root, "Start", texts)
    return root


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["../../etc/passwd", "/etc/shadow", ".git/config", "-rf", "--help", "~", "*", "[",
         "\\", "\x00", "\x1b[2J", "README.md",
         "shop", "Order", "..", ".", "", "a/" * 400, "HEAD", "HEAD:README.md", "%s%n", "${HOME}", "`id`"],
    ),
)  # fmt: skip


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_call_gives_a_result_or_a_sentence(project: Path, data: st.DataObject) -> None:
    """No arguments make a tool raise anything but ToolFailed, leave the project, or print control characters."""
    tool = toolbox()[data.draw(st.sampled_from(NAMES))]
    fields = tool.arguments.model_fields
    given: dict[str, str | int] = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(fields) or ["x"]), unique=True)):
        number = name in fields and fields[name].annotation is int
        given[name] = data.draw(st.integers(-5, 10**12) if number else HOSTILE)
    try:
        got = asyncio.run(call(tool, json.dumps(given), reach(project)))
    except ToolFailed:
        return
    text = got.text()
    assert "root:" not in text
    assert "[core]" not in text
    assert not set(text) & set("\x00\x07\x08\x1b")
    assert text.encode("utf-8")


async def test_a_call_that_does_not_end_is_ended(project: Path) -> None:
    """A tool over its time is given up with a sentence that says how to ask for less."""

    class Nothing(Arguments):
        """No arguments."""

    async def sleep(given: Arguments, reach: Reach) -> ToolResult:
        del given
        await asyncio.sleep(60)
        return result("Never.", [], reach)

    slow = reading("slow", "Sleeps.", Nothing, lambda given, reach: result("", [], reach))
    slow = type(slow)(name="slow", description="Sleeps.", arguments=Nothing, effect=Effect.READ, run=sleep)
    with pytest.raises(ToolFailed, match=r"did not finish within 0\.05 seconds"):
        await call(slow, "{}", reach(project), seconds_max=0.05)


def test_a_result_never_exceeds_its_bytes(project: Path) -> None:
    """Lines over the limit are left out, counted, and the result is marked as cut."""
    lines = [ResultLine(text="ä" * 100, citation=Citation(path="a.md", line=number)) for number in range(1, 100)]
    got = result("99 lines.", lines, reach(project, output_bytes_max=1_000))
    assert got.cut
    assert len(got.lines) == 4
    assert "95 more lines are not shown" in got.headline


def test_citations_are_told_once_in_order() -> None:
    """Every place is named once, in the order of its first line."""
    a, b = Citation(path="a.md", line=2), Citation(path="b.md", line=1)
    lines = [ResultLine(text="x", citation=place) for place in (b, a, b, None)]
    got = result("x.", lines, reach(Path("/")))
    assert got.citations() == (b, a)
    assert got.text() == "x.\nb.md:1  x\na.md:2  x\nb.md:1  x\nx"
