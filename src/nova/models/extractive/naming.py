"""Which possible values of a tool's arguments a request names: models, files, apps, labels, issue numbers, commits.

Knows spelling (case, plural, spaces, folders, extensions); refuses to know what the values stand for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from nova.models.extractive.concepts import STOP, singular, tokens
from nova.models.extractive.values import Argument
from nova.models.words import stem

NGRAM_WORDS_MAX = 12
VALUES_EACH_MAX = 3
_FILE_WORDS = frozenset(
    [
        "file",
        "page",
        "doc",
        "document",
        "post",
        "article",
        "draft",
        "list",
        "script",
        "module",
        "csv",
        "html",
        "text",
        "seite",
        "datei",
        "artikel",
        "bestand",
    ]
)
_CODE_FILES = frozenset({".py", ".js", ".css", ".sh", ".toml", ".lock", ""})
_FOLDER_WORDS = frozenset(["folder", "directory", "app", "package", "ordner", "verzeichnis", "map"])
_INSIDE = frozenset(["in", "inside", "under", "below", "within", "from", "of", "im", "unter", "aus", "van", "uit"])
_NUMBER = re.compile(r"(?:#|\b(?:issues?|tickets?|bugs?|number|no\.?|nr\.?|nummer)\s*#?)\s*(\d{1,6})\b", re.IGNORECASE)
_MORE_NUMBERS = re.compile(r"\s*(?:,|and|und|en|&|or)\s*#?(\d{1,6})\b")
_COMMIT = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_PATH = re.compile(
    r"(?<![\w/.-])(?:[\w.-]+/)*[\w-][\w.-]*\.(?:py|md|html?|css|js|csv|tsv|txt|ya?ml|toml|json|rst|ini|cfg|xml|sql|sh|lock)\b"
)
_LATEST = frozenset(
    ["latest", "newest", "last", "neueste", "neuesten", "neuester", "letzte", "letzten", "laatste", "nieuwste"]
)
_OLDEST = frozenset(["oldest", "earliest", "first", "erste", "ersten", "eerste", "oudste"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A value found in the words of a request.

    start, end: its span of words, -1 when it has none; exact: it was spelt as it is; loose: a folder that shares its
    name's stem with a word, enough to list it and not enough to search nowhere else.
    """

    argument: str
    value: str
    start: int
    end: int
    exact: bool = False
    loose: bool = False


def is_path(argument: Argument) -> bool:
    """Whether an argument takes a file or folder."""
    return argument.name in ("path", "file", "folder") or argument.name.endswith("_path")


@lru_cache(maxsize=4_000)
def _joined(text: str) -> str:
    return "".join(singular(word) for word in tokens(text))


def _keys(argument: Argument, value: str) -> Iterator[tuple[str, bool]]:
    """Every joined spelling under which a value may occur, and whether it is only meant beside a word such as `file`."""
    path = PurePosixPath(value)
    yield _joined(value), is_path(argument) and len(path.parts) == 1 and not path.suffix
    if is_path(argument):
        yield _joined(path.name), not path.suffix
        words = tokens(path.stem)
        named = [word for word in words if not word.isdigit()]
        lonely = len(named) < 2 and path.stem != path.stem.upper()
        yield _joined(path.stem), lonely
        if len(named) < len(words) and named:
            yield "".join(singular(word) for word in named), lonely
        if len(path.parts) > 1:
            yield _joined("/".join(path.parts[-2:])), False
    elif "." in value and argument.name != "revision":
        yield _joined(value.rpartition(".")[2]), False


@lru_cache(maxsize=16)
def _index(argument: Argument) -> dict[str, tuple[tuple[str, bool], ...]]:
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for value in argument.values:
        for key, lonely in _keys(argument, value):
            if len(key) >= 2:
                found[key][value] = found[key].get(value, True) and lonely
    return {key: tuple(values.items()) for key, values in found.items()}


def _spans(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Word spans, the longest first, with their joined spelling."""
    single = [singular(word) for word in words]
    for length in range(min(NGRAM_WORDS_MAX, len(single)), 0, -1):
        for start in range(len(single) - length + 1):
            yield start, start + length, "".join(single[start : start + length])


def _beside(words: Sequence[str], start: int, end: int, wanted: frozenset[str]) -> bool:
    around = [*words[max(0, start - 1) : start], *words[end : end + 1]]
    return any(singular(word) in wanted for word in around)


def _close(argument: Argument, value: str, spelt: str, near: bool) -> bool:
    """Whether a spelling is close enough: `tenant` is no app `tenants`, unless it stands beside the word `app`."""
    if argument.name == "app":
        return near or value == spelt
    return (
        not is_path(argument)
        or bool(PurePosixPath(value).suffix)
        or "".join(tokens(PurePosixPath(value).name)) in spelt
    )


def _within(words: Sequence[str], start: int) -> bool:
    return start > 0 and words[start - 1] in _INSIDE


def _merged(values: Iterable[str]) -> list[str]:
    """`Invoice` is dropped where `invoicing.Invoice` is there too: they are one."""
    listed = list(dict.fromkeys(values))
    return [value for value in listed if not any(other != value and other.endswith(f".{value}") for other in listed)]


def _closest(values: list[str], words: Sequence[str]) -> list[str]:
    """Of several values with one spelling, those whose other parts the request names too; all of them when none is."""
    if len(values) <= 1:
        return values
    known = {stem(word) for word in words if word not in STOP}
    overlap = {value: len({stem(word) for word in tokens(value)} & known) for value in values}
    best = max(overlap.values())
    return [value for value in values if overlap[value] == best][:VALUES_EACH_MAX]


def _inside_codes(words: Sequence[str], codes: Sequence[str]) -> list[tuple[int, int]]:
    """The spans of words that one code holds, such as `open_purchase_orders`: no part of it names anything."""
    spans: list[tuple[int, int]] = []
    for code in codes:
        parts = tokens(code)
        if "." not in code:
            spans += [(at, at + len(parts)) for at in range(len(words)) if words[at : at + len(parts)] == parts]
    return spans


def _of_argument(argument: Argument, words: list[str], text: str, inside: Sequence[tuple[int, int]]) -> Iterator[Named]:
    index = _index(argument)
    taken: set[int] = set()
    wanted = _FILE_WORDS | _FOLDER_WORDS if is_path(argument) else frozenset({argument.name})
    for start, end, key in _spans(words):
        if key not in index or taken & set(range(start, end)):
            continue
        if end - start == 1 and words[start] in STOP:
            continue
        if any(first < end and start < last and (start > first or end < last) for first, last in inside):
            continue
        if is_path(argument) and (start, end) in inside:
            continue
        near = _beside(words, start, end, wanted) or (_within(words, start) and argument.name != "revision")
        spelt = "".join(words[start:end])
        values = _merged(
            value for value, lonely in index[key] if (near or not lonely) and _close(argument, value, spelt, near)
        )
        if (
            argument.name == "revision"
            and key.isalpha()
            and not _beside(words, start, end, frozenset({"branch", "tag"}))
        ):
            continue
        for value in _closest(values, words):
            yield Named(argument=argument.name, value=value, start=start, end=end, exact=_spelt(value, text))
        if values:
            taken |= set(range(start, end))


def _spelt(value: str, text: str) -> bool:
    last = value.rpartition(".")[2] if "/" not in value else value
    return (last in text and not last.islower()) or value in text


def _patterns(argument: Argument, text: str) -> Iterator[Named]:
    """Values that have a form of their own: `#12`, a commit's id, a path, also where no list of values is given."""
    if argument.name in ("number", "issue"):
        for found in _NUMBER.finditer(text):
            numbers = [found[1]]
            position = found.end()
            while more := _MORE_NUMBERS.match(text, position):
                numbers.append(more[1])
                position = more.end()
            for number in numbers:
                known = next((value for value in argument.values if value.lstrip("0") == number.lstrip("0")), number)
                yield Named(argument=argument.name, value=known, start=-1, end=-1, exact=True)
    elif argument.name in ("revision", "commit"):
        for found in _COMMIT.finditer(text):
            yield Named(argument=argument.name, value=found[0], start=-1, end=-1, exact=True)
    elif is_path(argument):
        known = {value.casefold(): value for value in argument.values}
        for found in _PATH.finditer(text):
            path = found[0]
            ends = [value for value in argument.values if value.casefold().endswith(path.casefold())]
            if len(ends) == 1:
                path = ends[0]
            if path.casefold() in known or not ends:
                yield Named(
                    argument=argument.name, value=known.get(path.casefold(), path), start=-1, end=-1, exact=True
                )


def _by_overlap(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """The one file whose name shares most words with the request: two or more, or one that no other file has."""
    known = {stem(word) for word in words if word not in STOP and len(word) > 2}
    texts = [value for value in argument.values if PurePosixPath(value).suffix not in _CODE_FILES]
    shared = {value: {stem(word) for word in tokens(PurePosixPath(value).stem)} & known for value in texts}
    holders: dict[str, int] = defaultdict(int)
    for common in shared.values():
        for word in common:
            holders[word] += 1
    scores = {value: sum(1 / holders[word] for word in common) for value, common in shared.items() if len(common) >= 2}
    if scores:
        best = max(scores.values())
        winners = [value for value, score in scores.items() if score == best]
        if len(winners) == 1:
            yield Named(argument=argument.name, value=winners[0], start=-1, end=-1)


def _by_age(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """`the newest post`: the last file, by name, of a folder whose files begin with a number or date."""
    for at, word in enumerate(words[:-1]):
        if word not in _LATEST | _OLDEST:
            continue
        inside = [value for value in argument.values if stem(PurePosixPath(value).parent.name) == stem(words[at + 1])]
        dated = sorted(value for value in inside if PurePosixPath(value).name[:1].isdigit())
        if dated:
            value = dated[-1] if word in _LATEST else dated[0]
            yield Named(argument=argument.name, value=value, start=at, end=at + 2, exact=True)


def _folders(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """Folders that share the stem of their own name with a word of the request."""
    known = {stem(word): at for at, word in enumerate(words) if word not in STOP and len(word) > 3}
    for value in argument.values:
        path = PurePosixPath(value)
        at = known.get(stem(path.name.casefold()), -1) if not path.suffix else -1
        if at >= 0:
            yield Named(argument=argument.name, value=value, start=at, end=at + 1, loose=True)


def named(text: str, arguments: Iterable[Argument], codes: Sequence[str] = ()) -> tuple[Named, ...]:
    """Every value of these arguments that the request names, longest spelling first; one argument name is read once.

    Files that no spelling names are guessed by the words of their names. codes: identifiers whose parts name nothing.
    """
    words = tokens(text)
    inside = _inside_codes(words, codes)
    found: dict[tuple[str, str], Named] = {}
    for argument in arguments:
        hits = list(_patterns(argument, text))
        if not (is_path(argument) and hits):
            hits += _of_argument(argument, words, text, inside) if argument.values else ()
        if is_path(argument):
            hits += _by_age(argument, words) if not hits else ()
        if argument.name in ("number", "issue"):
            hits = [hit for hit in hits if hit.start < 0]
        if not hits and is_path(argument) and argument.values:
            hits = list(_by_overlap(argument, words))
        if is_path(argument) and not any(hit.exact or hit.start >= 0 for hit in hits):
            hits += _folders(argument, words)
        for hit in hits:
            found.setdefault((hit.argument, hit.value), hit)
    return tuple(found.values())
