"""Which package each kind of provider needs, and whether it is there. Imports none of them, and no model library."""

from __future__ import annotations

import importlib.util

from nova.settings.definition import ProviderKind

PACKAGES = {
    ProviderKind.ANTHROPIC: "anthropic",
    ProviderKind.GOOGLE: "google.genai",
    ProviderKind.OPENAI: "openai",
    ProviderKind.COMPATIBLE: "openai",
}


def package_missing(kind: ProviderKind) -> str:
    """The package that this kind of provider needs and that is not installed; empty when all is there."""
    name = PACKAGES[kind]
    try:
        found = importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        found = False
    return "" if found else name
