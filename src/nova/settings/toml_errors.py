"""What the TOML parser says, in the words of a person who does not know TOML. Never repeats what was written."""

from __future__ import annotations

import re

from nova.core.errors import BadFiles
from nova.core.text import shorten
from nova.settings.text import refusal

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("Cannot declare", "This table was already given above.", "Move its keys there."),
    ("Cannot overwrite a value", "This key was already given above.", "Keep one of the two."),
    ("Cannot mutate immutable namespace", "This adds to a table that is closed.", "Write it there."),
    ("Duplicate inline table key", "A key occurs twice in these braces.", "Keep one of the two."),
    ("Expected '=' after a key", "A key is expected here, then = and its value.", 'Write key = "text".'),
    ("Invalid initial character for a key part", "A key is missing here.", 'Write key = "text".'),
    ("Invalid value", "This value is no text, number or list.", 'Put text in double quotes: key = "text".'),
    ("Unclosed array", "A list is not closed, or a comma is missing in it.", 'Write ["one", "two"].'),
    ("Unclosed inline table", "Braces are not closed, or a comma is missing.", "Write { key = 1, other = 2 }."),
    ("Invalid statement", "A key is expected here, then = and its value.", 'Write key = "text".'),
    ('Expected "\'"', "A quote that is opened here is never closed.", "Close it."),
    ("Unterminated string", "A quote that is opened here is never closed.", "Close it on the same line."),
    ("Illegal character '\\n'", "A quote that is opened here is never closed.", "Close it on the same line."),
    ("Unescaped '\\' in a string", "There is a backslash in double quotes that means nothing.", "Use single quotes."),
    ("Expected newline or end of document", "There is something after the value.", "One key a line; text in quotes."),
    ("Expected ']' at the end of a table declaration", "This heading has no closing bracket.", "Write [name]."),
    ("Expected ']]' at the end of an array declaration", "This heading has no closing brackets.", "Write [[name]]."),
)


def syntax_problem(said: str, text: str, file: str) -> BadFiles:
    """The error behind a syntax error of the parser, at its line."""
    place = _PLACE.search(said)
    last = text.rstrip().count("\n") + 1
    line = int(place.group(1)) if place and place.group(1) else last
    what, mend = next(
        ((what, mend) for part, what, mend in _SENTENCES if part in said),
        ("This line cannot be read as TOML.", 'Write key = "text", key = 1 or [table], one a line.'),
    )
    written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if re.match(r"\s*[A-Za-z_][\w-]*\s*:", written):
        key = shorten(written.split(":", 1)[0].strip(), 40)
        what, mend = f"“{key}” is followed by a colon.", "In nova.toml it is key = value."
    return refusal(file, min(line, last), what, mend)
