"""What a scenario found, as a row of the table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.faults.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """kills: processes that died by SIGKILL. resume_seconds: of each, from the next start to the first step it enters.

    says: further figures in words. misses: bars that do not hold, in words; empty is good.
    """

    name: str
    place: str
    runs: int
    kills: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    resume_seconds: tuple[float, ...] = ()
    says: str = ""
    misses: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or done twice, and no bar was missed."""
        return self.verdict.clean and not self.misses


HEAD = (
    "| what | where | runs | kills | steps lost | finished steps repeated | effects twice | effects missing "
    "| runs unfinished | steps in flight, entered again | resumed after s (p50, worst) | |"
)


def table_of(results: Sequence[Result]) -> str:
    """As Markdown."""
    return "\n".join([HEAD, "|" + "---|" * 12, *(_line(one) for one in results)])


def _line(one: Result) -> str:
    seen = one.verdict
    resumed = one.resume_seconds
    cells = (
        one.name, one.place, one.runs, one.kills, seen.lost, seen.repeated, seen.duplicated, seen.missing,
        seen.unfinished, seen.in_flight, f"{median(resumed):.2f}, {max(resumed):.2f}" if resumed else "",
        "; ".join([*([one.says] if one.says else []), *(f"**missed**: {miss}" for miss in one.misses)]),
    )  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
