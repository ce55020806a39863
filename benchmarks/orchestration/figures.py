"""What was timed becomes figures, bars and a table. Pure; refuses to know how anything was timed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import cast

from benchmarks.orchestration.timing import Series, Side

STEP_P10_MS_MAX, STEP_CPU_MS_MAX = 1.5, 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one series, in milliseconds and kilobytes (1,000 bytes)."""

    p10_ms: float
    p50_ms: float
    cpu_ms: float
    written_kb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One side. pipeline, beside: the whole of it. over_*: what one kept step takes more than one that is not kept."""

    name: str
    durable: str
    pipeline: Figures
    beside: Figures
    over_p10_ms: float
    over_cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What must hold, and whether it does."""

    says: str
    holds: bool


def sides_of(told: object) -> list[Side]:
    """The sides as a process told them (JSON, read)."""
    found = cast("Sequence[Mapping[str, object]]", told)
    return [
        Side(
            name=str(one["name"]), durable=str(one["durable"]), bare=_series(one["bare"]),
            pipeline=_series(one["pipeline"]), beside=_series(one["beside"]),
        )
        for one in found
    ]  # fmt: skip


def _series(told: object) -> Series:
    found = cast("Mapping[str, list[float]]", told)
    written = float(str(found["written_bytes"]))
    return Series(tuple(found["wall_seconds"]), tuple(found["cpu_seconds"]), written)


def pooled(rounds: Iterable[Sequence[Side]]) -> list[Side]:
    """The same sides of several rounds as one each, in the order in which they came first."""
    by_name: dict[str, list[Side]] = {}
    for sides in rounds:
        for side in sides:
            by_name.setdefault(side.name, []).append(side)
    return [
        Side(
            name=name, durable=same[0].durable, bare=_joined([one.bare for one in same]),
            pipeline=_joined([one.pipeline for one in same]), beside=_joined([one.beside for one in same]),
        )
        for name, same in by_name.items()
    ]  # fmt: skip


def _joined(series: Sequence[Series]) -> Series:
    return Series(
        wall_seconds=tuple(value for one in series for value in one.wall_seconds),
        cpu_seconds=tuple(value for one in series for value in one.cpu_seconds),
        written_bytes=mean(one.written_bytes for one in series),
    )


def figures_of(series: Series) -> Figures:
    """p10 is near to what an idle machine takes; CPU is the median."""
    return Figures(
        p10_ms=_ms(p10(series.wall_seconds)),
        p50_ms=_ms(median(series.wall_seconds)),
        cpu_ms=_ms(median(series.cpu_seconds)),
        written_kb=round(series.written_bytes / 1000, 1),
    )


def p10(values: Sequence[float]) -> float:
    """The value that a tenth of them does not exceed."""
    return sorted(values)[(len(values) - 1) // 10]


def row_of(side: Side, steps: int) -> Row:
    """The side's line. steps: of its pipeline."""
    kept, bare = figures_of(side.pipeline), figures_of(side.bare)
    return Row(
        name=side.name,
        durable=side.durable,
        pipeline=kept,
        beside=figures_of(side.beside),
        over_p10_ms=round((kept.p10_ms - bare.p10_ms) / steps, 2),
        over_cpu_ms=round((kept.cpu_ms - bare.cpu_ms) / steps, 2),
    )


def bars_of(agents: Row, plain: Row, peers: Iterable[Row]) -> list[Bar]:
    """agents: Nova with agents, to be ahead of each peer with agents; plain: Nova with plain steps."""
    bars = [
        Bar(says=f"a kept step {plain.over_p10_ms} ms over a bare one (p10), at most {STEP_P10_MS_MAX}",
            holds=plain.over_p10_ms <= STEP_P10_MS_MAX),
        Bar(says=f"a kept step {plain.over_cpu_ms} ms of processor over a bare one, at most {STEP_CPU_MS_MAX}",
            holds=plain.over_cpu_ms <= STEP_CPU_MS_MAX),
    ]  # fmt: skip
    for peer in peers:
        for what, mine, theirs in (
            ("in turn", agents.pipeline, peer.pipeline), ("side by side", agents.beside, peer.beside),
        ):  # fmt: skip
            bars.append(_ahead(f"agents {what}", mine, theirs, peer.name))
    return bars


def _ahead(what: str, mine: Figures, theirs: Figures, name: str) -> Bar:
    """By what a person waits for, and by what it takes of a busy machine."""
    wall, cpu = mine.p10_ms / theirs.p10_ms, mine.cpu_ms / theirs.cpu_ms
    said = f"{what}: {wall:.2f} of the wall time (p10) and {cpu:.2f} of the processor time of {name}, less than 1"
    return Bar(says=said, holds=wall < 1 and cpu < 1)


def table_of(rows: Sequence[Row], steps: int, beside: int, latency_ms: float) -> str:
    """As Markdown."""
    head = (
        f"| | {steps} steps in turn: p10 ms | p50 ms | CPU ms | KB written | one step, kept over bare: p10 ms | CPU ms "
        f"| {beside} side by side, {latency_ms:g} ms each: p10 ms | p50 ms | CPU ms | KB written | what is kept |"
    )
    return "\n".join([head, "|" + "---|" * 12, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    cells = (
        row.name, *_cells(row.pipeline), f"{row.over_p10_ms:.2f}", f"{row.over_cpu_ms:.2f}", *_cells(row.beside),
        row.durable,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _cells(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.p10_ms:.1f}", f"{figures.p50_ms:.1f}", f"{figures.cpu_ms:.1f}", f"{figures.written_kb:.0f}",
    )  # fmt: skip


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
