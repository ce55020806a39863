"""All of the doctor's rounds in order. What one cannot look at is itself a finding, so no round ends another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nova.app.doctor.database import examine_database
from nova.app.doctor.durable import examine_durable, examine_sandbox
from nova.app.doctor.files import NO_HOME, examine_files, settings_of
from nova.app.doctor.finding import Finding, State, missing, ok
from nova.app.doctor.machine import examine_machine
from nova.app.doctor.models import examine_encoder, examine_providers
from nova.core.errors import NovaError
from nova.core.json import Json
from nova.settings.definition import Settings
from nova.settings.home import Home


def examine(home: Home) -> tuple[Finding, ...]:
    """Everything that was found, machine first."""
    found = [*_round("machine", lambda: examine_machine(home))]
    exists = [*_round("home", lambda: [_home(home)])]
    found += exists
    there = all(one.state is State.OK for one in exists)
    settings = Settings()
    if there:
        settings, said = settings_of(home)
        found += said
        found += _round("files", lambda: examine_files(home, settings))
        database = _round("database", lambda: [examine_database(home, settings)])
        found += database
        if all(one.state is not State.MISSING for one in database):
            found += _round("durable work", lambda: examine_durable(home, settings))
    found += _round("sandbox", lambda: [examine_sandbox()])
    found += _round("encoder", lambda: [examine_encoder(settings.router, home.encoder)])
    found += _round("models", lambda: examine_providers(settings))
    return tuple(found)


def usable(found: Iterable[Finding]) -> bool:
    """Whether Nova can answer like this."""
    return all(one.state is not State.MISSING for one in found)


def finding_json(one: Finding) -> dict[str, Json]:
    """A finding for scripts."""
    return {"what": one.what, "state": one.state.value, "seen": one.seen, "mend": one.mend}


def _home(home: Home) -> Finding:
    if home.exists:
        return ok("home", str(home.root))
    return missing("home", f"there is no Nova home in {home.root}", NO_HOME)


def _round(what: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """A round's findings up to the one that could not be made, which is told as a finding of its own."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except NovaError as error:
        found.append(missing(what, error.what, error.mend))
    except OSError as error:
        seen = f"{error.filename or 'a file'} cannot be looked at: {error.strerror or error}"
        found.append(missing(what, seen, "Check who owns it and its folders."))
    return found
