"""What is wrong between the pages of a site: links that lead nowhere, pages that contradict each other. Pure."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from nova.tools.site_pages.page import Link, Page
from nova.tools.site_pages.rules import Finding, Limits, fault, weak

_HOURS = re.compile(r"\d{1,2}[:.]\d{2}\s*(?:to|-|–|until|bis)\s*\d{1,2}[:.]\d{2}")
_PRIVACY = re.compile(r"privacy|datenschutz|data-protection", re.IGNORECASE)


def between_pages(folder: str, pages: Sequence[Page], sizes: Mapping[str, int], limits: Limits) -> Iterator[Finding]:
    """Every finding that needs more than one file. sizes: all files below the site's folder, in bytes."""
    by_path = {page.path: page for page in pages}
    for page in pages:
        yield from _links(folder, page, by_path, sizes)
        yield from _images(folder, page, sizes, limits)
    yield from _same(pages, "title", {page.path: page.titles for page in pages})
    yield from _same(pages, "description", {page.path: page.descriptions for page in pages})
    yield from _hours(pages)
    yield from _telephones(pages)
    yield from _privacy(folder, pages)


def target_of(folder: str, page: str, to: str) -> tuple[str, str] | None:
    """(path, anchor) of a link inside the site; None for one that leads out of it, or is no address of a file."""
    parts = urlsplit(to)
    if parts.scheme or parts.netloc or to.startswith("//"):
        return None
    base = folder if parts.path.startswith("/") else posixpath.dirname(page)
    path = posixpath.normpath(posixpath.join(base, unquote(parts.path).lstrip("/"))) if parts.path else page
    return (path, unquote(parts.fragment))


def _links(folder: str, page: Page, pages: Mapping[str, Page], sizes: Mapping[str, int]) -> Iterator[Finding]:
    for link in page.links:
        if (target := target_of(folder, page.path, link.to)) is None:
            continue
        path, anchor = target
        path = f"{path}/index.html".removeprefix("./") if f"{path}/index.html".removeprefix("./") in sizes else path
        if path not in sizes:
            yield _broken(page, link)
        elif anchor and path in pages and anchor not in pages[path].ids | {"top"}:
            what = f"{path} has no place “{anchor}”, which “{link.text or link.to}” leads to"
            yield fault("broken-anchor", page.path, link.line, what, "Correct the name after the #.")


def _broken(page: Page, link: Link) -> Finding:
    name = f"“{link.text}”" if link.text else f"<{link.tag}>"
    what = f"{name} leads to {link.to}, and there is no such file"
    return fault("broken-link", page.path, link.line, what, "Make the file, or take the link out.")


def _images(folder: str, page: Page, sizes: Mapping[str, int], limits: Limits) -> Iterator[Finding]:
    for image in page.images:
        target = target_of(folder, page.path, image.src)
        if target is None:
            continue
        size = sizes.get(target[0])
        if size is None:
            what = f"The picture {image.src} is not there"
            yield fault("broken-link", page.path, image.line, what, "Add the file, or take the picture out.")
        elif size > limits.image_bytes_max:
            what = f"The picture {image.src} has {size / 1000:,.0f} KB"
            yield weak("image-heavy", page.path, image.line, what, f"At most {limits.image_bytes_max / 1000:,.0f} KB.")


def _same(
    pages: Sequence[Page], name: str, texts: Mapping[str, Sequence[tuple[str, int]]]
) -> Iterator[Finding]:  # fmt: skip
    first: dict[str, str] = {}
    for page in pages:
        for text, line in texts[page.path][:1]:
            if text and text in first:
                what = f"The {name} is the same as that of {first[text]}"
                yield weak(f"{name}-double", page.path, line, what, "Give each page its own.")
            first.setdefault(text, page.path)


def _hours(pages: Sequence[Page]) -> Iterator[Finding]:
    """The same day with other hours on another page."""
    said: dict[str, dict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for page in pages:
        for label, value, line in page.rows:
            if _HOURS.search(value):
                said[label][" ".join(value.split())].append((page.path, line))
    for label, values in said.items():
        if len(values) > 1:
            (one, places), *others = values.items()
            for other, there in others:
                what = f"{label}: {one} here, {other} in {there[0][0]}:{there[0][1]}"
                yield fault("hours-differ", places[0][0], places[0][1], what, "Ask which is true; say it once.")


def _telephones(pages: Sequence[Page]) -> Iterator[Finding]:
    """A number that stands on fewer pages than another: old, or meant for something else."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for page in pages:
        for link in page.links:
            if link.to.casefold().startswith("tel:"):
                places[link.to[4:].replace(" ", "")].append((page.path, link.line))
    counts = Counter({number: len(found) for number, found in places.items()})
    usual = counts.most_common(1)[0][0] if counts else ""
    for number, found in places.items():
        if number != usual:
            path, line = found[0]
            what = f"The telephone number {number} stands here, the other pages say {usual}"
            yield fault("telephone-differs", path, line, what, "Ask which is true.")


def _privacy(folder: str, pages: Sequence[Page]) -> Iterator[Finding]:
    """A site tells its visitors what it keeps, and every page leads there."""
    if not any(_PRIVACY.search(posixpath.basename(page.path)) for page in pages):
        at = next((page for page in pages if posixpath.basename(page.path).startswith("index.")), pages[0])
        what = f"{folder} has no page on privacy"
        yield fault("privacy", at.path, 1, what, "Write one and link it from every page.")
        return
    for page in pages:
        if not any(_PRIVACY.search(link.to) for link in page.links):
            yield weak("privacy", page.path, 1, "The page does not lead to the privacy page", "Link it in the footer.")
