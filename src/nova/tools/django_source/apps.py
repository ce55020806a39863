"""Which app a module belongs to, and what settings say. Reads AppConfig classes and settings modules as source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from nova.tools.django_source.modules import Module, Sources
from nova.tools.django_source.names import Class, member, text_of

_CONFIG_FILES = frozenset({"apps.py", "config.py", "__init__.py"})
_AUTO_FIELD = "AutoField"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An AppConfig: the label, and the automatic key it sets (empty for the project's)."""

    label: str
    auto_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Apps:
    """Apps by folder below the root (`.` for the root itself)."""

    by_folder: dict[str, App]
    default_auto_field: str
    root_name: str

    def label(self, module: Module) -> str:
        """The label of the app a module belongs to."""
        folder = _app_folder(module.path)
        for at in (folder, *folder.parents):
            if (app := self.by_folder.get(str(at))) is not None:
                return app.label
            if at == folder and _is_models(module.path):
                break
        return folder.name or self.root_name

    def auto_field(self, module: Module) -> str:
        """The class of the key that Django adds to a model without one."""
        folder = _app_folder(module.path)
        own = next((app for at in (folder, *folder.parents) if (app := self.by_folder.get(str(at)))), None)
        return (own.auto_field if own else "") or self.default_auto_field


def _is_models(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.stem == "models" or "models" in pure.parent.parts


def _app_folder(path: str) -> PurePosixPath:
    """The folder that holds `models.py`, the package `models`, or else the module itself."""
    folder = PurePosixPath(path).parent
    parts = folder.parts
    return PurePosixPath(*parts[: parts.index("models")]) if "models" in parts else folder


def apps_of(sources: Sources, modules: Sequence[Module]) -> Apps:
    """Every app that has an AppConfig, by its folder."""
    default = (setting(sources, modules, "DEFAULT_AUTO_FIELD") or _AUTO_FIELD).rpartition(".")[2]
    found: dict[str, App] = {}
    for module in modules:
        if PurePosixPath(module.path).name in _CONFIG_FILES:
            for app in _configs(sources, module):
                found.setdefault(str(PurePosixPath(module.path).parent), app)
    return Apps(by_folder=found, default_auto_field=default, root_name=sources.reach.root.name)


def _configs(sources: Sources, module: Module) -> Iterable[App]:
    for node in module.names.values():
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Config") for base in node.bases):
            config = Class(module, node)
            name, label, auto = (_text(sources, config, key) for key in ("name", "label", "default_auto_field"))
            if label or name:
                yield App(label=label or name.rpartition(".")[2], auto_field=auto.rpartition(".")[2])


def _text(sources: Sources, config: Class, key: str) -> str:
    written = member(config, key)
    return (text_of(sources, config.module, written) or "") if isinstance(written, ast.expr) else ""


def setting(sources: Sources, modules: Sequence[Module], key: str) -> str:
    """A setting of text, from the settings module that names it; empty when none does."""
    for module in sorted(modules, key=lambda module: (module.path.count("/"), module.path)):
        if "settings" in module.path and isinstance(value := module.names.get(key), ast.expr):
            return text_of(sources, module, value) or ""
    return ""
