"""Static vectors of the optional wordllama package, offline. Knows its loading trap; refuses to download anything."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from nova.core.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nova.core.degradations import Degradation

    Floats = NDArray[np.float32]


class _Model(Protocol):
    def embed(self, texts: list[str], norm: bool) -> Floats: ...


class WordLlama:
    """Averages of static word vectors: 0.05 ms a text, ten points behind MiniLM at few examples."""

    name = "wordllama"
    degradations: tuple[Degradation, ...] = ()

    def __init__(self, model: _Model) -> None:
        self._model = model
        self.blocks = (self.read(["width"]).shape[1],)

    def read(self, texts: Sequence[str]) -> Floats:
        """Unit vectors; a text without a known word becomes the zero vector."""
        raw = np.asarray(self._model.embed([text or " " for text in texts], norm=False), np.float32)
        return raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), np.float32(1e-9))


def open_wordllama(folder: Path) -> WordLlama:
    """The installed package with its own weights. folder: where links to them may be made. Raises NotReady.

    The wheel ships its files in `weights/` and `tokenizers/` but looks for `tokenizer/`: both are linked where it
    looks.
    """
    try:
        package = importlib.import_module("wordllama")
    except ImportError as problem:
        raise NotReady("The package wordllama is not installed.", "`./nova setup wordllama` installs it.") from problem
    from pathlib import Path

    shipped = Path(str(package.__file__)).parent
    try:
        for kept, looked_for in (("weights", "weights"), ("tokenizers", "tokenizers"), ("tokenizers", "tokenizer")):
            (folder / looked_for).mkdir(parents=True, exist_ok=True)
            for file in (shipped / kept).iterdir() if (shipped / kept).is_dir() else ():
                link = folder / looked_for / file.name
                if not link.exists():
                    link.symlink_to(file)
        model = package.WordLlama.load(cache_dir=folder, disable_download=True)
    except (OSError, ValueError, RuntimeError) as problem:
        raise NotReady(
            f"wordllama could not be loaded: {problem}.", "Use the default encoder, or reinstall wordllama."
        ) from problem
    return WordLlama(cast("_Model", model))
