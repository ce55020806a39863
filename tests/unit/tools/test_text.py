"""Summaries and counts of texts: sentences with their lines, in Markdown, HTML, docstrings and German."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.tools.places import ask, write

from nova.core.errors import ToolFailed

POST = """---
title: Brass
---
# Brass

Brass signs last for decades. Brass is an alloy of copper and zinc, and it can be
polished. The weather was nice when we wrote this.

```
brass = 1  # brass brass brass
```

- Polish brass signs twice a year, with a soft cloth.

| metal | lasts |
|-------|-------|
| brass | 40 years |
"""


async def test_a_summary_quotes_with_lines(tmp_path: Path) -> None:
    """The sentences about the text's subject are chosen, quoted word for word, with the line on which each begins."""
    result = await ask(write(tmp_path, {"post.md": POST}), "text_summary", path="post.md", sentences=2)
    assert result.headline == "2 of 5 sentences of post.md that say most, word for word, in its order."
    assert [str(line) for line in result.lines] == [
        "post.md:6  Brass is an alloy of copper and zinc, and it can be polished.",
        "post.md:13  Polish brass signs twice a year, with a soft cloth.",
    ]


async def test_counts_are_counts(tmp_path: Path) -> None:
    """Words, sentences, readability and the longest sentence are told; code and front matter do not count."""
    result = await ask(write(tmp_path, {"post.md": POST}), "text_counts", path="post.md")
    assert result.headline == "post.md has 38 words in 5 sentences on 17 lines, about 1 min to read."
    assert "Flesch reading ease (English)" in result.text()
    assert "Wiener" not in result.text()
    assert "post.md:6  13 words: Brass is an alloy" in result.text()


async def test_german_is_measured_as_german(tmp_path: Path) -> None:
    """A German text gets Amstad's formula and the Wiener Sachtextformel."""
    text = "Der Auftrag wird in der Datenbank gespeichert. Die Rechnung ist nicht bezahlt, und der Kunde wartet."
    result = await ask(write(tmp_path, {"text.md": text}), "text_counts", path="text.md")
    assert "Amstad" in result.text()
    assert "Wiener Sachtextformel 1: " in result.text()


async def test_html_counts_what_is_visible(tmp_path: Path) -> None:
    """Of a page only the visible text counts, and lines stay those of the file."""
    page = (
        "<html><head><title>x</title>\n<style>p {}</style></head>\n<body\n class='a'>\n"
        "<h1>Signs &amp; more</h1>\n<p>We make signs.</p>\n<script>let a = 1;</script>\n"
        "<p>Call us today.</p></body></html>\n"
    )
    result = await ask(write(tmp_path, {"i.html": page}), "text_summary", path="i.html", sentences=9)
    assert [str(line) for line in result.lines] == [
        "i.html:5  Signs & more", "i.html:6  We make signs.", "i.html:8  Call us today."
    ]  # fmt: skip


async def test_python_is_summarised_by_docstrings(tmp_path: Path) -> None:
    """Of Python source the docstrings are the text."""
    source = (
        '"""Posts entries."""\n\ndef post():\n    """Balances the entry.\n\n    Raises LedgerError."""\n    x = "No."\n'
    )
    result = await ask(write(tmp_path, {"ledger.py": source}), "text_summary", path="ledger.py")
    assert [str(line) for line in result.lines] == [
        "ledger.py:1  Posts entries.", "ledger.py:4  Balances the entry.", "ledger.py:6  Raises LedgerError."
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "\n\n", "---\na: 1\n---\n", "```\ncode\n```\n", "---", "| - |\n", "\u202e\x00"[:1]]
)
async def test_texts_without_sentences_are_named(tmp_path: Path, text: str) -> None:
    """A file without prose is refused as such by both tools."""
    for tool in ("text_summary", "text_counts"):
        with pytest.raises(ToolFailed, match="holds no sentences"):
            await ask(write(tmp_path, {"a.md": text}), tool, path="a.md")
