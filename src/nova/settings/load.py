"""nova.toml from disk to Settings. Knows which keys depend on each other; refuses to resolve any secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from nova.core.errors import BadFiles, Problem
from nova.core.limits import TreeLimits
from nova.core.text import nearest, shorten
from nova.settings.check import check
from nova.settings.definition import (
    BUILT_IN,
    DEFAULT_KEYS,
    ROLES,
    Ceilings,
    EncoderKind,
    ModelChoice,
    Price,
    Provider,
    ProviderKind,
    RouterSettings,
    Settings,
    default_providers,
)
from nova.settings.file import ProviderSection, RouterSection, SettingsFile
from nova.settings.located import Located
from nova.settings.secrets import SecretReference, parse_reference
from nova.settings.text import read_text
from nova.settings.toml_lines import read_toml


def load_settings(file: Path) -> Settings:
    """The settings that a nova.toml holds; the defaults when there is no such file. Raises BadFiles."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError:  # there, or not to be known: reading it says why
        pass
    return parse_settings(read_text(file), str(file))


def parse_settings(text: str, file: str) -> Settings:
    """The settings written in `text`; `file` is only named in problems. Raises BadFiles."""
    located = read_toml(text, file)
    written = check(SettingsFile, located)
    providers = {**default_providers(), **{name: _provider(name, one) for name, one in written.providers.items()}}
    if problems := [*_unknown_providers(written, providers, located), *_bad_variables(written, located)]:
        raise BadFiles(problems)
    return Settings(
        models=MappingProxyType({role: _choices(written, role) for role in ROLES}),
        providers=MappingProxyType(providers),
        router=_router(written.router),
        limits=Ceilings(
            **written.limits.model_dump(exclude={"context_tokens_max"}), tree=TreeLimits(**written.tree.model_dump())
        ),
        context_tokens_max=written.limits.context_tokens_max,
        store_synchronous=written.store.synchronous,
        keep_days=written.pipelines.keep_days,
        database_url=_reference(written.store.database_url),
        roster=None if written.roster.agents is None else tuple(written.roster.agents),
        variables=MappingProxyType(dict(written.variables)),
    )


def _choices(written: SettingsFile, role: str) -> tuple[ModelChoice, ...]:
    return tuple(_choice(text) for text in _role(written, role))


def _role(written: SettingsFile, role: str) -> list[str]:
    return {"quick": written.models.quick, "strong": written.models.strong, "arbiter": written.models.arbiter}[role]


def _choice(text: str) -> ModelChoice:
    provider, _, model = text.partition(":")
    return ModelChoice(provider=provider.strip(), model=model.strip()) if model else BUILT_IN


def _provider(name: str, written: ProviderSection) -> Provider:
    kind = ProviderKind(written.kind)
    return Provider(
        name=name,
        kind=kind,
        base_url=written.base_url,
        api_key=_reference(written.api_key) or DEFAULT_KEYS.get(kind),
        cleared_for=frozenset(written.cleared_for),
        timeout_seconds=written.timeout_seconds,
        prices=MappingProxyType(
            {
                model: Price(input_usd=price.input_usd, output_usd=price.output_usd)
                for model, price in written.prices.items()
            }
        ),
    )


def _router(written: RouterSection) -> RouterSettings:
    return RouterSettings(
        encoder=EncoderKind(written.encoder),
        endpoint=written.endpoint,
        endpoint_model=written.endpoint_model,
        endpoint_key=_reference(written.endpoint_key),
        sure_error_max=written.sure_error_max,
        outside_share=written.outside_share,
        margin_standard_errors=written.margin_standard_errors,
    )


def _reference(written: str | None) -> SecretReference | None:
    return parse_reference(written) if written is not None else None


def _unknown_providers(written: SettingsFile, providers: Mapping[str, Provider], located: Located) -> Iterable[Problem]:
    for role in ROLES:
        for number, text in enumerate(_role(written, role)):
            choice = _choice(text)
            if choice.built_in or choice.provider in providers:
                continue
            near = nearest(choice.provider, providers, 1)
            name = shorten(choice.provider, 40)
            what = f"There is no provider “{name}”."
            mend = f"Did you mean “{near[0]}”?" if near else f"Add a section [providers.{name}]."
            yield Problem(file=located.file, line=located.line(("models", role, number)), what=what, mend=mend)


def _bad_variables(written: SettingsFile, located: Located) -> Iterable[Problem]:
    for name, value in written.variables.items():
        line = located.line(("variables", name))
        if name == "home" or not name.isidentifier():
            what = f"A variable cannot be called “{shorten(name, 40)}”."
            mend = "Use letters, digits and underscores; “home” is always the folder of this file."
            yield Problem(file=located.file, line=line, what=what, mend=mend)
        elif not Path(value).expanduser().is_absolute() and not value.startswith("${home}"):
            mend = "Begin it with /, ~ or ${home}."
            yield Problem(file=located.file, line=line, what=f"The path of “{name}” is not absolute.", mend=mend)
