"""A home whose store is a PostgreSQL: asked, looked at and explained as any other, and no password is shown."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from tests.integration.terminal import Terminal
from tests.support.postgres_server import running_postgres

from nova.testing.house import a_home

PASSWORD = "pa55word-in-the-address"


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    """An empty database for this file's tests; the server trusts whoever comes over its socket."""
    with running_postgres() as given:
        with psycopg.connect(given.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE nova")
        yield given.format("nova").replace("nova@", f"nova:{PASSWORD}@")


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A home with one small project, whose nova.toml refers to a database by an environment variable."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n\nThe deposit is 30 percent of the order.\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    a_home(tmp_path / "home", projects={"shop": ("parts-shop", folder)})
    file = tmp_path / "home" / "nova.toml"
    text = file.read_text(encoding="utf-8")
    assert "\n# database_url = " in text
    file.write_text(text.replace("# database_url = ", "database_url = "), encoding="utf-8")
    return Terminal(tmp_path, folder)


def test_a_question_is_asked_recorded_and_explained(at: Terminal, address: str) -> None:
    """The run is in the server and nowhere else: the list, the explanation, the doctor and TAB all find it."""
    asked = at.nova("ask", "-a", "parts-catalogue", "how much is the deposit?", NOVA_DATABASE_URL=address)
    assert asked.code == 0, asked.err
    assert "30 percent" in asked.out
    assert not (at.home / ".nova" / "nova.db").exists()
    (run,) = at.nova("runs", "--json", NOVA_DATABASE_URL=address).values
    why = at.nova("why", str(run["run"]), NOVA_DATABASE_URL=address)
    assert (why.code, why.clean) == (0, True)
    assert "deposit" in why.out
    looked = at.nova("doctor", NOVA_DATABASE_URL=address)
    assert looked.code == 0, looked.out
    assert "PostgreSQL 18" in looked.out
    assert "1 runs" in looked.out
    for shown in (asked, why, looked):
        assert PASSWORD not in shown.out + shown.err


def test_a_database_that_cannot_be_reached_is_told_without_its_password(at: Terminal) -> None:
    """No variable, a wrong address and a server that is not there: a sentence each, the exit code of its error."""
    unset = at.nova("ask", "how much is the deposit?")
    assert (unset.code, unset.clean) == (3, True)
    assert "export NOVA_DATABASE_URL" in unset.err
    for command, wrong in (
        ("runs", f"mysql://nova:{PASSWORD}@127.0.0.1/nova"),
        ("runs", f"postgresql://nova:{PASSWORD}@127.0.0.1:1/nova"),
        ("doctor", f"postgresql://nova:{PASSWORD}@127.0.0.1:1/nova"),
    ):
        shown = at.nova(command, NOVA_DATABASE_URL=wrong)
        assert shown.code == (3 if command == "doctor" else 4), shown.out + shown.err
        assert shown.clean
        assert "postgresql://" in shown.out + shown.err
        assert PASSWORD not in shown.out + shown.err


def test_an_address_in_the_file_itself_is_refused(at: Terminal) -> None:
    """nova.toml is committed: an address in it is a problem with its line, and is not repeated."""
    file = at.home / "nova.toml"
    written = file.read_text(encoding="utf-8").replace("env:NOVA_DATABASE_URL", f"postgresql://nova:{PASSWORD}@db/nova")
    file.write_text(written, encoding="utf-8")
    shown = at.nova("runs")
    assert shown.code == 2
    assert "nova.toml:" in shown.err
    assert "env:NAME" in shown.err
    assert PASSWORD not in shown.out + shown.err
