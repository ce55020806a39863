"""Vectors from any server with OpenAI's /v1/embeddings. Knows the wire format; refuses to know why they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import numpy as np
from pydantic import BaseModel, ValidationError

from nova.core.errors import ProviderPermanent, ProviderTransient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nova.core.degradations import Degradation
    from nova.models.encoder_choice import EndpointChoice

    Floats = NDArray[np.float32]

TEXTS_MAX = 128  # in one call
ANSWER_BYTES_MAX = 64 << 20


class _Item(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Item]


class Endpoint:
    """A network behind a server. Its width is what the first answer had."""

    degradations: tuple[Degradation, ...] = ()

    def __init__(self, choice: EndpointChoice, client: httpx2.Client) -> None:
        self._choice = choice
        self._client = client
        self.name = f"{choice.model} at {choice.base_url}"
        self.blocks: tuple[int, ...] = (0,)
        self.blocks = (self.read(["width"]).shape[1],)

    def read(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of the texts. Raises ProviderTransient or ProviderPermanent."""
        parts = [self._call(texts[start : start + TEXTS_MAX]) for start in range(0, len(texts), TEXTS_MAX)]
        vectors = np.concatenate(parts)
        if self.blocks[0] and vectors.shape[1] != self.blocks[0]:
            raise ProviderPermanent(f"{self.name} changed the width of its vectors.", "Restart Nova to fit anew.")
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))

    def _call(self, texts: Sequence[str]) -> Floats:
        headers = {"Authorization": f"Bearer {self._choice.key}"} if self._choice.key else {}
        body = {"model": self._choice.model, "input": [text or " " for text in texts], "encoding_format": "float"}
        try:
            answer = self._client.post(f"{self._choice.base_url.rstrip('/')}/embeddings", json=body, headers=headers)
        except httpx2.HTTPError as problem:
            raise ProviderTransient(
                f"{self.name} did not answer ({type(problem).__name__}).", "Is it running?"
            ) from problem
        if answer.status_code >= 400:
            kind = (
                ProviderTransient
                if answer.status_code in (408, 429) or answer.status_code >= 500
                else ProviderPermanent
            )
            raise kind(f"{self.name} answered {answer.status_code}.", "Check base_url, model and key in nova.toml.")
        if len(answer.content) > ANSWER_BYTES_MAX:
            raise ProviderPermanent(f"{self.name} sent more than {ANSWER_BYTES_MAX >> 20} MB.")
        try:
            items = sorted(_Answer.model_validate_json(answer.content).data, key=lambda item: item.index)
            vectors = np.array([item.embedding for item in items], np.float32)
        except (ValidationError, ValueError) as problem:
            raise ProviderPermanent(f"{self.name} sent something that is no list of embeddings.") from problem
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ProviderPermanent(f"{self.name} sent {len(items)} vectors for {len(texts)} texts, or uneven ones.")
        return vectors


def open_endpoint(choice: EndpointChoice) -> Endpoint:
    """The endpoint, asked once for its width. Raises ProviderTransient or ProviderPermanent."""
    return Endpoint(choice, httpx2.Client(timeout=choice.timeout_seconds))
