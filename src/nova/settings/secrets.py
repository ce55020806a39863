"""Secrets by reference: where a key lies, never the key. Resolves one at the moment it is used; writes none down."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, cast

from nova.core.errors import NotReady

SECRET_BYTES_MAX = 20_000
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FORMS = "env:NAME, keyring:SERVICE/NAME or file:PATH"
HIDDEN = "[secret]"
_resolved: set[str] = set()  # of this process, in memory only, so that `hide_secrets` knows what to take out


class SecretPlace(StrEnum):
    """Where a secret can lie."""

    ENV = "env"
    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """A place and a name there. Printing it shows no secret."""

    place: SecretPlace
    name: str

    def __str__(self) -> str:
        return f"{self.place.value}:{self.name}"


def parse_reference(text: str) -> SecretReference | None:
    """The reference that `text` writes down, or None when it is none (most likely a secret itself: never repeat it)."""
    place, colon, name = text.partition(":")
    name = name.strip()
    if not colon or place not in set(SecretPlace) or not name:
        return None
    well_formed = {
        SecretPlace.ENV: _ENVIRONMENT.fullmatch(name) is not None,
        SecretPlace.KEYRING: all(name.partition("/")),
        SecretPlace.FILE: True,
    }
    return SecretReference(place=SecretPlace(place), name=name) if well_formed[SecretPlace(place)] else None


def resolve_secret(reference: SecretReference) -> str:
    """The secret itself. Raises NotReady, with what to do, when it is not there."""
    match reference.place:
        case SecretPlace.ENV:
            secret, mend = os.environ.get(reference.name, ""), f"Set it: export {reference.name}=..."
        case SecretPlace.KEYRING:
            secret, mend = _from_keyring(reference.name), f"Store it: keyring set {reference.name.replace('/', ' ', 1)}"
        case SecretPlace.FILE:
            secret, mend = _from_file(reference), "Write the secret into it, as its only line."
    if not secret.strip():
        raise NotReady(f"The secret {reference} is empty or not there.", mend)
    _resolved.add(secret.strip())
    return secret.strip()


def hide_secrets(text: str) -> str:
    """`text` without any secret that was resolved so far: servers repeat keys in their error messages."""
    for secret in _resolved:
        text = text.replace(secret, HIDDEN)
    return text


def _from_file(reference: SecretReference) -> str:
    try:
        with Path(reference.name).expanduser().open("rb") as stream:
            return stream.read(SECRET_BYTES_MAX).decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise NotReady(f"The secret {reference} cannot be read: {reason}.", "Check the file.") from None


class _Keyring(Protocol):
    def get_password(self, service_name: str, username: str) -> str | None: ...


def _from_keyring(name: str) -> str:
    try:
        keyring = cast(_Keyring, importlib.import_module("keyring"))
    except ImportError:
        raise NotReady(
            f"The secret keyring:{name} needs the package keyring, which is not installed.",
            "Install it (python -m pip install keyring), or use env:NAME or file:PATH.",
        ) from None
    service, _, user = name.partition("/")
    try:
        return keyring.get_password(service, user) or ""
    except Exception as error:  # backends raise errors of their own kinds; none of them may end Nova
        raise NotReady(f"The keyring refused {name}: {type(error).__name__}.", "Unlock it and try again.") from error
