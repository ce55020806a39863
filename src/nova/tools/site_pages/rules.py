"""What is wrong on a page by itself: head, headings, pictures, forms, links out. Pure; opens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nova.tools.site_pages.page import Image, Page

_SAYS_NOTHING = re.compile(r"(?:click )?here|more|read more|link|hier|mehr|weiter", re.IGNORECASE)


class Severity(StrEnum):
    """How much it matters."""

    FAULT = "fault"  # something does not work, or not for everybody
    WEAK = "weak"  # it works and could be better


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. rule: its name; mend: what to do."""

    rule: str
    severity: Severity
    path: str
    line: int
    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a page must keep to. Lengths in characters, widths in pixels, sizes in bytes; contrast after WCAG 2.2."""

    title: tuple[int, int] = (30, 60)
    description: tuple[int, int] = (70, 160)
    image_width_max: int = 1600
    image_bytes_max: int = 400_000
    contrast_min: float = 4.5


def on_page(page: Page, limits: Limits) -> Iterator[Finding]:
    """Every finding that needs no other page."""
    yield from _head(page, limits)
    yield from _headings(page)
    for image in page.images:
        yield from _image(page, image, limits)
    yield from _forms(page)
    yield from _links_out(page)


def _head(page: Page, limits: Limits) -> Iterator[Finding]:
    if not page.lang:
        yield fault("lang", page.path, 1, "The page does not say its language", 'Write <html lang="en">.')
    if not page.viewport:
        what = "The page has no viewport, so telephones show it small"
        yield weak("viewport", page.path, 1, what, 'Add <meta name="viewport" content="width=device-width">.')
    yield from _said(page, "title", page.titles, limits.title)
    yield from _said(page, "description", page.descriptions, limits.description)


def _said(page: Page, name: str, texts: Sequence[tuple[str, int]], length: tuple[int, int]) -> Iterator[Finding]:
    if not texts or not texts[0][0]:
        yield fault(name, page.path, texts[0][1] if texts else 1, f"The page has no {name}", f"Give it a {name}.")
        return
    text, line = texts[0]
    if len(texts) > 1:
        yield fault(name, page.path, texts[1][1], f"The page has {len(texts)} of {name}", "Leave one.")
    if not length[0] <= len(text) <= length[1]:
        what = f"The {name} has {len(text)} characters: “{text}”"
        yield weak(f"{name}-length", page.path, line, what, f"Make it {length[0]} to {length[1]} characters.")


def _headings(page: Page) -> Iterator[Finding]:
    first = [one for one in page.headings if one.level == 1]
    if not first:
        yield fault("h1", page.path, 1, "The page has no h1", "Give it one heading that says what it is about.")
    for extra in first[1:]:
        yield fault("h1", page.path, extra.line, f"A second h1: “{extra.text}”", "Make it an h2, or join the two.")
    level = 0
    for one in page.headings:
        if level and one.level > level + 1:
            what = f"“{one.text}” is an h{one.level} after an h{level}"
            yield fault("heading-jump", page.path, one.line, what, f"Make it an h{level + 1}.")
        level = one.level


def _image(page: Page, image: Image, limits: Limits) -> Iterator[Finding]:
    if image.alt is None:
        what = f"The picture {image.src} has no alt, so who does not see it gets nothing"
        yield fault("alt", page.path, image.line, what, 'Say what it shows; alt="" when it only decorates.')
    if not (image.width and image.height):
        what = f"The picture {image.src} has no width and height, so the page jumps while it loads"
        yield weak("image-size", page.path, image.line, what, "Write down both.")
    elif image.width.isdigit() and int(image.width) > limits.image_width_max:
        what = f"The picture {image.src} is declared {image.width} px wide"
        yield fault("image-wide", page.path, image.line, what, f"At most {limits.image_width_max} px.")


def _forms(page: Page) -> Iterator[Finding]:
    for one in page.fields:
        if not one.labelled and (not one.id or one.id not in page.labels):
            what = f"The field {one.name or one.id or 'without a name'} has no label, a placeholder is none"
            yield fault("label", page.path, one.line, what, "Write a <label for> to it.")
    for action, line in page.forms:
        if action.casefold().startswith("http:"):
            what = f"The form sends what is written to {action}, readable on the way"
            yield fault("form-http", page.path, line, what, "Send it to an https: address.")


def _links_out(page: Page) -> Iterator[Finding]:
    for link in page.links:
        if link.to.casefold().startswith("http:"):
            yield weak("http-link", page.path, link.line, f"A link to {link.to}", "Use https: where it works.")
        if link.tag == "a" and _SAYS_NOTHING.fullmatch(link.text):
            what = f"The link to {link.to} is called “{link.text}”, which says nothing out of context"
            yield weak("link-text", page.path, link.line, what, "Call it what it leads to.")
        elif link.tag == "a" and not link.text:
            yield fault("link-text", page.path, link.line, f"The link to {link.to} has no text", "Give it one.")


def fault(rule: str, path: str, line: int, what: str, mend: str) -> Finding:
    """A finding that something does not work."""
    return Finding(rule=rule, severity=Severity.FAULT, path=path, line=line, what=what, mend=mend)


def weak(rule: str, path: str, line: int, what: str, mend: str) -> Finding:
    """A finding that something could be better."""
    return Finding(rule=rule, severity=Severity.WEAK, path=path, line=line, what=what, mend=mend)
