"""A request understood by its words: kind of answer, time, number, subject, names.

Pure; refuses to know tools (choosing.py) and earlier turns (following.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nova.models.extractive import dates
from nova.models.extractive.concepts import STOP, concept, content, tokens
from nova.models.extractive.wanting import REQUEST_CHARACTERS_MAX, Wanted, asked_concepts, wanted
from nova.models.words import fold

CODES_MAX = 8

_QUOTED = re.compile(r"[\"“„«`]([^\"”“»`\n]{2,120})[\"”“»`]|(?<!\w)'([^'\n]{2,120})'(?!\w)")
# Names as programs and catalogues spell them: BW-20-0203, tax_rate, PurchaseOrder, Invoice.total, L7.
_CODE = re.compile(
    r"(?<![\w.-])(?:(?=[\w-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+|[A-Za-z]\w*_\w+"
    r"|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+|[A-Z]{1,4}\d{1,6})(?![\w-])"
)
_NO_CODE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2})?|.*\.(?:py|md|html?|css|js|csv|txt|ya?ml|toml|json|example|com|org)", re.IGNORECASE
)
_LISTING = re.compile(
    r"\W*(?:which|what|list|find|show|any|are there|is there|do (?:any|all)|does every|welche|welke|gibt es)\b",
    re.IGNORECASE,
)
_LACKING = re.compile(
    r"(?P<owner>.{3,80}?)\b(?<!or )(?:without|with no|have no|has no|lacks?|lacking|miss(?:es|ing)?|ohne|zonder)\s+"
    r"(?P<missing>.{2,60}?)(?=$|[?.!,;]|\s(?:in|on|at|of|for|from|im|op)\b)",
    re.IGNORECASE,
)
_LINES = re.compile(
    r"\blines?\s+(\d{1,6})(?:\s*(?:-|–|to|until|and|through)\s*(\d{1,6}))?|\.[a-z]{1,5}:(\d{1,6})(?:-(\d{1,6}))?"
)
_SMALL_NUMBERS = "one two three four five six seven eight nine ten"
_SMALL = {word: at for at, word in enumerate(_SMALL_NUMBERS.split(), 1)}
_SENTENCES = re.compile(
    rf"\b({'|'.join(_SMALL)}|\d{{1,2}})\s+(?:short\s+|key\s+)?(?:sentences?|points?|bullets?|lines|satze|zinnen)\b"
)
# Words that say how to answer or only hold a request together; no text is searched for them.
_ABOUT_WORDS = """
list count date author search words summary reason file example kind decide decides decided choose chose chosen way work
use using happen happened happens mean question answer project repository repo currently right really actually stay left
since changed mention mentions mentioned contain contains exist exists many much app write
defined define declared located sentence sentences two three four five six seven eight nine ten
"""
_ABOUT_ANSWERS = frozenset(concept(word) for word in _ABOUT_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A request understood.

    subject: its content words in order; concepts: the same made comparable, all of them;
    codes: names as programs and catalogues spell them; lacking, having: of `images without alt text`, `alt` and
    `images`: what is looked for does not name the one and names the others.
    """

    text: str
    words: tuple[str, ...]
    wanted: frozenset[Wanted]
    subject: tuple[str, ...]
    concepts: frozenset[str]
    quoted: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    limit: int = 0
    lines: tuple[int, int] = (0, 0)
    sentences: int = 0
    lacking: str = ""
    having: tuple[str, ...] = ()

    @property
    def whole_list(self) -> bool:
        """Whether everything there is is asked for, not the best of it."""
        return bool(self.wanted & {Wanted.LIST, Wanted.COUNT})


def read(text: str, today: str = "") -> Reading:
    """Understand one request. today: ISO day, for `last week`; only the first 8,000 characters count."""
    plain = " ".join(text[:REQUEST_CHARACTERS_MAX].split())
    words = tokens(plain)
    timed = dates.date_words(plain)
    return Reading(
        text=plain,
        words=tuple(words),
        wanted=wanted(plain),
        subject=_subject([word for word in content(words) if word not in timed]),
        concepts=frozenset(concept(word) for word in words if word not in STOP and word not in timed)
        | asked_concepts(plain),
        quoted=tuple(found[1] or found[2] for found in _QUOTED.finditer(plain)),
        codes=codes(plain),
        since=dates.since(plain, today),
        until=dates.until(plain, today),
        limit=dates.limit(plain),
        lines=_lines(plain),
        sentences=_sentences(plain),
        lacking=_lacking(plain)[0],
        having=_lacking(plain)[1],
    )


def _lacking(text: str) -> tuple[str, tuple[str, ...]]:
    """What a request says is missing, and from what: the first word of the one, the words of the other."""
    found = _LACKING.search(text)
    if not found or not _LISTING.match(text):
        return ("", ())
    missing = _subject(content(tokens(found["missing"])))
    owners = _subject(content(tokens(found["owner"])))
    return (missing[0], owners[-2:]) if missing and owners else ("", ())


def codes(text: str) -> tuple[str, ...]:
    """The names in a text that are spelt as programs and catalogues spell them; dates and file names are none."""
    found = (code for code in _CODE.findall(text) if not _NO_CODE.fullmatch(code))
    return tuple(dict.fromkeys(found))[:CODES_MAX]


def _subject(words: list[str]) -> tuple[str, ...]:
    """What the request is about: without the words that only say how to answer."""
    return tuple(word for word in words if concept(word) not in _ABOUT_ANSWERS)


def _lines(text: str) -> tuple[int, int]:
    found = _LINES.search(text.casefold())
    if not found:
        return (0, 0)
    first = int(found[1] or found[3])
    return (first, max(first, int(found[2] or found[4] or first)))


def _sentences(text: str) -> int:
    found = _SENTENCES.search(fold(text))
    return (_SMALL.get(found[1]) or int(found[1]) if found[1] in _SMALL or found[1].isdigit() else 0) if found else 0
