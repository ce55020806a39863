"""Chooses the encoder by the settings and says what is less than it should be.

Knows the four kinds; loads only the chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from nova.core.degradations import Degradation, DegradationKind
from nova.models.encoder_choice import EncoderChoice, EndpointChoice, MiniLMChoice, WordLlamaChoice, WordsChoice
from nova.models.encoder_files import installed, open_minilm
from nova.models.encoders import Encoder
from nova.models.ngrams import WordsOnly

if TYPE_CHECKING:
    from collections.abc import Callable

    from nova.models.encoders import Network, VectorMemory


def open_encoder(choice: EncoderChoice | None = None, memory: VectorMemory | None = None) -> Encoder:
    """The chosen encoder (None: MiniLM's default folder). Loading happens here; never raises for absent weights."""
    return Encoder(open_network(choice or MiniLMChoice()), memory)


def open_network(choice: EncoderChoice) -> Network:
    """The chosen network itself, without a memory; words alone where it cannot be had."""
    match choice:
        case MiniLMChoice():
            return open_minilm(choice.folder) if installed(choice.folder) else WordsOnly()
        case WordsChoice():
            return WordsOnly(chosen=True)
        case WordLlamaChoice():
            from nova.models.wordllama_vectors import open_wordllama

            return _or_words(lambda: open_wordllama(choice.folder), "wordllama")
        case EndpointChoice():
            from nova.models.embeddings_endpoint import open_endpoint

            return _or_words(lambda: open_endpoint(choice), f"the embeddings endpoint {choice.base_url}")
    assert_never(choice)


def _or_words(open_network: Callable[[], Network], name: str) -> Network:
    from nova.core.errors import NovaError

    try:
        return open_network()
    except NovaError as problem:
        lost = Degradation(
            kind=DegradationKind.NO_ENCODER,
            what=f"Routing and recall went by words alone, because {name} could not be used: {problem.what}",
            mend=problem.mend,
        )
        return WordsOnly(lost=lost)
