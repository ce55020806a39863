"""How often an agent ran of late. Knows the store; refuses to fail when there is none yet."""

from __future__ import annotations

from nova.core.errors import BadFiles, StoreError
from nova.core.labels import Scope
from nova.projects.load import load_projects
from nova.settings.home import Home
from nova.settings.load import load_settings

LOOKED_AT = 500


def runs_of_agent(home: Home, name: str) -> int | None:
    """Among the last 500 runs, parts included, those that `name` answered. None when the record cannot be read."""
    try:
        if not home.database.is_file():
            return 0
        projects = load_projects(home.projects, load_settings(home.settings_file).variables)
        return _count(home, Scope.owner(project.scope for project in projects), name)
    except (StoreError, BadFiles, OSError):
        return None


def _count(home: Home, scope: Scope, name: str) -> int:
    from nova.store.database import open_database
    from nova.store.runs import latest

    database = open_database(home.database)
    try:
        with database.read() as connection:
            return sum(name in run.agents for run in latest(connection, scope, LOOKED_AT, top=False))
    finally:
        database.close()
