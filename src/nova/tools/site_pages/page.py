"""One HTML file as a value: head, headings, pictures, links, forms and tables, each with its line. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FIELDS = frozenset({"input", "select", "textarea"})
_NO_LABEL = frozenset({"hidden", "submit", "button", "reset", "image"})
_OPEN_MAX = 64  # texts that are collected at once; of a page that never closes its tags the oldest are given up
_LINKS: Mapping[str, str] = {"a": "href", "area": "href", "link": "href", "script": "src", "iframe": "src"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """level: 1 to 6."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """alt: None where there is none, which is not the same as an empty one. width, height: as declared, or empty."""

    src: str
    alt: str | None
    width: str
    height: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """to: what href or src says; tag: a, link, script...; text: what a visitor reads, pictures by their alt."""

    to: str
    tag: str
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field that a visitor fills in. labelled: by a label around it or an aria attribute; id: for a label's for."""

    name: str
    id: str
    labelled: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. titles, descriptions: (text, line), as often as they stand there; rows: (first cell, second, line).

    forms: (action, line); ids: anchors; labels: the ids that labels name; lang, viewport: empty where there is none.
    """

    path: str
    lang: str = ""
    viewport: str = ""
    titles: Sequence[tuple[str, int]] = ()
    descriptions: Sequence[tuple[str, int]] = ()
    headings: Sequence[Heading] = ()
    images: Sequence[Image] = ()
    links: Sequence[Link] = ()
    fields: Sequence[FormField] = ()
    forms: Sequence[tuple[str, int]] = ()
    rows: Sequence[tuple[str, str, int]] = ()
    ids: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


def read_page(path: str, text: str) -> Page:
    """The page of a file's text. Broken HTML is read as browsers do: as far as it goes."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Page(
        path=path, lang=reader.lang, viewport=reader.viewport, titles=reader.titles,
        descriptions=reader.descriptions, headings=reader.headings, images=reader.images, links=reader.links,
        fields=reader.fields, forms=reader.forms, rows=reader.rows, ids=frozenset(reader.ids),
        labels=frozenset(reader.labels),
    )  # fmt: skip


@dataclass(slots=True)
class _Open:
    """A text that is being collected: for which tag, since which line, with what belongs to it."""

    tag: str
    line: int
    to: str = ""
    words: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


class _Reader(HTMLParser):
    """Collects while it reads; one instance for one page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lang = self.viewport = ""
        self.titles: list[tuple[str, int]] = []
        self.descriptions: list[tuple[str, int]] = []
        self.headings: list[Heading] = []
        self.images: list[Image] = []
        self.links: list[Link] = []
        self.fields: list[FormField] = []
        self.forms: list[tuple[str, int]] = []
        self.rows: list[tuple[str, str, int]] = []
        self.ids: set[str] = set()
        self.labels: set[str] = set()
        self._open: list[_Open] = []
        self._cells: list[str] = []
        self._row_line = 0
        self._in_label = 0

    @property
    def _line(self) -> int:
        return self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens: what stands in its attributes is kept, a text that it holds is waited for."""
        given = {name: value or "" for name, value in attrs}
        self.ids.update(value for name in ("id", "name") if (value := given.get(name)) and (name == "id" or tag == "a"))
        match tag:
            case "html":
                self.lang = given.get("lang", "")
            case "meta":
                self._meta(given)
            case "img":
                self._image(given, "alt" in given)
            case "form":
                self.forms.append((given.get("action", ""), self._line))
            case "label":
                self._in_label += 1
                self.labels.update(filter(None, [given.get("for")]))
            case "tr":
                self._cells, self._row_line = [], self._line
            case _:
                self._other(tag, given)

    def _other(self, tag: str, given: Mapping[str, str]) -> None:
        if tag in _FIELDS and given.get("type", "text").casefold() not in _NO_LABEL:
            named = bool({"aria-label", "aria-labelledby", "title"} & given.keys()) or self._in_label > 0
            self.fields.append(
                FormField(name=given.get("name", ""), id=given.get("id", ""), labelled=named, line=self._line)
            )
        if tag in _LINKS and (to := given.get(_LINKS[tag])) is not None:
            if tag in ("a", "iframe"):
                self._open.append(_Open(tag, self._line, to, [given.get("aria-label", "")]))
            else:
                self.links.append(Link(to=to, tag=tag, text="", line=self._line))
        elif tag in _HEADINGS or tag in ("title", "th", "td"):
            self._open.append(_Open(tag, self._line))

    def handle_endtag(self, tag: str) -> None:
        """A tag closes: the text since its opening is whole."""
        if tag == "label":
            self._in_label = max(0, self._in_label - 1)
        if tag == "tr" and len(self._cells) >= 2:
            self.rows.append((self._cells[0], self._cells[1], self._row_line))
        if any(one.tag == tag for one in self._open):
            while self._open:
                closed = self._open.pop()
                self._whole(closed)
                if closed.tag == tag:
                    return

    def handle_data(self, data: str) -> None:
        """Words, for everything that is open."""
        while len(self._open) > _OPEN_MAX:
            self._whole(self._open.pop(0))
        for one in self._open:
            one.words.append(data)

    def _whole(self, one: _Open) -> None:
        if one.tag in _HEADINGS:
            self.headings.append(Heading(level=_HEADINGS[one.tag], text=one.text, line=one.line))
        elif one.tag == "title":
            self.titles.append((one.text, one.line))
        elif one.tag in ("th", "td"):
            self._cells.append(one.text)
        else:
            self.links.append(Link(to=one.to, tag=one.tag, text=one.text, line=one.line))

    def _meta(self, given: Mapping[str, str]) -> None:
        match given.get("name", "").casefold():
            case "description":
                self.descriptions.append((given.get("content", "").strip(), self._line))
            case "viewport":
                self.viewport = given.get("content", "")
            case _:
                pass

    def _image(self, given: Mapping[str, str], has_alt: bool) -> None:
        alt = given.get("alt", "") if has_alt else None
        for one in self._open:
            one.words.append(alt or "")
        self.images.append(
            Image(
                src=given.get("src", ""), alt=alt, width=given.get("width", ""), height=given.get("height", ""),
                line=self._line,
            )
        )  # fmt: skip
