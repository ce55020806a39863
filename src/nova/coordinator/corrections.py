"""What a correction changes: the head, past requests that go elsewhere, older corrections made wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.coordinator.fitting import PROMISED, fit_head
from nova.coordinator.head import Head, score, winners
from nova.coordinator.lessons import NOBODY, Correction
from nova.coordinator.logistic import listed
from nova.coordinator.zones import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nova.coordinator.nobody import NobodysJob
    from nova.coordinator.zones import ZoneSettings
    from nova.core.routes import Candidate
    from nova.models.encoders import Encoder

PAST_MAX = 500  # past requests that are routed again, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRequest:
    """A request of the record. kind: of the project it was asked in; empty for none."""

    run: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A past request whose first agent changes (NOBODY: nobody's job)."""

    run: str
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What came of a correction.

    taught: whether the corrected text now goes where the owner said. changed: other past requests that go elsewhere.
    replaced: an earlier correction of the same text. broken: earlier corrections of other texts that were kept before
    and are not any more.
    """

    head: Head
    taught: bool
    changed: tuple[Change, ...]
    replaced: Correction | None
    broken: tuple[Correction, ...]


def correct(
    correction: Correction,
    earlier: Sequence[Correction],
    agents: Sequence[Candidate],
    encoder: Encoder,
    head: Head,
    nobody: NobodysJob,
    past: Sequence[PastRequest] = (),
    settings: ZoneSettings = PROMISED,
) -> Corrected:
    """Fits anew with one more correction, starting from `head`, and compares. past: newest first."""
    after = fit_head(agents, encoder, (*earlier, correction), nobody, settings, before=head)
    kinds = {agent.name: agent.kinds[0] if agent.kinds else "" for agent in agents}
    old = [one for one in _last_of_each(earlier) if one.agent == NOBODY or one.agent in kinds]
    replaced = next((one for one in old if _same(one.text, correction.text)), None)
    kept = [one for one in old if not _same(one.text, correction.text)]
    asked = [PastRequest(run=one.run, text=one.text, kind=kinds.get(one.agent, "")) for one in (correction, *kept)]
    was, now = firsts(head, encoder, agents, asked), firsts(after, encoder, agents, asked)
    others = [one for one in past[:PAST_MAX] if not _same(one.text, correction.text)]
    moved = zip(others, firsts(head, encoder, agents, others), firsts(after, encoder, agents, others), strict=True)
    return Corrected(
        head=after,
        taught=now[0] == correction.agent,
        changed=tuple(Change(run=one.run, text=one.text, before=a, after=b) for one, a, b in moved if a != b),
        replaced=replaced if replaced is not None and replaced.agent != correction.agent else None,
        broken=tuple(
            one for one, a, b in zip(kept, was[1:], now[1:], strict=True) if a == one.agent and b != one.agent
        ),
    )


def firsts(head: Head, encoder: Encoder, agents: Sequence[Candidate], asked: Sequence[PastRequest]) -> list[str]:
    """The first agent of each request in its project's kind; NOBODY under the rule of the none zone."""
    found = [NOBODY] * len(asked)
    by_name = {agent.name: agent for agent in agents}
    ordered = [by_name[name] for name in head.agents]
    for kind in sorted({one.kind for one in asked}):
        rows = [row for row, one in enumerate(asked) if one.kind == kind]
        scores = score(head, encoder, [asked[row].text for row in rows], reach(ordered, kind))
        for row, best in zip(rows, listed(winners(scores.logits, head.cutoffs.none)), strict=True):
            found[row] = (*head.agents, NOBODY)[best]
    return found


def _last_of_each(corrections: Sequence[Correction]) -> list[Correction]:
    return list({" ".join(one.text.casefold().split()): one for one in corrections}.values())


def _same(first: str, second: str) -> bool:
    return first.casefold().split() == second.casefold().split()
