"""The doctor on the database, a file or a server: can it be used, of which version is it, how much is in it."""

from __future__ import annotations

from nova.app.doctor.finding import Finding, missing, ok
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.secrets import resolve_secret
from nova.store import glimpse


def examine_database(home: Home, settings: Settings) -> Finding:
    """The database: whole, of a version this Nova knows, how many runs. Raises NotReady, StoreError for a server."""
    if settings.database_url is None:
        return _file(home)
    from nova.store.glimpse_postgres import look_at

    seen = look_at(resolve_secret(settings.database_url))
    if problem := _newer(seen.place, seen.version):
        return problem
    version = f"version {seen.version or 'none'}{_later(seen.version)}"
    return ok("database", f"{seen.place}: {seen.server}, {version}, {seen.runs} runs, {seen.size / 1e6:.1f} MB")


def _file(home: Home) -> Finding:
    file = home.database
    if not file.exists():
        return ok("database", f"{file}: none yet, made with the first question")
    seen = glimpse.look(file)
    if seen.problem:
        mend = "Close what else uses it. If that does not help: move it aside and restore a backup."
        return missing("database", f"{file} cannot be used: {seen.problem}", mend)
    if problem := _newer(str(file), seen.version):
        return problem
    version = f"version {seen.version or 'none'}{_later(seen.version)}"
    return ok("database", f"{file}: whole, {version}, {seen.runs} runs, {file.stat().st_size / 1e6:.1f} MB")


def _newer(place: str, version: str) -> Finding | None:
    from nova.store.migrate import HEAD, VERSIONS

    if not version or version in VERSIONS:
        return None
    what = f"{place} was written by a newer Nova (version {version}; this Nova knows {HEAD})"
    return missing("database", what, "Update Nova, or use another database.")


def _later(version: str) -> str:
    from nova.store.migrate import HEAD

    return "" if version == HEAD else f", brought up to {HEAD} when it is next used"
