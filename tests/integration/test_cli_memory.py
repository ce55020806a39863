"""nova memory as a person meets it: what each command shows, what it asks for next, and its exit code."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.integration.terminal import Shown, Terminal, repository
from typer.testing import CliRunner

from nova.cli.main import app
from nova.core.json import Json
from nova.testing.house import a_home

DECISION = "# 1. Rounding\n\nStatus: accepted\n\n## Decision\n\nWe round money half-even, because the office does.\n"
FILE = "docs/decisions/0001-rounding.md"
CANARY = "xylophon-4711-quetzal"


class Here(Terminal):
    """A terminal whose commands run in this process: the whole command line, without a second to start each."""

    def nova(self, *words: str, **extra: str) -> Shown:
        """Types `nova WORDS`."""
        places = {"NOVA_HOME": str(self.home), "NOVA_CACHE": str(self.folder / "cache"), "COLUMNS": "120", **extra}
        ran = CliRunner().invoke(app, list(words), env=places)
        assert isinstance(ran.exception, SystemExit | None), f"{words}: {ran.exception!r}"
        return Shown(ran.exit_code, ran.stdout, ran.stderr)


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a home and one project, shop."""
    place = repository(tmp_path / "shop", **{FILE.replace("/", "__").replace(".md", "_dot_md"): DECISION})
    assert Terminal(tmp_path, place).nova("init").code == 0
    return Here(tmp_path, place)


def added(at: Terminal, *words: str) -> dict[str, Json]:
    """The first note of `nova memory add WORDS`."""
    shown = at.nova("memory", "add", *words, "--json")
    assert shown.code == 0, shown.err
    return shown.values[0]


def listed(at: Terminal, *words: str) -> list[str]:
    """The texts that `nova memory list` shows to a script."""
    return [str(one["text"]) for one in at.nova("memory", "list", "--json", *words).values]


def fine(shown: Shown) -> str:
    """What was shown by a command that went well."""
    assert (shown.code, shown.clean) == (0, True), shown.err
    return shown.out


def test_a_note_is_added_listed_searched_and_explained(at: Terminal) -> None:
    """What was kept is in the list, is found by a question, and tells its chain by its id and by a claim."""
    assert "No notes. Keep one" in fine(at.nova("memory", "list", "--kind", "howto"))
    shown = fine(at.nova("memory", "add", "Deploys run on Tuesdays.", "--kind", "fact", "-p", "shop", "--why", "quiet"))
    assert shown.startswith("added: n")
    assert "Deploys run on Tuesdays." in shown
    [note] = at.nova("memory", "list", "--kind", "fact", "--json").values
    identity = str(note["id"])
    assert identity in fine(at.nova("memory", "list", "-p", "shop"))
    found = at.nova("memory", "search", "when do deploys run?")
    assert "Deploys run on Tuesdays." in fine(found)
    assert f"note {identity}" in found.err
    [hit] = at.nova("memory", "search", "deploys", "--json").values
    assert (hit["tier"], hit["id"]) == ("note", identity)
    for claim in (identity[:6], "deploys run on Tuesdays"):
        chain = fine(at.nova("memory", "why", claim))
        assert identity in chain
        assert "state      holds" in chain
        assert "why        quiet" in chain
        assert "source     owner the owner" in chain
        assert "recorded by you" in chain
    nothing = at.nova("memory", "why", "elephants never forget anything")
    assert (nothing.code, nothing.clean) == (1, True)
    assert "No note says anything like" in nothing.out


def test_a_note_is_superseded_and_that_is_taken_back(at: Terminal) -> None:
    """The new sentence holds and names what it replaced; undo turns it round; both stay in the history."""
    old = str(added(at, "Deploys run on Tuesdays.", "--kind", "fact", "-p", "shop")["id"])
    shown = fine(at.nova("memory", "supersede", old, "Deploys run on Wednesdays.", "--why", "the market moved"))
    assert f"supersedes: {old}" in shown
    assert listed(at, "--kind", "fact") == ["Deploys run on Wednesdays."]
    assert listed(at, "--status", "superseded") == ["Deploys run on Tuesdays."]
    again = at.nova("memory", "supersede", old, "Deploys run on Fridays.")
    assert (again.code, again.clean) == (2, True)
    assert "holds instead" in again.err
    [new] = at.nova("memory", "list", "--kind", "fact", "--json").values
    assert "replaced" in fine(at.nova("memory", "why", str(new["id"])))
    assert f"Holds again: {old}" in fine(at.nova("memory", "undo", str(new["id"])))
    assert listed(at, "--kind", "fact") == ["Deploys run on Tuesdays."]
    twice = at.nova("memory", "undo", str(new["id"]))
    assert (twice.code, twice.clean) == (2, True)


def test_steps_and_questions_are_done_and_notes_confirmed(at: Terminal) -> None:
    """A step that is done is open no longer; a fact is confirmed; a fact has nothing to be done."""
    step = str(added(at, "Write the offer for the gate.", "--kind", "intention", "-p", "shop")["id"])
    fact = str(added(at, "The gate is green.", "--kind", "fact", "-p", "shop")["id"])
    assert "Done: Write the offer" in fine(at.nova("memory", "done", step, "--why", "sent"))
    assert at.nova("memory", "done", step).code == 2
    assert at.nova("memory", "done", fact).code == 2
    assert f"{fact} holds, looked at today." in fine(at.nova("memory", "confirm", fact))
    promoted = at.nova("memory", "promote", fact)
    assert (promoted.code, "nothing to confirm" in promoted.err) == (2, True)
    assert "says it now" in fine(at.nova("memory", "promote", fact, "--to-profile"))
    assert "- The gate is green." in (at.home / "profile.md").read_text(encoding="utf-8")
    assert "Profile: The gate is green." in at.git("log", "--format=%s")


def test_two_notes_that_may_contradict_each_other_wait_for_a_word(at: Terminal) -> None:
    """The queue shows the pair and the commands; after settle one holds, and nothing waits any more."""
    old = str(added(at, "The staging server has 8 GB of memory.", "--kind", "fact", "-p", "shop")["id"])
    new = str(added(at, "The staging server has 16 GB of memory.", "--kind", "fact", "-p", "shop")["id"])
    with sqlite3.connect(at.home / ".nova" / "nova.db") as raw:  # as it is found where the encoder is at hand
        raw.execute("DELETE FROM note_links")
        raw.execute(
            "INSERT INTO note_links(source, kind, target, scope, label, at, why, settled_at) "
            "SELECT ?, 'conflicts-with', ?, scope, label, recorded_at, 'another value', '' FROM notes WHERE id = ?",
            (new, old, new),
        )
    waits = fine(at.nova("memory", "queue"))
    assert f"nova memory settle {new} {old}" in waits
    assert f"{new} holds; {old} is superseded by it." in fine(at.nova("memory", "settle", new, old))
    assert listed(at, "--kind", "fact") == ["The staging server has 16 GB of memory."]
    assert "Nothing waits for you." in fine(at.nova("memory", "queue"))
    again = at.nova("memory", "settle", new, old)
    assert (again.code, again.clean) == (2, True)
    home = str(added(at, "The office is in Graz.", "--kind", "fact")["id"])
    walls = at.nova("memory", "settle", new, home)
    assert (walls.code, "neither takes the other's place" in walls.err) == (2, True)


def test_forgetting_shows_first_and_leaves_nothing(at: Terminal) -> None:
    """Without --yes nothing changes; with it no byte is left in the home; a second time there is nothing to forget."""
    asked = at.nova("ask", "-a", "memory-keeper", "--json", f"Remember that the alarm word is {CANARY}.").value
    place = at.home / "projects" / "shop.md"
    place.write_text(f"{place.read_text(encoding='utf-8')}\nIts word is {CANARY}.\n", encoding="utf-8")
    dry = at.nova("memory", "forget", CANARY)
    assert dry.code == 0
    for part in ("note ", "turn ", "run ", str(asked["run"]), "your own text", "shop.md"):
        assert part in dry.out, dry.out
    assert "--yes" in dry.err
    assert any(CANARY in text for text in listed(at))
    done = at.nova("memory", "forget", CANARY, "--yes")
    assert "No trace is left in the database" in done.err
    files = [file for file in (at.home / ".nova").rglob("*") if file.is_file()]
    assert [file for file in files if CANARY.encode() in file.read_bytes()] == []
    place.write_text(place.read_text(encoding="utf-8").replace(CANARY, "secret"), encoding="utf-8")
    twice = at.nova("memory", "forget", CANARY, "--yes")
    assert (twice.code, twice.clean) == (1, True)
    assert "Nothing in the memory holds" in twice.out
    assert at.nova("memory", "forget", "ab").code == 2


def test_what_files_no_longer_say_is_found_by_checking(at: Terminal) -> None:
    """check marks the note whose file was edited and lifts the mark again; verify, embed, stats and backup agree."""
    assert at.nova("projects", "add", str(at.at)).code in (0, 2)  # init has added it where it stands in one
    if not listed(at, "--kind", "decision"):
        pytest.fail("the decision of the project was not read")
    assert "hold" in fine(at.nova("memory", "check"))
    file = at.at / FILE
    file.write_text(DECISION.replace("half-even", "half-up"), encoding="utf-8")
    changed = at.nova("memory", "check")
    assert (changed.code, "no longer says" in changed.out) == (1, True)
    assert "Stale:" in fine(at.nova("memory", "queue"))
    file.write_text(DECISION, encoding="utf-8")
    assert at.nova("memory", "check", "--json").code == 0
    assert "Nothing waits for you." in fine(at.nova("memory", "queue"))
    assert "agree" in fine(at.nova("memory", "verify"))
    assert "were read into vectors" in fine(at.nova("memory", "embed"))
    assert "decision" in fine(at.nova("memory", "stats"))
    copy = at.folder / "copy.db"
    assert "bytes" in fine(at.nova("memory", "backup", str(copy)))
    assert copy.is_file()
    again = at.nova("memory", "backup", str(copy))
    assert (again.code, "is there already" in again.err) == (2, True)


def test_a_damaged_index_is_told_and_mended(at: Terminal) -> None:
    """verify says what is damaged with exit code 1; search mends by itself, says so, and finds."""
    added(at, "The gate is green.", "--kind", "fact", "-p", "shop")
    with sqlite3.connect(at.home / ".nova" / "nova.db") as raw:
        raw.execute("DELETE FROM notes_words_data")
    told = at.nova("memory", "verify")
    assert (told.code, "notes_words is damaged" in told.out) == (1, True)
    found = at.nova("memory", "search", "gate")
    assert "The gate is green." in fine(found)
    assert "! The text index notes_words was damaged; it was rebuilt from" in found.err
    assert "agree" in fine(at.nova("memory", "verify"))


COMMANDS = (
    ("list",), ("search", "gate"), ("why", "gate keeper"), ("queue",), ("check",), ("verify",), ("stats",),
    ("add", "The gate is green.", "--kind", "fact"), ("supersede", "n0", "x"), ("promote", "n0"), ("confirm", "n0"),
    ("done", "n0"), ("settle", "n0", "n1"), ("undo", "n0"), ("forget", "no such words here"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_without_a_home_every_command_says_how_to_make_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No home: exit code 3 and the next command as JSON, and none is made."""
    shown = Here(tmp_path, tmp_path).nova("memory", *words, "--json")
    assert (shown.code, shown.value["error"]) == (3, "NotReady")
    assert "nova init" in str(shown.value["mend"])
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_every_command_speaks_json(tmp_path: Path, words: tuple[str, ...]) -> None:
    """With --json standard output is one JSON value, whatever the outcome; an unknown note is named, exit code 2."""
    a_home(tmp_path / "home")
    shown = Here(tmp_path, tmp_path).nova("memory", *words, "--json")
    value: object = json.loads(shown.out)
    if "n0" in words:
        assert (shown.code, shown.value["error"], "n0" in str(shown.value["what"])) == (2, "Unknown", True)
    else:
        assert shown.code in (0, 1)
        assert not (isinstance(value, dict) and "error" in value)
