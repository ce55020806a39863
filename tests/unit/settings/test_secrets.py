"""A secret is named by where it lies, and fetched at the moment of use."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from nova.core.errors import NotReady
from nova.settings.secrets import SecretPlace, SecretReference, parse_reference, resolve_secret


def reference(text: str) -> SecretReference:
    parsed = parse_reference(text)
    assert parsed is not None
    assert str(parsed) == text
    return parsed


@pytest.mark.parametrize(
    "text", ["sk-ant-123", "", "env:", "env:my key", "env:sk-1", "keyring:name", "vault:x", "ENV:X", "file: "]
)
def test_what_is_no_reference(text: str) -> None:
    """What does not name a place is no reference: most likely it is the secret itself."""
    assert parse_reference(text) is None


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """env: reads the variable, and an empty one is not there."""
    monkeypatch.setenv("MY_KEY", " secret\n")
    assert resolve_secret(reference("env:MY_KEY")) == "secret"
    monkeypatch.setenv("MY_KEY", "")
    with pytest.raises(NotReady, match=r"The secret env:MY_KEY is empty or not there\. Set it: export MY_KEY="):
        resolve_secret(reference("env:MY_KEY"))


def test_from_a_file(tmp_path: Path) -> None:
    """file: reads the file without its last line feed; a folder, a missing file and bytes are told apart."""
    (tmp_path / "key").write_text("secret\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert resolve_secret(reference(f"file:{tmp_path}/key")) == "secret"
    for name, said in {"none": "empty or not there", "bytes": "not UTF-8", ".": "cannot be read"}.items():
        with pytest.raises(NotReady, match=said):
            resolve_secret(SecretReference(place=SecretPlace.FILE, name=str(tmp_path / name)))


def test_from_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """keyring: asks the keyring for service and name; without the package it says what to install."""
    ring = types.ModuleType("keyring")
    kept = {("nova", "openai"): "secret"}
    setattr(ring, "get_password", lambda service, name: kept.get((service, name)))  # noqa: B010  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType, reportUnknownMemberType]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert resolve_secret(reference("keyring:nova/openai")) == "secret"
    with pytest.raises(NotReady, match="keyring set nova other"):
        resolve_secret(reference("keyring:nova/other"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NotReady, match="package keyring, which is not installed"):
        resolve_secret(reference("keyring:nova/openai"))
