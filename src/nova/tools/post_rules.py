"""What a post must keep to, counted: words, sentences, front matter, unwanted words. Pure; judges no thought."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nova.models.readability import words_of
from nova.models.sentences import Sentence, split
from nova.projects.sources.frontmatter import front_matter

_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_HEADING = re.compile(r"^#{1,6} ")
_OPEN = re.compile(r"\b(?:to do|todo|tbd|missing)\b\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Numbers of a style guide. tags: allowed ones, empty for any; unwanted: words that must not occur."""

    words_min: int
    words_max: int
    sentence_words_max: int
    average_words_max: float
    summary_characters_max: int
    tags_max: int
    code_lines_max: int
    headings_from_words: int
    tags: frozenset[str]
    unwanted: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One rule that is not kept. line: from 1, 0 for the post as a whole."""

    rule: str
    line: int
    what: str


def breaches(text: str, rules: Rules) -> tuple[Breach, ...]:
    """Every rule that a post does not keep, in the order of its lines."""
    lines = text.split("\n")
    front, body_line = front_matter(lines)
    sentences = split(text)
    found = [
        *_front(front, rules), *_length(sentences, lines[body_line - 1 :], body_line, rules),
        *_sentences(sentences, rules), *_lines(lines, body_line, rules),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.line))


def _front(front: dict[str, str], rules: Rules) -> Iterator[Breach]:
    for key in ("title", "summary", "tags"):
        if not front.get(key, "").strip():
            yield Breach(rule=key, line=1, what=f"The {key} is empty.")
    summary, tags = front.get("summary", ""), [tag.strip() for tag in front.get("tags", "").split(",") if tag.strip()]
    if len(summary) > rules.summary_characters_max:
        what = f"The summary has {len(summary)} characters, {rules.summary_characters_max} at most."
        yield Breach(rule="summary", line=1, what=what)
    if summary.rstrip().endswith("?"):
        yield Breach(rule="summary", line=1, what="The summary ends in a question.")
    if len(tags) > rules.tags_max:
        yield Breach(rule="tags", line=1, what=f"{len(tags)} tags, {rules.tags_max} at most.")
    for tag in tags:
        if rules.tags and tag not in rules.tags:
            yield Breach(rule="tags", line=1, what=f"No other post has the tag “{tag}”.")


def _length(sentences: Sequence[Sentence], body: Sequence[str], body_line: int, rules: Rules) -> Iterator[Breach]:
    count = sum(len(words_of(one.text)) for one in sentences)
    if not rules.words_min <= count <= rules.words_max:
        what = f"{count} words; {rules.words_min} to {rules.words_max} are wanted."
        yield Breach(rule="length", line=0, what=what)
    if sentences and count / len(sentences) > rules.average_words_max:
        what = f"{count / len(sentences):.1f} words a sentence on average, {rules.average_words_max:g} at most."
        yield Breach(rule="average", line=0, what=what)
    if count < rules.headings_from_words:
        for number, line in enumerate(body, body_line):
            if _HEADING.match(line):
                what = f"A heading in a post of fewer than {rules.headings_from_words} words."
                yield Breach(rule="headings", line=number, what=what)


def _sentences(sentences: Sequence[Sentence], rules: Rules) -> Iterator[Breach]:
    for one in sentences:
        if (count := len(words_of(one.text))) > rules.sentence_words_max:
            what = f"A sentence of {count} words, {rules.sentence_words_max} at most."
            yield Breach(rule="sentence", line=one.line, what=what)


def _lines(lines: Sequence[str], body_line: int, rules: Rules) -> Iterator[Breach]:
    """Line by line: words that are not wanted, exclamation marks, gaps, code that is too long."""
    unwanted = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in rules.unwanted) or r"(?!)", re.IGNORECASE)
    fence = 0
    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            if fence and number - fence - 1 > rules.code_lines_max:
                what = f"{number - fence - 1} lines of code, {rules.code_lines_max} at most."
                yield Breach(rule="code", line=fence, what=what)
            fence = 0 if fence else number
        elif not fence and number >= body_line:
            for word in unwanted.findall(line):
                yield Breach(rule="words", line=number, what=f"“{word}” is not wanted here.")
            if re.search(r"\w!(?:\s|$)", line):
                yield Breach(rule="exclamation", line=number, what="An exclamation mark.")
            if _OPEN.search(line):
                yield Breach(rule="gap", line=number, what="Something is still to be written here.")
