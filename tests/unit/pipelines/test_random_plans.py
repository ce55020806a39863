"""Random plans and random damage: loading gives a plan, or problems with file and line, and never anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.plans import KNOWN, OTHERS, Parts, broken_plans, plans
from tests.unit.pipelines.test_load import RICH, without_lines
from tests.unit.pipelines.test_mistakes import SOUND
from tests.unit.settings.mutations import assert_located, mutated

from nova.core.errors import BadFiles
from nova.pipelines.drawing import draw
from nova.pipelines.load import make_plan, parse_pipeline, read_plan
from nova.pipelines.svg import svg

_SLOW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_WORDS = st.sampled_from(
    [
        "${say.output.said}", "${inputs.name}", "${item}", "${a.b}", "${", "$${", "say", "sum", "echo", "add", "first",
        "when", "then", "tool", "agent", "map", "do", "choose", "wait", "review", "[]", "{}", "null", "true", "3", "-1",
        "ask", "each", "otherwise", "continue-degraded", "review", "{first: []}", "{value: 1, is: 1}", "twice",
    ]
)  # fmt: skip


@given(plans())
@_SLOW
def test_sound_plans_are_taken(parts: Parts) -> None:
    """Every plan that is made by the rules passes, freezes into a text that is the same plan, and can be drawn."""
    plan = make_plan(parts, KNOWN, OTHERS)
    assert without_lines(read_plan(plan.source)) == without_lines(plan)
    picture = draw(plan)
    assert all(f"{name} " in picture for name in plan.nodes)
    assert max(map(len, picture.splitlines())) <= 80
    assert svg(plan).startswith("<svg ")


@given(broken_plans())
@_SLOW
def test_broken_plans_are_refused(parts: Parts) -> None:
    """A plan with one thing wrong is refused, in full sentences."""
    with pytest.raises(BadFiles) as caught:
        make_plan(parts, KNOWN, OTHERS)
    assert all(one.what.endswith(".") and one.file == "plan random-plan" for one in caught.value.problems)


@given(mutated([SOUND.encode(), RICH.encode()]))
@_SLOW
def test_damaged_files_are_refused_with_a_line(data: bytes) -> None:
    """A file that was cut, merged or mistyped gives a plan or problems, each at a line that the file has."""
    try:
        parse_pipeline(data, Path("demo.yaml"), KNOWN, OTHERS)
    except BadFiles as error:
        assert_located(error, "demo.yaml", data)


@st.composite
def _rewired(draw: st.DrawFn) -> str:
    """A sound file in which some words stand where others were."""
    text = draw(st.sampled_from([SOUND, RICH]))
    for _ in range(draw(st.integers(1, 4))):
        words = text.split(" ")
        words[draw(st.integers(0, len(words) - 1))] = draw(_WORDS)
        text = " ".join(words)
    return text


@given(_rewired())
@_SLOW
def test_rewired_files_are_refused_with_a_line(text: str) -> None:
    """The same for files that are still YAML and no longer make sense."""
    try:
        plan = parse_pipeline(text.encode(), Path("demo.yaml"), KNOWN, OTHERS)
    except BadFiles as error:
        assert_located(error, "demo.yaml", text.encode())
    else:
        assert without_lines(read_plan(plan.source)) == without_lines(plan)
