"""The real encoder, the shipped questions that are nobody's job, and one head for all tests of the router."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.coordinator.rosters import WORKSHOP

from nova.coordinator.fitting import fit_head
from nova.coordinator.head import Head
from nova.coordinator.nobody import NobodysJob, load_nobody
from nova.coordinator.zones import ZoneSettings
from nova.models.encoder_files import encoder_folder, installed
from nova.models.encoders import Encoder
from nova.models.encoding import open_encoder

CATALOG = Path(__file__).parents[3] / "catalog"
SMALL = ZoneSettings(examples_total_min=60, error_max=0.2)  # 72 examples certify one error in five, never one in fifty


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """MiniLM from the cache; `./test` installs it."""
    if not installed(encoder_folder()):
        pytest.skip("the sentence encoder is not installed: nova encoder install")
    return open_encoder()


@pytest.fixture(scope="session")
def nobody() -> NobodysJob:
    """The shipped questions."""
    return load_nobody(CATALOG)


@pytest.fixture(scope="session")
def head(encoder: Encoder, nobody: NobodysJob) -> Head:
    """The workshop's head, with its cut-offs."""
    return fit_head(WORKSHOP, encoder, nobody=nobody, settings=SMALL)
