"""nova warm: imports everything an answer needs, so that Python compiles just that; and teaches the router once."""

from __future__ import annotations

import importlib

from nova.cli import frame

NEEDED = (
    "nova.app.desks",
    "nova.app.routers",
    "nova.app.demo",
    "nova.app.why",
    "nova.app.homes",
    "nova.app.doctor.examination",
    "nova.cli.ask",
    "nova.cli.chat",
    "nova.cli.why",
    "nova.cli.runs",
    "nova.cli.correct",
    "nova.cli.demo",
    "nova.cli.doctor",
    "nova.cli.models",
    "nova.cli.init",
    "nova.cli.lint",
    "nova.coordinator.dispatch",
    "nova.store.database",
    "nova.store.migrations.versions.v0001_first_stone",
    "alembic.command",
    "alembic.config",
    "alembic.context",
    "pydantic_ai",
    "pydantic_ai.models.openai",
    "pydantic_ai.providers.openai",
    "pydantic_ai.models.fallback",
    "genai_prices",
    "openai",
    "numpy",
    "tokenizers",
    "yaml",
    "rich.console",
    "rich.markdown",
    "rich.progress",
    "rich.table",
    "typer.rich_utils",
    "typer.completion",
)


def warm_up() -> None:
    """Imports them all, then fits the catalog's router. Raises ImportError when the set-up is not complete."""
    for name in NEEDED:
        importlib.import_module(name)
    from nova.app.routers import teach
    from nova.settings.home import find_home

    frame.note("      teaching the router its agents' examples (once, about 20 s)")
    teach(find_home())
