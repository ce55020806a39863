"""YAML text as plain values with lines. Knows a small YAML: maps, lists, text, numbers, true, false and null.

Refuses anchors, aliases and tags: front matter needs none, and they are how a small file becomes a huge value.
Values are read as YAML 1.2 reads them, so `no`, `on` and `1:30` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from nova.core.errors import BadFiles, Problem
from nova.core.json import Json
from nova.core.text import shorten
from nova.settings.located import KeyPath, Located
from nova.settings.text import refusal
from nova.settings.yaml_errors import syntax_problem

DEPTH_MAX = 10
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,15})")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,15}")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_CUT = re.compile(r"\s+(#\S+)")


def read_yaml(text: str, file: str, first_line: int = 1) -> Located:
    """The mapping that `text` holds. first_line: where `text` begins in `file`. Raises BadFiles with every problem."""
    reader = _Reader(text, file, first_line)
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        raise BadFiles([*reader.problems, syntax_problem(error, text, file, first_line)]) from None
    if not isinstance(value, dict):
        what = "There are no keys here." if value is None else "This is not a list of keys with values."
        raise refusal(file, first_line, what, "Write one key a line: name: value.")
    if reader.problems:
        raise BadFiles(reader.problems)
    return Located(file=file, value=value, lines=reader.lines)


class _Reader:
    """One pass over the events of the parser. Guards: the depth, and that every path has one line."""

    def __init__(self, text: str, file: str, first_line: int) -> None:
        self.lines: dict[KeyPath, int] = {(): first_line}
        self.problems: list[Problem] = []
        self._file = file
        self._first_line = first_line
        self._text_lines = text.split("\n")
        self._comments = "#" in text
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)  # pyright: ignore[reportUnknownMemberType]

    def document(self) -> Json:
        """The value of the only document."""
        value: Json = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._problem(event, "A second YAML document begins here.", "Keep one, without ... or --- inside.")
                    break
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, ())
        return value

    def _value(self, event: yaml.Event, path: KeyPath) -> Json:
        self._refuse_cleverness(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(path) > DEPTH_MAX:
            raise self._stop(event, f"This is nested deeper than {DEPTH_MAX} levels.", "Write it flatter.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return None

    def _sequence(self, path: KeyPath) -> list[Json]:
        items: list[Json] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            item = (*path, len(items))
            self.lines[item] = self._line(event)
            items.append(self._value(event, item))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Json]:
        mapping: dict[str, Json] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse_cleverness(event)
                raise self._stop(event, "A key must be a word.", "Put the text in quotes if no key was meant.")
            self._entry(mapping, path, event)
        return mapping

    def _entry(self, mapping: dict[str, Json], path: KeyPath, key_event: yaml.ScalarEvent) -> None:
        key, place = key_event.value, (*path, key_event.value)
        self._refuse_cleverness(key_event)
        if key in mapping:
            what = f"The key “{shorten(key, 60)}” was already given in line {self.lines[place]}."
            self._problem(key_event, what, "Keep one of the two.")
        else:
            self.lines[place] = self._line(key_event)
        value = self._value(next(self._events), place)
        mapping.setdefault(key, value)

    def _scalar(self, event: yaml.ScalarEvent) -> Json:
        if event.style:  # empty or None for text without quotes
            return event.value
        if self._comments:
            self._refuse_cut_text(event)
        if event.end_mark.line > event.start_mark.line:
            self._refuse_swallowed_item(event)
        return plain(event.value)

    def _refuse_cut_text(self, event: yaml.ScalarEvent) -> None:
        end: yaml.Mark = event.end_mark
        rest = self._text_lines[end.line][end.column :]
        if event.value and (cut := _CUT.match(rest)):
            what = f"The text ends before “{shorten(cut.group(1), 30)}”: a # after a space begins a comment."
            self._problem(event, what, "Put the whole text in quotes.")

    def _refuse_swallowed_item(self, event: yaml.ScalarEvent) -> None:
        start = event.start_mark.line + self._first_line
        for number in range(event.start_mark.line + 1, event.end_mark.line + 1):
            if not self._text_lines[number].lstrip().startswith("- "):
                continue
            if event.value.startswith("-"):
                raise self._stop(event, "There is no space after the dash.", "Write “- ” before each item.")
            what = f"This item is read as part of the text that begins in line {start}."
            line = number + self._first_line
            self.problems.append(Problem(file=self._file, line=line, what=what, mend="Indent both alike."))
            raise BadFiles(self.problems)

    def _refuse_cleverness(self, event: yaml.Event) -> None:
        quote = "Write the value out; if it is text, put it in quotes."
        if isinstance(event, yaml.AliasEvent):
            raise self._stop(event, f"“*{shorten(event.anchor, 40)}” is a YAML alias: Nova follows none.", quote)
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise self._stop(event, f"“&{shorten(event.anchor, 40)}” is a YAML anchor: Nova takes none.", quote)
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            written = tag.replace("tag:yaml.org,2002:", "!!")
            raise self._stop(event, f"“{shorten(written, 40)}” is a YAML tag: Nova takes none.", quote)

    def _line(self, event: yaml.Event) -> int:
        return event.start_mark.line + self._first_line

    def _problem(self, event: yaml.Event, what: str, mend: str) -> None:
        self.problems.append(Problem(file=self._file, line=self._line(event), what=what, mend=mend))

    def _stop(self, event: yaml.Event, what: str, mend: str) -> BadFiles:
        self._problem(event, what, mend)
        return BadFiles(self.problems)


def plain(text: str) -> str | int | float | bool | None:
    """The value of a scalar without quotes, by the core schema of YAML 1.2; what fits no number is text."""
    word = text if text in ("", "~") else text.lower() if text in _SPELLINGS else None
    if word is not None:
        return _WORDS[word]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


_SPELLINGS = frozenset(form for word in ("null", "true", "false") for form in (word, word.title(), word.upper()))
