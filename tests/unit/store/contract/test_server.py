"""PostgreSQL's own: addresses, rights, what must be on the server. No message repeats a password."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import psycopg
import pytest
from tests.house.tree import ROOT
from tests.support.places import Place

from nova.core.errors import NovaError, StoreError
from nova.core.labels import Scope
from nova.store import generations
from nova.store.database import open_database_at

AIREP = Scope.of("airep")
PASSWORD = "pa55%40word"
NOWHERE = [
    f"postgresql://nova:{PASSWORD}@127.0.0.1:1/nova",
    f"postgresql://nova@127.0.0.1:1/nova?password={PASSWORD}",
    f"postgresql://nova:{PASSWORD}@@127.0.0.1/nova",
    f"postgresql://nova:{PASSWORD}@127.0.0.1:1/",
    f"postgresql://nova:{PASSWORD}@127.0.0.1:port/nova",
    f"postgresql://nova:pa55@{PASSWORD}@127.0.0.1/nova",
    f"mysql://nova:{PASSWORD}@127.0.0.1/nova",
    f"host=127.0.0.1 password={PASSWORD} dbname=nova",
    f"postgresql://nova:{PASSWORD}@127.0.0.1:1/nova?no_such_option={PASSWORD}",
    PASSWORD,
    "",
]


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_that_leads_nowhere_is_told_without_its_password(address: str) -> None:
    """No message, and no traceback, repeats what stands in an address beyond host, port and name."""
    with pytest.raises(NovaError) as told:
        open_database_at(address)
    shown = "".join(traceback.format_exception(told.value))
    assert "pa55" not in shown
    assert told.value.mend


def test_what_the_server_does_not_have_is_named(server_place: Place) -> None:
    """A database or a user that is not there is told by the server's own words, with where it was looked for."""
    base, _, tail = server_place.address.partition("?")
    with pytest.raises(StoreError, match=r"postgresql://.*/nowhere cannot be reached .*does not exist"):
        open_database_at(f"{base.rpartition('/')[0]}/nowhere?{tail}")
    with pytest.raises(StoreError, match=r"cannot be reached .*stranger"):
        open_database_at(f"postgresql://stranger@{base.partition('@')[2]}?{tail}")


def _as(place: Place, user: str) -> str:
    """The address with another user."""
    return place.address.replace("//nova@", f"//{user}@")


def test_a_server_without_pgvector_is_told_with_what_to_run(server_place: Place) -> None:
    """A user who may make tables but no extension is told what the server's administrator has to do; then it opens."""
    with psycopg.connect(server_place.address, autocommit=True) as administrator:
        administrator.execute("DROP ROLE IF EXISTS plain")
        administrator.execute("CREATE ROLE plain LOGIN")
        administrator.execute("GRANT CREATE, USAGE ON SCHEMA public TO plain")
        with pytest.raises(StoreError, match="no pgvector") as told:
            open_database_at(_as(server_place, "plain"))
        assert "CREATE EXTENSION vector" in told.value.mend
        administrator.execute("CREATE EXTENSION vector")
        database = open_database_at(_as(server_place, "plain"))
        with database.write() as connection:
            generations.step(connection, AIREP)
        assert database.empty_log()
        database.close()
        administrator.execute("DROP OWNED BY plain")
        administrator.execute("DROP ROLE plain")


def test_a_user_who_may_make_no_tables_is_told(server_place: Place) -> None:
    """Without the right to make tables nothing is made, and the message names the right."""
    with psycopg.connect(server_place.address, autocommit=True) as administrator:
        administrator.execute("CREATE EXTENSION vector")
        administrator.execute("DROP ROLE IF EXISTS reader")
        administrator.execute("CREATE ROLE reader LOGIN")
        with pytest.raises(StoreError, match="cannot be written") as told:
            open_database_at(_as(server_place, "reader"))
        assert "CREATE" in told.value.mend
        administrator.execute("DROP OWNED BY reader")
        administrator.execute("DROP ROLE reader")


_BARE = """
import sys
from pathlib import Path
from nova.store.database import open_database, open_database_at
open_database(Path(sys.argv[1])).close()
assert not [name for name in sys.modules if name.startswith("psycopg")], "psycopg is imported for a file"
sys.modules["psycopg"] = None
try:
    open_database_at("postgresql://nova:pa55@127.0.0.1:1/nova")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_file_needs_no_psycopg_and_a_server_says_how_to_get_it(tmp_path: Path) -> None:
    """A file opens without loading psycopg; where it was taken out, an address says how it comes back."""
    command = [sys.executable, "-c", _BARE, str(tmp_path / "nova.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("NotReady PostgreSQL needs the package psycopg")
    assert "Set Nova up again" in done.stdout
