"""What the shell offers after TAB: names of agents and projects, ids of runs. Reads names and a key or two.

Completion runs at each press of a key, so nothing heavy is imported, and it never fails: no answer is an answer.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from nova.cli import frame

if TYPE_CHECKING:
    from nova.core.labels import Scope
    from nova.settings.home import Home

RUNS_MAX = 30
_SERVER = re.compile(r"^database_url *= *\S", re.MULTILINE)
_SCOPE = re.compile(r"^scope: *([a-z0-9-]+) *$", re.MULTILINE)


def any_agent(ctx: typer.Context, incomplete: str) -> list[str]:
    """Agents of the home and of the catalog."""
    home = _home(ctx)
    return _beginning(incomplete, {*_names(home.agents), *_names(_catalog() / "agents")} if home else ())


def engaged_agent(ctx: typer.Context, incomplete: str) -> list[str]:
    """Agents that requests reach in this home."""
    home = _home(ctx)
    if home is None:
        return []
    roster = _roster(home)
    shipped = _names(_catalog() / "agents")
    return _beginning(incomplete, {*_names(home.agents), *(one for one in shipped if roster is None or one in roster)})


def project(ctx: typer.Context, incomplete: str) -> list[str]:
    """Projects of the home."""
    home = _home(ctx)
    return _beginning(incomplete, _names(home.projects) if home else ())


def kind(incomplete: str) -> list[str]:
    """Kinds of projects."""
    from nova.projects.definition import KINDS

    return _beginning(incomplete, KINDS)


def run(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids of the last runs, newest first, each with what was asked."""
    from nova.core.labels import Scope
    from nova.core.text import shorten
    from nova.store.glimpse import newest_runs

    home = _home(ctx)
    if home is None:
        return []
    scope = Scope.owner(_scopes(home))
    found = _on_a_server(home, scope) if _has_server(home) else newest_runs(home.database, scope, RUNS_MAX)
    return [(one, shorten(request, 60)) for one, request in found if one.startswith(incomplete)]


def pipeline(ctx: typer.Context, incomplete: str) -> list[str]:
    """Pipelines of the home and of the catalog."""
    home = _home(ctx)
    folders = [_catalog() / "pipelines", *([home.root / "pipelines"] if home else [])]
    return _beginning(incomplete, {file.stem for folder in folders for file in folder.glob("*.yaml")})


def review(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids of the reviews that wait, oldest first, each with its question."""
    from nova.core.labels import Scope
    from nova.core.text import shorten
    from nova.store.glimpse import waiting_reviews

    home = _home(ctx)
    if home is None or _has_server(home):
        return []
    found = waiting_reviews(home.database, Scope.owner(_scopes(home)), RUNS_MAX)
    return [(one, shorten(question, 60)) for one, question in found if one.startswith(incomplete)]


def conversation(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Names of the last conversations, or ids of those without one, newest first, each with what it began with."""
    from nova.core.labels import Scope
    from nova.core.text import shorten

    home = _home(ctx)
    if home is None:
        return []
    if _has_server(home):
        from nova.app.recent import newest_conversations as on_a_server

        found = on_a_server(home, Scope.owner(_scopes(home)), RUNS_MAX)
    else:
        from nova.store.glimpse import newest_conversations

        found = newest_conversations(home.database, Scope.owner(_scopes(home)), RUNS_MAX)
    shown = [(name or one, shorten(title, 60)) for one, name, title in found]
    return [(word, title) for word, title in shown if word.casefold().startswith(incomplete.casefold())]


def _has_server(home: Home) -> bool:
    """Whether nova.toml refers to a server; only looked at, for reading it properly is slow."""
    try:
        return _SERVER.search(home.settings_file.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _on_a_server(home: Home, scope: Scope) -> list[tuple[str, str]]:
    from nova.app.recent import newest_runs

    return newest_runs(home, scope, RUNS_MAX)


def _home(ctx: typer.Context) -> Home | None:
    """The home that --home on the same line, or the environment, says."""
    try:
        frame.CHOICES.home = str(ctx.find_root().params.get("home") or "")
        return frame.the_home()
    except (OSError, RuntimeError):
        return None


def _catalog() -> Path:
    from nova.app.data import catalog

    return catalog()


def _names(folder: Path) -> list[str]:
    try:
        return [file.stem for file in folder.glob("*.md")]
    except OSError:
        return []


def _scopes(home: Home) -> list[str]:
    """The scopes that the project files name."""
    try:
        heads = [file.read_text(encoding="utf-8", errors="replace")[:2000] for file in home.projects.glob("*.md")]
    except OSError:
        return []
    return [match.group(1) for head in heads if (match := _SCOPE.search(head))]


def _roster(home: Home) -> Sequence[str] | None:
    """The names under [roster]; None for all, and for a file that cannot be read."""
    try:
        written: object = tomllib.loads(home.settings_file.read_text(encoding="utf-8"))["roster"]["agents"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [str(name) for name in cast("list[object]", written)] if isinstance(written, list) else None


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
