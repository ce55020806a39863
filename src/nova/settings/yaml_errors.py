"""What the YAML parser says, in the words of a person who does not know YAML. Refuses to repair anything."""

from __future__ import annotations

import re

import yaml

from nova.core.errors import Problem

_QUOTES = "Put the text in quotes."
_BEGUN_QUOTED = re.compile(r"\s*(?:- |[\w-]+:\s+)[\"'\[{]")
_NO_COLON = "could not find expected ':'"
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "There is a colon followed by a space inside the text of this line.", _QUOTES),
    (
        "block sequence entries are not allowed",
        "A list item (- ...) stands where none can be.",
        "Put each item on a line of its own below its key, indented alike.",
    ),
    (
        "did not find expected '-' indicator",
        "This line stands inside a list, but it is no item of it.",
        "Begin it with a dash and a space, indented like the items above.",
    ),
    (
        "did not find expected key",
        "This line does not fit into the keys around it.",
        "Indent it like the lines it belongs to.",
    ),
    ("found unexpected end of stream", "A quote that is opened here is never closed.", "Close it."),
    ("did not find expected ',' or ']'", "A list in brackets is not closed, or a comma is missing.", "Write [a, b]."),
    ("did not find expected ',' or '}'", "Braces are not closed, or a comma is missing.", "Write {a: 1, b: 2}."),
    ("found unknown escape character", "There is a stray backslash in double quotes.", "Use single quotes."),
    ("did not find expected node content", "A value is missing here.", "Write the value, or delete the comma."),
    ("did not find expected alphabetic or numeric", "A text cannot begin with * or & without quotes.", _QUOTES),
    ("did not find URI escaped octet", "A text cannot begin with ! or % without quotes.", _QUOTES),
    ("did not find expected whitespace or line break", "A text cannot begin with ! without quotes.", _QUOTES),
    ("did not find expected comment or line break", "There is text after | or >.", "Begin it on the next line."),
    ("found undefined tag handle", "A text cannot begin with ! without quotes.", _QUOTES),
    ("<document start>", "The keys have ended above this line.", "Delete the line with the three dots."),
)


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str, first_line: int) -> Problem:
    """The problem behind a syntax error of the parser, at the line where a person would look for it."""
    said = error.problem or ""
    mark = error.problem_mark or error.context_mark
    if error.context_mark and ("end of stream" in said or _NO_COLON in said):
        mark = error.context_mark  # the parser notices these far below the line that is wrong
    lines = text.split("\n")
    line = min(mark.line if mark else 0, max(len(lines) - 2, 0))
    what, mend = _sentence(said, lines[line], mark.column if mark else 0)
    return Problem(file=file, line=line + first_line, what=what, mend=mend)


def _sentence(said: str, written: str, column: int) -> tuple[str, str]:
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "This line is indented with a tab.", "Indent with spaces: YAML takes no tabs."
    if _NO_COLON in said:
        return _no_colon(written.strip())
    if "cannot start any token" in said:
        sign = written[column : column + 1]
        if sign == "\t":
            return "There is a tab before the value.", "Use a space: YAML takes no tabs there."
        return f"A text cannot begin with “{sign}” without quotes." if sign else "A text cannot begin here.", _QUOTES
    if _BEGUN_QUOTED.match(written) and ("'-' indicator" in said or "expected key" in said):
        return "The text of this line goes on after its closing quote or bracket.", "Put the whole text in quotes."
    for part, what, mend in _SENTENCES:
        if part in said:
            return what, mend
    return "This line cannot be read as YAML.", "Put text with signs in it in quotes."


def _no_colon(written: str) -> tuple[str, str]:
    if written.startswith("-"):
        return "There is no space after the dash.", "Write “- ” before each item."
    if re.match(r"[\w-]+:\S", written):
        return "There is no space after the colon.", "Write key: value."
    if re.match(r"[\w-]+\s*=", written):
        return "There is an equals sign where a colon belongs.", "Write key: value."
    what = "A key is expected here, and it has no colon."
    return what, "Write key: value, or indent the line if it continues the text above."
