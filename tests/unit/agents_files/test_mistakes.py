"""The likeliest mistakes in an agent file, each with the exact sentence a person reads."""

# ruff: noqa: E501 (one row of the table is one mistake with its sentence)

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.unit.agents_files.samples import MIGRATIONS, SCHEMA
from tests.unit.settings.mutations import assert_located, mutated

from nova.agents.load import parse_agent
from nova.core.errors import BadFiles
from nova.core.text import TEXT_BYTES_MAX

FILE = Path("agents/schema.md")


def told(data: bytes) -> list[str]:
    """What a person is told about a file, without its folder."""
    with pytest.raises(BadFiles) as caught:
        parse_agent(data, FILE)
    return [str(problem).removeprefix("agents/schema.md:") for problem in caught.value.problems]


# (what is written, what it is replaced by, what is told)
MISTAKES = [
    # text that YAML reads as something else
    ("Which fields does", "Which fields: does", "19: “nova.examples, item 1” is read as a key with a value, because of the colon in it. Put the text in quotes."),
    ("Which fields does", "issue #12 again", "19: The text ends before “#12”: a # after a space begins a comment. Put the whole text in quotes."),
    ("Which fields does", "@schema which fields", "19: A text cannot begin with “@” without quotes. Put the text in quotes."),
    ("Which fields does", "*all* fields of", "19: A text cannot begin with * or & without quotes. Put the text in quotes."),
    ("Which fields does", '"Which" fields does', "19: The text of this line goes on after its closing quote or bracket. Put the whole text in quotes."),
    ("Which fields does", '"Which fields does', "20: The text of this line goes on after its closing quote or bracket. Put the whole text in quotes."),
    ("Names a field that was renamed.", "Names a field: an old one", "22: “nova.failure_modes, item 1” is read as a key with a value, because of the colon in it. Put the text in quotes."),
    ("reason: Facts can", "reason: Facts: can", "12: There is a colon followed by a space inside the text of this line. Put the text in quotes."),
    # signs and indentation
    ("  domain: erp", "\tdomain: erp", "10: This line is indented with a tab. Indent with spaces: YAML takes no tabs."),
    ("  reason:", "   reason:", "12: This line does not fit into the keys around it. Indent it like the lines it belongs to."),
    ("    - Which", "    -Which", "19: There is no space after the dash. Write “- ” before each item."),
    ('    - "models: all of them"', "      - models", "20: This item is read as part of the text that begins in line 19. Indent both alike."),
    ("max_turns: 6", "max_turns:6", "8: There is no space after the colon. Write key: value."),
    ("max_turns: 6", "max_turns = 6", "8: There is an equals sign where a colon belongs. Write key: value."),
    ("[files_list, files_read]", "[files_list, files_read", "6: A list in brackets is not closed, or a comma is missing. Write [a, b]."),
    ("model_calls: 5, tool_calls", "model_calls: 5 tool_calls", "30: Braces are not closed, or a comma is missing. Write {a: 1, b: 2}."),
    # keys
    ("not_for:", "not-for:", "14: “not-for” is no key here. Did you mean “not_for”?"),
    ("description: >-", "descripton: >-", "3: “descripton” is no key here. Did you mean “description”?"),
    ("skills: []", "examples: [one]", "7: “examples” is no key here. It belongs under “nova”."),
    ("  evals: []", "  tools: []", "31: “tools” is no key here. It belongs one level further out."),
    ("{model_calls: 5,", "{turns: 5,", "30: “turns” is no key here. Known keys: model_calls, tool_calls, tokens, seconds."),
    ("model: quick", "model: quick\nmodel: strong", "7: The key “model” was already given in line 6. Keep one of the two."),
    ("name: schema\n", "", "2: “name” is missing. Write name: name of the agent; the file is called the same."),
    (", who: migrations}", "}", "15: “nova.not_for, item 1.who” is missing. Write who: the agent that does it instead."),
    # values
    ("model: quick", "model: gpt-5", "6: “model” cannot be “gpt-5”. Choose one of: quick, strong."),
    ("model: quick", "model: quik", "6: “model” cannot be “quik”. Did you mean “quick”?"),
    ("model: quick", "model:", "6: “model” cannot be empty. Choose one of: quick, strong."),
    ("[django-erp]", "[django-epr]", "11: “nova.kinds, item 1” cannot be “django-epr”. Did you mean “django-erp”?"),
    ("[django-erp]", "django-erp", "11: “nova.kinds” must be a list, and is text. Write [one, two], or [] for none."),
    ("reads_private: true", "reads_private: yes", "25: “nova.reads_private” must be true or false, and is text. Write true or false, without quotes."),
    ("max_turns: 6", 'max_turns: "6"', "8: “max_turns” must be a whole number, and is text. Write it with digits only."),
    ("max_turns: 6", "max_turns: 0", "8: “max_turns” is too small. Give at least 1."),
    ("name: schema", "name: ERP Schema", "2: This is not a name. Use a-z, 0-9 and hyphens, a letter first, at most 40."),
    ("name: schema", "name: shema", "2: The name “shema” is not the file's. Rename the file to shema.md, or write name: schema."),
    ("files_list, files_read", "files_read, files_read", "5: “files_read” is listed twice. Keep one of the two."),
    ("visitors: false", "visitors: true", "29: Visitors reach this agent, so it may neither read private files nor act outside. Set reads_private and acts_outside to false, or visitors to false."),
    # the file as a whole
    ("You know the data model.\n\nCite path:line.\n", "", "32: The instructions are missing. Write below the closing --- what the agent is told."),
    ("---\nYou", "You", "1: The front matter that begins here has no end. Put --- on a line of its own below the last key."),
    ("---\nname", "name", "1: This file does not begin with front matter. Make --- the first line, then the keys, then --- on a line of its own."),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "sentence"), MISTAKES)
def test_likely_mistakes(written: str, instead: str, sentence: str) -> None:
    """Each of the likeliest mistakes is told with its line and its mend, and nothing else is told beside it."""
    assert written in SCHEMA
    assert told(SCHEMA.replace(written, instead, 1).encode()) == [sentence]


def test_bytes_that_are_no_text() -> None:
    """Another encoding, a NUL byte and a huge file are refused before anything is parsed."""
    assert told(SCHEMA.replace("Facts", "Fäcts").encode("latin-1"))[0].startswith("12: This file is not UTF-8 text")
    assert told(SCHEMA.encode("utf-16"))[0].startswith("1: This file is not UTF-8 text")
    assert told(SCHEMA.replace("Facts", "F\0cts").encode())[0].startswith("12: There is a control character")
    assert f"{TEXT_BYTES_MAX:,} bytes" in told(SCHEMA.encode() + b"x" * 10_000_000)[0]


def test_windows_files_load() -> None:
    """A byte order mark and CRLF change nothing about an agent."""
    windows = b"\xef\xbb\xbf" + SCHEMA.replace("\n", "\r\n").encode()
    assert parse_agent(windows, FILE).examples == parse_agent(SCHEMA.encode(), FILE).examples


def test_many_mistakes_in_one_go() -> None:
    """Four mistakes in one file are four problems, in the order of their keys."""
    text = SCHEMA.replace("model: quick", "model: fast").replace("max_turns: 6", "max_turns: six")
    text = text.replace("domain: erp", "domain: [erp]").replace("tokens: 30000", "tokens: 40,000")
    assert [problem.split(":")[0] for problem in told(text.encode())] == ["6", "8", "10", "30", "30"]


@given(mutated([SCHEMA.encode(), MIGRATIONS.replace("migrations", "schema").encode()]))
@settings(max_examples=500, deadline=None)
def test_broken_files_are_refused_with_lines(data: bytes) -> None:
    """An agent file broken at random loads, or is refused with file and line; it never ends in a traceback."""
    try:
        parse_agent(data, FILE)
    except BadFiles as error:
        assert_located(error, str(FILE), data)
