"""Letters as tasks and questions: what is wanted, how much, until when; mail heads, quotes, German; no invention."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tools.places import ask, write

from nova.core.errors import ToolFailed
from nova.tools.builtin.requirements_text import RequirementsFound
from nova.tools.wishes import Strength, due_of, read_letter, strength_of, vague_in

MAIL = """From: Ada
Subject: The list

Hello,

we must see the old price. Please show the new one beside it, by 3 December.
It would be nice to print both. There is no need for colours.

Should clerks see it? We do not know who prints.

> You must delete everything.

--
Ada needs nothing
"""


async def found_in(root: Path, **arguments: str | int) -> RequirementsFound:
    """What requirements_read gives."""
    found = (await ask(root, "requirements_read", **arguments)).data
    assert isinstance(found, RequirementsFound)
    return found


async def test_a_mail_is_read_without_its_head_quotes_and_signature(tmp_path: Path) -> None:
    """Tasks and questions of the writer only, each on its line; sender and subject are kept apart."""
    found = await found_in(write(tmp_path, {"mail.md": MAIL}), path="mail.md")
    assert (found.sender, found.subject) == ("Ada", "The list")
    assert [(one.strength, one.place, one.due) for one in found.tasks] == [
        ("must", "mail.md:6", ""), ("should", "mail.md:6", "3 December"), ("wish", "mail.md:7", ""),
    ]  # fmt: skip
    assert [one.text for one in found.questions if one.why == "asked"] == [
        "Should clerks see it?", "We do not know who prints.",
    ]  # fmt: skip
    assert not any("delete" in one.text or "Ada" in one.text for one in found.tasks)


async def test_a_text_without_a_file_has_lines_all_the_same(tmp_path: Path) -> None:
    """The place of a task in a text that lies nowhere is its line."""
    found = await found_in(tmp_path, text="- Add a faster search\n- Remove the banner\n")
    assert [(one.id, one.text, one.place) for one in found.tasks] == [
        ("T1", "Add a faster search", "line 1"), ("T2", "Remove the banner", "line 2"),
    ]  # fmt: skip
    assert [one.text for one in found.questions] == ["What does “faster” mean here, in a number or a name?"]


async def test_german_letters_are_read_as_well(tmp_path: Path) -> None:
    """Muss, soll und wünschen sagen, wie sehr."""
    text = "Der Preis muss netto sein. Bitte bis 5. Dezember liefern. Schön wäre ein Foto, das wünschen sich alle."
    found = await found_in(tmp_path, text=text)
    assert [one.strength for one in found.tasks] == ["must", "should", "wish"]
    assert found.tasks[1].due == "5. Dezember"


@pytest.mark.parametrize("arguments", [{}, {"path": "a.md", "text": "x"}, {"text": "The sun shone."}])
async def test_what_asks_for_nothing_is_refused(tmp_path: Path, arguments: dict[str, str]) -> None:
    """Neither or both, or a text that wants nothing: said, and no empty list as if it were an answer."""
    with pytest.raises(ToolFailed):
        await ask(write(tmp_path, {"a.md": "x"}), "requirements_read", **arguments)


def test_strength_day_and_vagueness_are_read_off_the_words() -> None:
    """The words decide; a negation of the need is no wish."""
    assert strength_of("Clerks may not export.") is Strength.MUST
    assert strength_of("There is no need to touch them.") is None
    assert strength_of("It rained.") is None
    assert (due_of("by Friday"), due_of("before 2026-12-01"), due_of("some day")) == ("Friday", "2026-12-01", "")
    assert vague_in("Faster, and soon, and faster") == ("faster", "soon")


@given(st.text(max_size=300))
def test_every_task_and_question_stands_in_the_text(text: str) -> None:
    """Nothing is invented: the words of a task are words of the letter, and its line is one of its lines."""
    letter = read_letter(text)
    lines = text.replace("\r\n", "\n").count("\n") + 1
    assert all(1 <= one.line <= lines for one in (*letter.wishes, *letter.doubts))
    held = set(text.split())
    assert all(set(one.text.split()) <= held or "`" in text or "*" in text for one in letter.wishes)


async def test_a_very_long_list_is_cut_and_says_so(tmp_path: Path) -> None:
    """A hundred tasks are the most; the result says that it was cut."""
    root = write(tmp_path, {"long.md": "".join(f"- Add button {number}\n" for number in range(150))})
    found = await ask(root, "requirements_read", path="long.md")
    assert found.cut
    assert found.data is not None
    assert len(found.data.model_dump()["tasks"]) == 100
