"""A Markdown text as pieces that may each be a note: bullets, paragraphs, rows. Knows Markdown; judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PIECE_LENGTH_MAX = 1_200
LINE_LENGTH_MAX = 1_500  # what is longer is no sentence, and patterns over it would take their time
CODE_LINES_MAX = 8
_FENCE = re.compile(r"\s*(```+|~~~+)")
_HEADING = re.compile(r"(#{1,6})[ \t]+")
_BULLET = re.compile(r"(\s*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_DONE = re.compile(r"\s*[-*+]\s+\[[xX]\]\s+")
_ROW = re.compile(r"\s*\|(.*)\|\s*$")
_RULE = re.compile(r"\s*([-*_=]\s*){3,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words that belong together. line: where they begin in the file; headings: those above, the outermost first.

    done: a ticked box. comment: what the HTML comments within said.
    """

    text: str
    line: int
    headings: tuple[str, ...] = ()
    done: bool = False
    code: bool = False
    comment: str = ""


def pieces(text: str, first_line: int = 1) -> list[Piece]:
    """The pieces of a Markdown text, in order. A bullet holds what is indented below it, a list of code its lines."""
    found: list[Piece] = []
    headings: list[tuple[int, str]] = []
    lines = [line[:LINE_LENGTH_MAX] for line in text.split("\n")]
    at = 0
    while at < len(lines):
        heading = _HEADING.match(lines[at])
        if heading:
            depth = len(heading.group(1))
            headings = [one for one in headings if one[0] < depth] + [(depth, _title(lines[at]))]
            at += 1
            continue
        if _is_table_head(lines, at):
            at += 2
            continue
        end = _end(lines, at)
        within = tuple(words for _, words in headings if words)
        found += _made(lines[at:end], at + first_line, within)
        at = end
    return [one for one in found if one.text]


def _is_table_head(lines: Sequence[str], at: int) -> bool:
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return bool(_ROW.fullmatch(lines[at]) and _ROW.fullmatch(below)) and not set(below) - set("|:- \t")


def _end(lines: Sequence[str], at: int) -> int:
    """Where the block that begins at `at` ends."""
    if not lines[at].strip():
        return at + 1
    if fence := _FENCE.match(lines[at]):
        return _fence_end(lines, at, fence.group(1))
    if lines[at].lstrip().startswith("<!--"):
        return next((n + 1 for n in range(at, len(lines)) if "-->" in lines[n]), len(lines))
    bullet = _BULLET.match(lines[at])
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            following = lines[end + 1] if end + 1 < len(lines) else ""
            if not (bullet and following.startswith((" ", "\t")) and following.strip()):
                return end
        elif _ends(line, bullet):
            return end
        elif fence := _FENCE.match(line):
            end = _fence_end(lines, end, fence.group(1))
            continue
        end += 1
    return end


def _ends(line: str, bullet: re.Match[str] | None) -> bool:
    """Whether a line belongs to what comes next; indented code belongs to its bullet."""
    if _FENCE.match(line):
        return bullet is None or line[0] in "`~"
    return bool(_HEADING.match(line)) or _starts_anew(line, bullet) or line.startswith("<!-- openclaw")


def _fence_end(lines: Sequence[str], at: int, fence: str) -> int:
    closing = (n + 1 for n in range(at + 1, len(lines)) if lines[n].strip().startswith(fence))
    return next(closing, len(lines))


def _starts_anew(line: str, bullet: re.Match[str] | None) -> bool:
    other = _BULLET.match(line)
    if bullet is None:
        return other is not None or _ROW.fullmatch(line) is not None
    return other is not None and len(other.group(1).expandtabs(4)) <= len(bullet.group(1).expandtabs(4))


def _made(block: Sequence[str], line: int, headings: tuple[str, ...]) -> Iterator[Piece]:
    above = next((n for n, words in enumerate(block) if words.strip() and not _RULE.fullmatch(words)), len(block))
    block, line = block[above:], line + above
    if not block:
        return
    first = block[0]
    if _FENCE.match(first):
        yield from _code(block, line, headings)
        return
    if _ROW.fullmatch(first):
        yield from _row(first, line, headings)
        return
    bare, comment = _without_comments("\n".join(block))
    text = _flat(bare.split("\n"))
    piece = Piece(text=text, line=line, headings=headings, done=bool(_DONE.match(first)), comment=comment)
    yield from _cut(piece, block)


def _title(line: str) -> str:
    return spoken(line.lstrip("#").rstrip().rstrip("#"))


def _without_comments(text: str) -> tuple[str, str]:
    """The text without its HTML comments, and what those said. One that is never closed is text."""
    kept: list[str] = []
    said: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        said.append(text[start + 4 : end].strip("- \n"))
        at = end + 3
    return "".join(kept) + text[at:], " ".join(said)


def _cut(piece: Piece, block: Sequence[str]) -> Iterator[Piece]:
    """A piece that is too long becomes one for each bullet below it, with the words above in front."""
    below = [number for number, line in enumerate(block) if number and _BULLET.match(line)]
    if len(piece.text) <= PIECE_LENGTH_MAX or not below:
        yield replace(piece, text=piece.text[:PIECE_LENGTH_MAX])
        return
    head = _flat(block[: below[0]]).rstrip(":")
    for start, end in zip(below, [*below[1:], len(block)], strict=True):
        words = _flat(block[start:end])[:PIECE_LENGTH_MAX]
        yield replace(piece, text=f"{head[:200]}: {words}" if head else words, line=piece.line + start)


def _flat(lines: Sequence[str]) -> str:
    """Lines as one sentence: bullets below the first are joined with semicolons, code keeps its words."""
    text = ""
    for number, line in enumerate(lines):
        if len(text) > 4 * PIECE_LENGTH_MAX:
            break
        if _FENCE.match(line) or _RULE.fullmatch(line) or not line.strip():
            continue
        bullet = _BULLET.match(line)
        words = spoken(line[bullet.end() :] if bullet else line)
        if not words:
            continue
        joint = "; " if bullet and number and text and text[-1] not in ":;,." else " "
        text = f"{text}{joint}{words}" if text else words
    return text


def _code(block: Sequence[str], line: int, headings: tuple[str, ...]) -> Iterator[Piece]:
    lines = [one.strip() for one in block[1:] if one.strip() and not _FENCE.match(one)]
    if 0 < len(lines) <= CODE_LINES_MAX:
        text = "; ".join(f"`{one}`" for one in lines)
        yield Piece(text=text[:PIECE_LENGTH_MAX], line=line, headings=headings, code=True)


def _row(row: str, line: int, headings: tuple[str, ...]) -> Iterator[Piece]:
    cells = [spoken(cell) for cell in row.strip().strip("|").split("|")]
    if any(cells):
        yield Piece(text=" — ".join(cell for cell in cells if cell), line=line, headings=headings)


_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"\[([^\]]+)\]\((?:<[^>]*>|[^()\s]*)(?:\s+\"[^\"]*\")?\)")


def spoken(text: str) -> str:
    """A line without the signs for bold and the addresses of links; code and the rest stay as written."""
    return " ".join(_STRONG.sub(r"\2", _LINK.sub(r"\1", text)).split())
