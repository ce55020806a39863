"""How the engine opens its database: the home's own, with the clock and the patience it needs, and no secret shown."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.support.places import opened

from nova.pipelines.engine import Client, Ground, ground_of
from nova.pipelines.engine_ground import LegFailed, PlainJson, lent_clock, open_engine
from nova.settings.definition import Settings
from nova.settings.home import Home
from nova.settings.secrets import SecretPlace, SecretReference


def test_the_ground_is_the_store_s_own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine lies in the home's file, or in the PostgreSQL its settings refer to; no text shows the address."""
    home = Home(root=tmp_path, data=tmp_path / ".nova", cache=tmp_path)
    assert ground_of(home, Settings(store_synchronous="full")) == Ground(file=home.database, synchronous="full")
    monkeypatch.setenv("NOVA_DATABASE_URL", "postgresql://nova:geheim@localhost:5432/nova")
    reference = SecretReference(place=SecretPlace.ENV, name="NOVA_DATABASE_URL")
    ground = ground_of(home, Settings(database_url=reference))
    assert ground.conninfo == "postgresql://nova:geheim@localhost:5432/nova"
    assert ground.place == "postgresql://localhost:5432/nova"
    assert "geheim" not in repr(ground)


@pytest.mark.parametrize(("synchronous", "number"), [("normal", 1), ("full", 2)])
def test_a_file_is_opened_as_the_store_opens_it(tmp_path: Path, synchronous: str, number: int) -> None:
    """Every connection writes ahead, is as safe as the setting says, waits for others, and knows the time."""
    engine = open_engine(Ground(file=tmp_path / "nova #1?.db", synchronous=synchronous))
    with engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
        assert said == {"journal_mode": "wal", "synchronous": number, "busy_timeout": 30_000, "foreign_keys": 1}
        assert abs(connection.exec_driver_sql("SELECT unixepoch('subsec')").scalar_one() - time.time()) < 5
    engine.dispose()
    assert (tmp_path / "nova #1?.db").exists()


def test_the_clock_is_lent_to_the_store_s_connections(tmp_path: Path) -> None:
    """A connection of the store can fill a column whose default is the engine's clock, and trusts no column after."""
    database = opened(str(tmp_path / "nova.db"))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE clocked (id, at NOT NULL DEFAULT (unixepoch('subsec') * 1000))")
        with lent_clock(connection.connection.driver_connection):
            connection.exec_driver_sql("INSERT INTO clocked (id) VALUES (1)")
        assert connection.exec_driver_sql("PRAGMA trusted_schema").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT at FROM clocked").scalar_one() > 1_700_000_000_000
    database.close()


def test_opening_twice_makes_the_tables_once(tmp_path: Path) -> None:
    """A client on a new file makes the engine's tables beside the store's; the next one finds them, even while one
    writes.
    """
    ground = Ground(file=tmp_path / "nova.db")
    database = opened(str(ground.file))
    first = Client.open(ground)
    with database.write():
        second = Client.open(ground)
        assert second.unfinished() == ()
    first.close()
    second.close()
    database.close()


def test_errors_are_written_without_their_words() -> None:
    """Values are JSON; of an error only the name of its class is kept, and comes back as that."""
    plain = PlainJson()
    assert plain.deserialize(plain.serialize({"args": ("r1", 1), "kwargs": {}})) == {"args": ["r1", 1], "kwargs": {}}
    assert plain.serialize(ValueError("geheim")) == '{"error":"ValueError"}'
    back = plain.deserialize(plain.serialize(LegFailed("StoreError")))
    assert isinstance(back, LegFailed)
    assert str(back) == "StoreError"
    with pytest.raises(TypeError):
        plain.serialize(object())
