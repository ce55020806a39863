"""What the YAML parser says, in the words of a person who does not know YAML. Refuses to repair anything."""

from __future__ import annotations

import yaml

from nova.core.errors import Problem

_QUOTES = "Put the text in quotes."
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "There is a colon followed by a space inside the text of this line.", _QUOTES),
    (
        "could not find expected ':'",
        "A key is expected here, and it has no colon.",
        "Write key: value, or indent the line if it continues the text above.",
    ),
    (
        "block sequence entries are not allowed",
        "A list item (- ...) stands where none can be.",
        "Put each item on a line of its own below its key, indented alike.",
    ),
    (
        "did not find expected '-' indicator",
        "This line stands inside a list, but it is no item of it.",
        "Begin it with “- ”, indented like the items above, or put the text of the item above in quotes.",
    ),
    (
        "did not find expected key",
        "This line does not fit into the keys around it.",
        "Check its indentation, and put a text that begins with a quote or a bracket in quotes altogether.",
    ),
    ("found unexpected end of stream", "A quote that is opened here is never closed.", "Close it."),
    ("did not find expected ',' or ']'", "A list in brackets is not closed, or a comma is missing.", "Write [a, b]."),
    ("did not find expected ',' or '}'", "Braces are not closed, or a comma is missing.", "Write {a: 1, b: 2}."),
    ("found unknown escape character", "There is a stray backslash in double quotes.", "Use single quotes."),
    ("did not find expected node content", "A value is missing here.", "Write the value, or delete the comma."),
    ("did not find expected alphabetic or numeric", "A text cannot begin with * or & without quotes.", _QUOTES),
    ("did not find URI escaped octet", "A text cannot begin with ! or % without quotes.", _QUOTES),
    ("did not find expected whitespace or line break", "The text after | or > or ! belongs on the next line.", _QUOTES),
    ("did not find expected comment or line break", "There is text after | or >.", "Begin it on the next line."),
    ("found undefined tag handle", "A text cannot begin with ! without quotes.", _QUOTES),
)


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str, first_line: int) -> Problem:
    """The problem behind a syntax error of the parser, at its line."""
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    said = error.problem or ""
    if "end of stream" in said and error.context_mark:
        line = error.context_mark.line
    lines = text.split("\n")
    written = lines[line] if line < len(lines) else ""
    what, mend = _sentence(said, written, mark.column if mark else 0)
    return Problem(file=file, line=min(line, max(len(lines) - 2, 0)) + first_line, what=what, mend=mend)


def _sentence(said: str, written: str, column: int) -> tuple[str, str]:
    indentation = written[: len(written) - len(written.lstrip())]
    if "\t" in indentation:
        return "This line is indented with a tab.", "Indent with spaces: YAML takes no tabs."
    if "cannot start any token" in said:
        sign = written[column : column + 1]
        if sign == "\t":
            return "There is a tab before the value.", "Use a space: YAML takes no tabs there."
        return f"A text cannot begin with “{sign}” without quotes." if sign else "A text cannot begin here.", _QUOTES
    for part, what, mend in _SENTENCES:
        if part in said:
            return what, mend
    return "This line cannot be read as YAML.", "Put text with signs in it in quotes."
