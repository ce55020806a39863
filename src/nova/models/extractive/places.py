"""Files and folders that a request names, by path, by name, by age or by the words of a name.

Knows how people speak of files; refuses to open any.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from nova.models.extractive.concepts import STOP, joined, tokens
from nova.models.extractive.values import Argument, Named
from nova.models.words import stem

_FILE_WORDS = """
file page doc document post article draft list script module csv html text seite datei artikel bestand
folder directory app package ordner verzeichnis map
"""
FILE_WORDS = frozenset(_FILE_WORDS.split())
_CODE_FILES = frozenset({".py", ".js", ".css", ".sh", ".toml", ".lock", ""})
_EXTENSIONS = "py|md|html?|css|js|csv|tsv|txt|ya?ml|toml|json|rst|ini|cfg|xml|sql|sh|lock"
_PATH = re.compile(rf"(?<![\w/.-])(?:[\w.-]+/)*[\w-][\w.-]*\.(?:{_EXTENSIONS})\b")
_LATEST = frozenset(
    ["latest", "newest", "last", "neueste", "neuesten", "neuester", "letzte", "letzten", "laatste", "nieuwste"]
)
_OLDEST = frozenset(["oldest", "earliest", "first", "erste", "ersten", "eerste", "oudste"])


def is_path(argument: Argument) -> bool:
    """Whether an argument takes a file or folder."""
    return argument.name in ("path", "file", "folder") or argument.name.endswith("_path")


def path_keys(value: str) -> Iterator[tuple[str, bool]]:
    """Every joined spelling of a path, and whether it is only meant beside a word such as `file`."""
    path = PurePosixPath(value)
    yield joined(value), len(path.parts) == 1 and not path.suffix
    yield joined(path.name), not path.suffix
    words = tokens(path.stem)
    spoken = [word for word in words if not word.isdigit()]
    lonely = len(spoken) < 2 and path.stem != path.stem.upper()
    yield joined(path.stem), lonely
    if len(spoken) < len(words) and spoken:
        yield joined(" ".join(spoken)), lonely
    if len(path.parts) > 1:
        yield joined("/".join(path.parts[-2:])), False


def close_path(value: str, spelt: str) -> bool:
    """Whether a spelling is close enough: a folder's name has to stand there as it is, in singular or plural."""
    path = PurePosixPath(value)
    return bool(path.suffix) or "".join(tokens(path.name)) in spelt


def written(argument: Argument, text: str) -> Iterator[Named]:
    """Paths that stand in a text with their extension: known ones by their end, unknown ones as they are."""
    known = {value.casefold(): value for value in argument.values}
    for found in _PATH.finditer(text):
        path = found[0]
        ends = [value for value in argument.values if value.casefold().endswith(path.casefold())]
        if len(ends) == 1:
            path = ends[0]
        if path.casefold() in known or not ends:
            value = known.get(path.casefold(), path)
            yield Named(argument=argument.name, value=value, start=-1, end=-1, exact=True)


def by_age(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """`the newest post`: the last file, by name, of a folder whose files begin with a number or date."""
    for at, word in enumerate(words[:-1]):
        if word not in _LATEST | _OLDEST:
            continue
        inside = [value for value in argument.values if stem(PurePosixPath(value).parent.name) == stem(words[at + 1])]
        dated = sorted(value for value in inside if PurePosixPath(value).name[:1].isdigit())
        if dated:
            value = dated[-1] if word in _LATEST else dated[0]
            yield Named(argument=argument.name, value=value, start=at, end=at + 2, exact=True)


def by_overlap(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """The one text whose name shares most words with the request, two at least; words in few names count more."""
    known = {stem(word) for word in words if word not in STOP and len(word) > 2}
    texts = [value for value in argument.values if PurePosixPath(value).suffix not in _CODE_FILES]
    shared = {value: sorted({stem(word) for word in tokens(PurePosixPath(value).stem)} & known) for value in texts}
    holders: dict[str, int] = defaultdict(int)
    for common in shared.values():
        for word in common:
            holders[word] += 1
    scores = {value: sum(1 / holders[word] for word in common) for value, common in shared.items() if len(common) >= 2}
    best = max(scores.values(), default=0.0)
    winners = [value for value, score in scores.items() if score == best]
    if len(winners) == 1:
        yield Named(argument=argument.name, value=winners[0], start=-1, end=-1)


def by_folder(argument: Argument, words: Sequence[str]) -> Iterator[Named]:
    """Folders that share the stem of their own name with a word of the request."""
    known = {stem(word): at for at, word in enumerate(words) if word not in STOP and len(word) > 3}
    for value in argument.values:
        path = PurePosixPath(value)
        at = known.get(stem(path.name.casefold()), -1) if not path.suffix else -1
        if at >= 0:
            yield Named(argument=argument.name, value=value, start=at, end=at + 1, loose=True)
