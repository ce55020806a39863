"""Identifiers a person can read out and type. Refuses to know what they name."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
ID_LENGTH = 10


def new_id(prefix: str) -> str:
    """`prefix` and ten random characters, 50 bits: a collision among a million has odds of 1 in 2,000.

    Commands accept any unique beginning, as git does for commits.
    """
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


def id_of(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what is read from a file twice stays one thing."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=ID_LENGTH).digest()
    return prefix + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)
