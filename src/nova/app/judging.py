"""How good the agents of a home are: their files judged by themselves, and against each other by the router.

Knows both judges; refuses to judge itself. Without the sentence encoder the router is not asked, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nova.agents.lint import Prediction, Remark, lint
from nova.app import data
from nova.app.house import Nova
from nova.core.degradations import Degradation
from nova.core.routes import Cutoffs


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """remarks: those that fail first. accuracy: share of held-out examples that found their agent; None: not measured.

    cutoffs: what the router could certify; examples_missing there are over all agents. degradations: what hindered it.
    """

    remarks: tuple[Remark, ...]
    agents: tuple[str, ...]
    accuracy: float | None = None
    cutoffs: Cutoffs | None = None
    degradations: tuple[Degradation, ...] = ()


def judge(nova: Nova) -> Judgement:
    """Judges every engaged agent. With the encoder it takes some seconds the first time."""
    encoder = nova.router.encoder
    if encoder.degradations:
        return Judgement(remarks=lint(nova.roster), agents=nova.roster.names, degradations=encoder.degradations)
    from nova.coordinator.nobody import load_nobody
    from nova.coordinator.overlap import examine
    from nova.coordinator.zones import ZoneSettings

    router = nova.settings.router
    promised = ZoneSettings(
        error_max=router.sure_error_max,
        margin=router.margin_standard_errors,
        out_of_scope_share=router.outside_share,
    )
    report = examine(nova.router.candidates, encoder, nova.corrections(), load_nobody(data.catalog()), promised)
    astray = {(stray.agent, stray.text): stray.goes_to for pair in report.overlaps for stray in pair.strays}
    predictions = [
        Prediction(agent=agent.name, example=example, predicted=astray.get((agent.name, example), agent.name))
        for agent in nova.roster.agents
        for example in agent.examples
    ]
    short = {agent.name: promised.examples_min - len(agent.examples) for agent in nova.roster.agents}
    return Judgement(
        remarks=lint(nova.roster, predictions, _ranking(nova), short),
        agents=nova.roster.names,
        accuracy=report.accuracy,
        cutoffs=report.cutoffs,
    )


def _ranking(nova: Nova) -> Callable[[str], Sequence[str]]:
    import numpy as np

    from nova.coordinator.head import score

    head, encoder = nova.router.head, nova.router.encoder
    reach = np.ones(len(head.agents), np.bool_)

    def rank(text: str) -> Sequence[str]:
        logits: list[float] = score(head, encoder, [text], reach).logits[0, :-1].tolist()
        return [name for _, name in sorted(zip(logits, head.agents, strict=True), reverse=True)]

    return rank
