"""A home for walks, made anew for each test from a database that is made once."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support.a_crew import AHome, home_at

from nova.store.database import open_database


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows; migrating takes half a second."""
    file = tmp_path_factory.mktemp("empty") / "nova.db"
    database = open_database(file)
    database.empty_log()
    database.close()
    return file


@pytest.fixture
def home(tmp_path: Path, empty: Path) -> Generator[AHome]:
    """A real database on a file of its own."""
    shutil.copy(empty, tmp_path / "nova.db")
    made = home_at(tmp_path)
    yield made
    made.database.close()
