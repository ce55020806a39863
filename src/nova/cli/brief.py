"""nova brief: where you left off, in one project or in all. Prints cards; decides nothing."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nova.cli import frame
from nova.core.text import printable, shorten

if TYPE_CHECKING:
    from nova.briefing.card import Line, ResumeCard, Section
    from nova.briefing.overview import CardLine, Overview

WIDTH_PIPED, WIDTH_MIN = 120, 40
URGENT_MAX = 8
OLDEST_YEAR = 1980  # before that, “since” means whenever it was
_TITLES = {
    "left-off": "Where you left off",
    "uncommitted": "Not committed",
    "next": "Next, as you said",
    "signs": "Signs of what is left (nobody said so)",
    "perhaps-done": "Perhaps done already",
    "open": "Open questions, oldest first",
    "perhaps-answered": "Perhaps answered already",
    "answered": "Answered questions",
    "waiting": "Waiting for others",
    "decisions": "Decided since {decided}",
    "changed": "Changed since {since}",
    "superseded": "No longer holds",
    "needs-you": "Needs you",
    "at-work": "At work now",
    "problems": "Could not be read",
}
_SHORT = {  # lines of a part without --all
    "signs": 3, "perhaps-done": 3, "perhaps-answered": 3, "open": 8, "waiting": 8, "decisions": 8, "changed": 10,
    "superseded": 5, "needs-you": 8, "at-work": 5,
}  # fmt: skip
_UNASKED = frozenset({"answered"})  # shown only when somebody asks about something


def show(project: str, *, since: str, days: int | None, about: str, everything: bool, as_json: bool) -> None:
    """Prints one card, or a line for each project. Raises Unknown, BadInput."""
    from nova.app import briefings
    from nova.briefing.wire import card_json, overview_json

    with frame.opened() as nova:
        if project:
            card = briefings.brief(nova, project, since=since, days=days, about=about)
            frame.out_json(card_json(card)) if as_json else _card(card, everything)
        elif about or since or days:
            cards = briefings.briefs(nova, since=since, days=days, about=about)
            if as_json:
                frame.out_json([card_json(card) for card in cards])
            else:
                _cards(cards, everything, about)
        else:
            found = briefings.overview_of(nova)
            frame.out_json(overview_json(found)) if as_json else _overview(found)


def _cards(cards: Sequence[ResumeCard], everything: bool, about: str) -> None:
    told = [card for card in cards if any(one.lines and one.part.value != "problems" for one in card.sections)]
    for card in told:
        _card(card, everything)
        frame.out()
    if not told:
        frame.out(f"Nothing names “{about}”." if about else "Nothing to tell: there are no projects yet.")


def _card(card: ResumeCard, everything: bool) -> None:
    when = f"last touched {card.touched_at:%A, %Y-%m-%d %H:%M}" if card.touched_at else "never touched"
    visit = f" · your last visit ended {card.visited_at:%A, %Y-%m-%d %H:%M}" if card.visited_at else ""
    _say(f"{card.name} ({card.kind}) · {when}{visit}")
    shown = [one for one in card.sections if one.lines and (card.about or one.part.value not in _UNASKED)]
    for section in card.sections:
        if section in shown:
            _section(section, card, everything)
        elif section.part.value == "changed" and shown and not card.about:
            frame.out()
            _say(f"{_title(section, card)}: nothing")
    if not shown:
        _say(f"Nothing names “{card.about}”." if card.about else "Nothing is known yet: no commit, no talk, no note.")


def _section(section: Section, card: ResumeCard, everything: bool) -> None:
    frame.out()
    _say(_title(section, card))
    most = len(section.lines) if everything else _SHORT.get(section.part.value, len(section.lines))
    for line in section.lines[:most]:
        for row in rows(line, _width()):
            frame.out(row)
    if left := max(0, len(section.lines) - most) + section.more:
        frame.out(f"    … and {left} more" + ("" if everything else " (--all)"))


def _title(section: Section, card: ResumeCard) -> str:
    if section.part.value == "decisions" and card.decided_since.year < OLDEST_YEAR:
        return "Decided"
    since = f"{card.since:%Y-%m-%d %H:%M}"
    return _TITLES[section.part.value].format(decided=f"{card.decided_since:%Y-%m-%d}", since=since)


def rows(line: Line, width: int) -> Iterator[str]:
    """A line of a card as rows of a terminal: what it says, why, instead of what, then where it stands and when."""
    yield from _wrapped(printable(line.text), width, "  · ", "    ")
    if line.mark:
        yield from _wrapped(f"! {line.mark}", width, "    ", "      ")
    if line.why:
        yield from _wrapped(f"why: {line.why}", width, "    ", "      ")
    if line.alternatives:
        yield from _wrapped(f"instead of: {'; '.join(line.alternatives)}", width, "    ", "      ")
    if where := _where(line):
        yield from _wrapped(where, width, "    ", "    ")


def _where(line: Line) -> str:
    when = [f"{line.at:%a %Y-%m-%d %H:%M}"] if line.at else []
    places = [str(one) for one in line.sources[:3]]
    talk = [f"in “{line.talk}”"] if line.talk else []
    note = [f"note {line.note}"] if line.note and line.note not in places else []
    return " · ".join([*when, *([line.by] if line.by else []), *talk, *places, *note])


def _say(text: str) -> None:
    for row in _wrapped(text, _width(), "", "  "):
        frame.out(row)


def _wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False, break_long_words=True
    )


def _width() -> int:
    if not sys.stdout.isatty():
        return WIDTH_PIPED
    return max(WIDTH_MIN, shutil.get_terminal_size((WIDTH_PIPED, 24)).columns)


def _overview(found: Overview) -> None:
    if not [line for line in found.lines if line.kind != "home"]:
        frame.out("No projects yet. Add one: nova projects add PATH")
    for title, lines in (("Needs you", found.urgent), ("At work now", found.at_work)):
        _urgent(title, lines)
    for line in found.lines:
        _project(line)
    if found.lines:
        frame.out()
        _say(f"{_needs(found.needs_you)}. One project with everything: nova brief {found.lines[0].name}")


def _urgent(title: str, lines: Sequence[tuple[str, Line]]) -> None:
    """What waits for the owner, or goes on without him, each with its project; before the projects themselves."""
    if not lines:
        return
    frame.out(title)
    for name, line in lines[:URGENT_MAX]:
        for row in _wrapped(printable(f"{name}: {line.text}"), _width(), "  · ", "    "):
            frame.out(row)
        for row in _wrapped(line.mark, _width(), "    ", "      ") if line.mark else ():
            frame.out(row)
    if len(lines) > URGENT_MAX:
        frame.out(f"    … and {len(lines) - URGENT_MAX} more (nova reviews, nova runs)")
    frame.out()


def _needs(count: int) -> str:
    return f"{count} thing{'s need' if count != 1 else ' needs'} you" if count else "Nothing needs you"


def _project(line: CardLine) -> None:
    width = _width()
    when = f"{line.touched_at:%a %Y-%m-%d}" if line.touched_at else "never"
    counts = (
        (line.uncommitted, "not committed"),
        (line.open, "open"),
        (line.waiting, "waiting"),
        (line.needs_you, "need you"),
    )
    said = " · ".join(f"{count} {word}" for count, word in counts if count)
    _say(f"{line.name:<16} {when:<15} {said}".rstrip())
    told = [("left off", line.left_off), ("next" if line.said else "perhaps next", line.next)]
    for word, one in told:
        if one is not None:
            place = f" ({one.source})" if one.source else ""
            for row in _wrapped(f"{word}: {shorten(one.text, 160)}{place}", width, "  ", "    "):
                frame.out(row)
    for problem in line.problems[:2]:
        for row in _wrapped(f"! {problem.text} {problem.mark}", width, "  ", "    "):
            frame.out(row)
