"""The doctor on what understands and writes: the sentence encoder and the providers of language models."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nova.app.doctor.finding import Finding, note, ok
from nova.app.providers import Standing, standings
from nova.core.errors import NotReady
from nova.models.encoder_files import FILES
from nova.settings.definition import EncoderKind, RouterSettings, Settings
from nova.settings.secrets import resolve_secret

GET_ENCODER = "Get it: nova encoder install   (or from a file: nova encoder install PATH)"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderState:
    """problem: empty when both files are there with the published bytes."""

    problem: str = ""
    mend: str = ""


def encoder_state(folder: Path) -> EncoderState:
    """Hashes both files anew (0.1 s). Never raises."""
    for file in FILES:
        place = folder / file.name
        try:
            right = place.stat().st_size == file.size and _sha256(place) == file.sha256
        except FileNotFoundError:
            return EncoderState(problem=f"The sentence encoder is not installed in {folder}.", mend=GET_ENCODER)
        except OSError as error:
            return EncoderState(problem=f"{place} cannot be read: {error.strerror}.", mend="Check who owns it.")
        if not right:
            what = f"{place} does not hold the published bytes (sha256 {file.sha256[:12]}…)."
            return EncoderState(problem=what, mend=f"Delete it, then: nova encoder install   ({place})")
    return EncoderState()


def examine_encoder(router: RouterSettings, folder: Path) -> Finding:
    """The encoder that nova.toml names. Without it Nova routes by words alone, so nothing here is necessary."""
    match router.encoder:
        case EncoderKind.WORDS:
            return ok("encoder", "words alone, as [router] says; no synonyms are known")
        case EncoderKind.WORDLLAMA:
            if importlib.util.find_spec("wordllama") is None:
                return note("encoder", "wordllama is chosen and not installed", "python -m pip install wordllama")
            return ok("encoder", "wordllama")
        case EncoderKind.ENDPOINT:
            return _endpoint(router)
        case EncoderKind.MINILM:
            state = encoder_state(folder)
            if state.problem:
                return note("encoder", f"{state.problem} Routing goes by words alone.", state.mend)
            return ok("encoder", f"all-MiniLM-L6-v2 in {folder}, both files as published (sha256)")


def examine_providers(settings: Settings) -> Iterable[Finding]:
    """Those that a role names, or a single note that there is none."""
    found = standings(settings)
    used = [one for one in found if one.roles]
    for one in used:
        yield _provider(one)
    ready = [one.name for one in found if one.ready and not one.roles]
    if not used:
        seen = "no language model is configured; Nova answers by extraction, with citations"
        hint = f" (ready to be used: {', '.join(ready)})" if ready else ""
        yield note("models", seen + hint, "Add one: nova models")


def _provider(one: Standing) -> Finding:
    roles = ", ".join(one.roles)
    if one.ready:
        return ok("provider", f"{one.name} ({one.kind}, {one.address}) for {roles}; the key is there" if one.key
                  else f"{one.name} ({one.kind}, {one.address}) for {roles}; needs no key")  # fmt: skip
    first, *others = one.missing
    return note("provider", f"{one.name} for {roles} is not ready: the next model of the role is asked instead",
                " ".join([first, *others]))  # fmt: skip


def _endpoint(router: RouterSettings) -> Finding:
    seen = f"embeddings endpoint {router.endpoint}, model {router.endpoint_model}"
    try:
        if router.endpoint_key:
            resolve_secret(router.endpoint_key)
    except NotReady as error:
        return note("encoder", f"{seen}: {error.what}", error.mend)
    return ok("encoder", seen)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
