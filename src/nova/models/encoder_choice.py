"""Which encoder is wanted, as values. Knows what each kind needs; refuses to open one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nova.models.encoder_files import encoder_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniLMChoice:
    """The default: all-MiniLM-L6-v2 on this machine, from its pinned files; words alone where they are absent."""

    folder: Path = field(default_factory=encoder_folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsChoice:
    """Words alone, on purpose: nothing is loaded, and nothing is said to be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLlamaChoice:
    """Static vectors of the wordllama package, with its weights from a folder of its own."""

    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChoice:
    """Any server that speaks OpenAI's /v1/embeddings.

    base_url ends in /v1; key may be empty; egress is the caller's to allow.
    """

    base_url: str
    model: str
    key: str = ""
    timeout_seconds: float = 30.0


EncoderChoice = MiniLMChoice | WordsChoice | WordLlamaChoice | EndpointChoice
