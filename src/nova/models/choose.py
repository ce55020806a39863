"""Which model answers: the role's models in order, unusable ones left out aloud, the built-in one last.

Knows settings; refuses to know agents and runs. Everything it returns is metered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel

from nova.core import json
from nova.core.degradations import Degradation, DegradationKind
from nova.core.errors import NotReady
from nova.core.events import ModelCalled
from nova.models.circuits import Circuits
from nova.models.ledger import Meter, MeteredModel, Price
from nova.models.patience import Patience
from nova.models.prices import cost_of
from nova.models.providers import connect
from nova.models.retrying import Circuit, RetryingModel
from nova.models.whole import WholeModel
from nova.settings.definition import EXTRACTIVE, Confidentiality, ModelChoice, Provider, ProviderKind, Settings

PATIENCE = Patience()
LanguageModel: TypeAlias = Model
"""Any model of the model library, named here for the floors that may not know that library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engaged:
    """A model for one run. names: the tries in order; generates: a real model is among them, not only the built-in."""

    model: Model
    names: tuple[str, ...]
    generates: bool
    degradations: tuple[Degradation, ...] = ()


def engage(
    settings: Settings,
    role: str,
    *,
    scope: str,
    confidentiality: str,
    meter: Meter,
    purpose: str,
    built_in: Callable[[], Model],
    circuits: Circuits | None = None,
    patience: Patience | None = None,
) -> Engaged:
    """The role's model for text of this scope. Never raises: what cannot be used becomes a degradation.

    built_in: makes the extractive model; it is always the last one tried. circuits: of the providers, if any are kept.
    """
    patience = patience or PATIENCE
    tries: list[tuple[str, Model]] = []
    left_out: list[Degradation] = []
    for choice in dict.fromkeys(settings.choices(role)):
        if choice.built_in:
            tries.append((str(choice), MeteredModel(built_in(), meter, purpose, name=str(choice))))
            break
        reason = _obstacle(settings, choice, scope, confidentiality)
        if reason is None:
            provider = settings.providers[choice.provider]
            try:
                whole = WholeModel(connect(provider, choice), patience.answer_seconds_max)
            except NotReady as missing:
                reason = missing
            else:
                name, circuit = str(choice), Circuit(name=f"provider:{provider.name}", circuits=circuits)
                metered = MeteredModel(whole, meter, purpose, _price(provider, choice.model), name)
                tries.append((name, RetryingModel(metered, meter, name, patience, circuit)))
        if reason is not None:
            left_out.append(Degradation(kind=DegradationKind.FALLBACK_MODEL, what=reason.what, mend=reason.mend))
    return _engaged(tries, left_out, role)


def _engaged(tries: list[tuple[str, Model]], left_out: list[Degradation], role: str) -> Engaged:
    if len(tries) == 1:
        why = "no language model that is configured could be asked" if left_out else "no language model is configured"
        mend = "Add one: nova models"
        none = Degradation(kind=DegradationKind.NO_PROVIDER, what=f"Answered by extraction: {why}.", mend=mend)
        return Engaged(model=tries[0][1], names=(tries[0][0],), generates=False, degradations=(*left_out, none))
    first, *others = [model for _, model in tries]
    return Engaged(
        model=FallbackModel(first, *others, fallback_on=(ModelAPIError, UnexpectedModelBehavior)),
        names=tuple(name for name, _ in tries),
        generates=True,
        degradations=tuple(left_out),
    )


def _obstacle(settings: Settings, choice: ModelChoice, scope: str, confidentiality: str) -> NotReady | None:
    provider = settings.providers.get(choice.provider)
    if provider is None:
        return NotReady(f"There is no provider {choice.provider} in nova.toml.", "See nova models.")
    if not provider.clears(scope, Confidentiality(confidentiality)):
        what = f"{choice} was not asked: {provider.name} is not cleared for {confidentiality} text of {scope}."
        return NotReady(what, f"If it may be: cleared_for under [providers.{provider.name}] in nova.toml.")
    return None


def _price(provider: Provider, model: str) -> Price:
    """The owner's price, else the published one; a compatible server sets its own prices, so none is published."""
    own = provider.prices.get(model)
    if own is not None:
        return lambda _, usage: (usage.input_tokens * own.input_usd + usage.output_tokens * own.output_usd) / 1_000_000
    published = "" if provider.kind is ProviderKind.COMPATIBLE else f"{provider.kind.value}:{model}"
    return lambda _, usage: cost_of(published, usage)


def unpriced(model: str) -> Degradation:
    """What is said when nobody knows what a call of `model` (`provider:name`) costs."""
    provider, _, name = model.partition(":")
    what = f"The price of {model} is unknown; its cost is counted in tokens only."
    mend = f"Set it under [providers.{provider}] in nova.toml: prices = {{ {json.dump(name)} = ... }}"
    return Degradation(kind=DegradationKind.UNPRICED, what=what, mend=mend)


def fallback_notice(failed: ModelCalled, instead: str) -> Degradation:
    """What is said when a call failed and the next model of the role was asked. instead: its name."""
    asked = "the built-in model" if instead == EXTRACTIVE else instead
    what = f"{failed.model} {failed.failed}; {asked} was asked instead."
    return Degradation(kind=DegradationKind.FALLBACK_MODEL, what=what, mend="See nova models.")
