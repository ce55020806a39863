"""What ran of late. Knows the store; refuses to fail when there is none yet."""

from __future__ import annotations

from nova.core.errors import BadFiles, NotReady, StoreError
from nova.core.labels import Scope
from nova.projects.load import load_projects
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.load import load_settings
from nova.settings.secrets import resolve_secret

LOOKED_AT = 500


def runs_of_agent(home: Home, name: str) -> int | None:
    """Among the last 500 runs, parts included, those that `name` answered. None when the record cannot be read."""
    try:
        settings = load_settings(home.settings_file)
        if settings.database_url is None and not home.database.is_file():
            return 0
        projects = load_projects(home.projects, settings.variables)
        return _count(home, settings, Scope.owner(project.scope for project in projects), name)
    except (StoreError, NotReady, BadFiles, OSError):
        return None


def newest_runs(home: Home, scope: Scope, count_max: int) -> list[tuple[str, str]]:
    """Id and request of the last runs on the server that nova.toml refers to. Never raises: no runs is an answer."""
    try:
        settings = load_settings(home.settings_file)
        if settings.database_url is None:
            return []
        from nova.store.glimpse_postgres import newest_runs as asked

        return asked(resolve_secret(settings.database_url), scope, count_max)
    except (StoreError, NotReady, BadFiles, OSError):
        return []


def newest_conversations(home: Home, scope: Scope, count_max: int) -> list[tuple[str, str, str]]:
    """Id, name and title of the last conversations on that server. Never raises: none is an answer."""
    try:
        settings = load_settings(home.settings_file)
        if settings.database_url is None:
            return []
        from nova.store.glimpse_postgres import newest_conversations as asked

        return asked(resolve_secret(settings.database_url), scope, count_max)
    except (StoreError, NotReady, BadFiles, OSError):
        return []


def _count(home: Home, settings: Settings, scope: Scope, name: str) -> int:
    from nova.store.opening import open_store
    from nova.store.runs import latest

    database = open_store(home, settings)
    try:
        with database.read() as connection:
            return sum(name in run.agents for run in latest(connection, scope, LOOKED_AT, top=False))
    finally:
        database.close()
