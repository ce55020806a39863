"""What was timed beside the peers becomes figures and bars that say what they say."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from benchmarks.orchestration.figures import bars_of, p10, pooled, row_of, sides_of, table_of
from benchmarks.orchestration.timing import Script, Series, Side, Step, Task, timed

TASK = Task(
    request="Say it.", answer="It is said.", steps=(Step("a", "You are a."),), beside=(Step("b", "You are b."),),
    latency_seconds=0.0, pipelines=1, besides=1,
)  # fmt: skip


def series(ms: float, written: float = 0.0) -> Series:
    """Ten repeats that each took so many milliseconds of wall, and half of it of the processor."""
    return Series((ms / 1000,) * 10, (ms / 2000,) * 10, written)


def a_side(name: str, pipeline_ms: float) -> Side:
    """Bare steps take 5 ms in all."""
    return Side(name, "all", bare=series(5), pipeline=series(pipeline_ms, 5000), beside=series(2 * pipeline_ms))


def test_what_a_process_told_is_read_back() -> None:
    """Sides survive JSON as they are."""
    side = a_side("nova", 10)
    assert sides_of(json.loads(json.dumps([asdict(side)]))) == [side]


def test_a_step_is_charged_with_its_share_of_everything() -> None:
    """A pipeline of five steps that takes 10 ms, 5 of them bare: one kept step is 1 ms over a bare one."""
    row = row_of(a_side("nova", 10), 5)
    assert (row.over_p10_ms, row.over_cpu_ms, row.pipeline.written_kb) == (1.0, 0.5, 5.0)


def test_rounds_are_pooled_by_side() -> None:
    """The repeats of all rounds stand together, each side once."""
    sides = pooled([[a_side("nova", 10), a_side("peer", 30)], [a_side("nova", 20), a_side("peer", 30)]])
    assert [side.name for side in sides] == ["nova", "peer"]
    assert len(sides[0].pipeline.wall_seconds) == 20
    assert p10([float(value) for value in range(100)]) == 9.0


def test_bars_are_missed_when_a_peer_is_ahead() -> None:
    """A peer that is quicker in anything takes the bar of it, and a slow step takes its own."""
    own, slow, quick = (row_of(a_side(name, ms), 5) for name, ms in (("nova", 10), ("slow", 30), ("quick", 8)))
    assert all(bar.holds for bar in bars_of(own, own, [slow]))
    assert [bar.holds for bar in bars_of(own, own, [quick])] == [True, True, False, False]
    late = replace(own, over_p10_ms=1.6, over_cpu_ms=2.6)
    assert [bar.holds for bar in bars_of(own, late, [])] == [False, False]
    assert table_of([own, slow], 5, 34, 50.0).count("\n") == 3


async def test_a_side_that_does_other_work_is_refused() -> None:
    """One call too few, or another answer than the script's, is no result."""
    script = Script(TASK)

    async def idle() -> list[str]:
        return [TASK.answer]

    async def other() -> list[str]:
        return [await script.answer() + "!"]

    with pytest.raises(AssertionError, match="0 model calls instead of 1"):
        await timed(idle, script, 1)
    with pytest.raises(AssertionError, match="other answers"):
        await timed(other, script, 1)
