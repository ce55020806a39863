"""Tools over one text: its most telling sentences, and its counts. Knows prose in Markdown, HTML and docstrings."""

from __future__ import annotations

import ast
import html
import re

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.models.readability import Readability, measure, words_of
from nova.models.sentences import Sentence, best, split
from nova.projects.sources.files import Content
from nova.tools.beneath import locate, read, trusted
from nova.tools.builtin.files import file_values
from nova.tools.python_source import tree_of
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result

LONGEST_SHOWN = 5
WORDS_A_MINUTE = 230
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style|head|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(r"^\s*<(?:p|h[1-6]|li|div|section|td|th|tr|dt|dd|article|nav|footer|header|ul|ol)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


class TextSummary(Arguments):
    """Arguments of text_summary."""

    path: str = Field(description="File to summarise.")
    sentences: int = Field(default=5, ge=1, le=30, description="How many sentences at most.")


class TextCounts(Arguments):
    """Arguments of text_counts."""

    path: str = Field(description="File to count.")


def _prose(content: Content) -> tuple[Sentence, ...]:
    """The sentences of a file, with lines as they stand in it: visible text of HTML, docstrings of Python."""
    name = content.path.casefold()
    if name.endswith((".html", ".htm")):
        return split(_visible(content.text))
    if name.endswith(".py"):
        return _docstrings(content.text)
    return split(content.text)


def _visible(text: str) -> str:
    shown = _HIDDEN.sub(lambda match: "\n" * match.group().count("\n"), text)
    lines = [("- " if _BLOCK.match(line) else "") + _TAG.sub(" ", line).strip() for line in _joined(shown).split("\n")]
    return html.unescape("\n".join(lines))


def _joined(text: str) -> str:
    """Tags that go over several lines are emptied, their line ends kept, so that line numbers stay right."""
    return _TAG.sub(
        lambda match: match.group() if "\n" not in match.group() else "\n" * match.group().count("\n"), text
    )


def _docstrings(text: str) -> tuple[Sentence, ...]:
    try:
        tree = tree_of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return split(text)
    found: list[Sentence] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            said = ast.get_docstring(node, clean=False)
            if said and isinstance(first, ast.Expr):
                name = "" if isinstance(node, ast.Module) else node.name
                at = first.lineno - 1
                found.extend(Sentence(text=one.text, line=one.line + at, heading=name) for one in split(said))
    return tuple(sorted(found, key=lambda sentence: sentence.line))


def _read(path: str, reach: Reach) -> tuple[Content, tuple[Sentence, ...]]:
    content = read(reach, locate(reach, path))
    sentences = _prose(content)
    if not sentences:
        raise ToolFailed(f"{content.path} holds no sentences.", "Name a file with prose.")
    return content, sentences


def _summary(given: TextSummary, reach: Reach) -> ToolResult:
    content, sentences = _read(given.path, reach)
    chosen = best(sentences, given.sentences)
    noun = "sentence" if len(chosen) == 1 else "sentences"
    headline = f"{len(chosen)} of {len(sentences)} {noun} of {content.path} that say most, word for word, in its order."
    lines = [ResultLine(text=one.text, citation=Citation(path=content.path, line=one.line)) for one in chosen]
    return result(headline, lines, reach, cut=content.cut, trusted=trusted(reach, content.path))


def _counts(given: TextCounts, reach: Reach) -> ToolResult:
    content, sentences = _read(given.path, reach)
    counted = measure([sentence.text for sentence in sentences])
    headline = (
        f"{content.path} has {counted.words:,} words in {counted.sentences:,} sentences "
        f"on {len(content.lines):,} lines, about {max(1, round(counted.words / WORDS_A_MINUTE))} min to read."
    )
    longest = sorted(sentences, key=lambda one: -len(words_of(one.text)))[:LONGEST_SHOWN]
    lines = [ResultLine(text=line) for line in _scores(counted)]
    lines += [
        ResultLine(
            text=f"{len(words_of(one.text))} words: {one.text}", citation=Citation(path=content.path, line=one.line)
        )
        for one in longest
    ]
    return result(headline, lines, reach, cut=content.cut, trusted=trusted(reach, content.path))


def _scores(counted: Readability) -> list[str]:
    form = "Amstad's for German" if counted.german else "English"
    lines = [
        f"Words per sentence: {counted.words_per_sentence:.1f}; syllables per word: "
        f"{counted.syllables / max(1, counted.words):.2f}.",
        f"Flesch reading ease ({form}): {counted.flesch:.0f} of 100, {counted.band}.",
    ]
    if counted.vienna is not None:
        lines.append(f"Wiener Sachtextformel 1: {counted.vienna:.1f} (school year; 4 is very easy, 15 very hard).")
    return [*lines, "The longest sentences:"]


TOOLS = (
    reading(
        "text_summary",
        "Summarises a text, document, post or page by its most telling sentences, quoted with their lines: key points.",
        TextSummary, _summary, paths=lambda given: (given.path,), values={"path": file_values},
    ),
    reading(
        "text_counts",
        "Counts words and sentences of a text and measures readability: Flesch score, reading time, length, "
        "longest sentences.",
        TextCounts, _counts, paths=lambda given: (given.path,), values={"path": file_values},
    ),
)  # fmt: skip
