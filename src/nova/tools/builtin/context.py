"""The tool that finds what an issue is about: code, models, tests and documents, with places, ranked.

Knows how much of each to show and how to word it; `code_places` ranks code, `django_source` knows models.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import shorten
from nova.models.words import words
from nova.projects.sources.files import files_of, own, read_text
from nova.tools.code_places import Part, parts, tests_about
from nova.tools.django_source.schema import Model, Schema, schema
from nova.tools.django_source.shown import field_line
from nova.tools.search import search
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result, storable

TEXT_CHARACTERS_MAX = 20_000
EXCERPT_LINES = 40
MODELS_MAX = 5
TESTS_MAX = 5
DOCUMENTS_MAX = 3
SUMMARY_CHARACTERS_MAX = 16_000
_DECISION = re.compile(r"\b(?:decision|adr)s?\s+#?0*(\d{1,5})\b", re.IGNORECASE)
_DOCUMENT = re.compile(r"[\w./-]*\w\.(?:md|rst|txt)\b")


class CodeContext(Arguments):
    """Arguments of code_context."""

    text: str = Field(description="What it is about: the title and the text of an issue, or a question.")
    limit: int = Field(default=8, ge=1, le=30, description="How many places in the code at most.")


class CodePlace(Data):
    """A part of the code. symbol: function or class, empty for a file without; text: its lines, raw, maybe cut."""

    path: str
    line: int
    end_line: int
    symbol: str
    text: str


class ModelNamed(Data):
    """A model of the project. fields: one line each, as django_fields shows them."""

    model: str
    path: str
    line: int
    fields: list[str]


class DocumentPlace(Data):
    """A place in a document: the paragraph's first line."""

    path: str
    line: int
    text: str


class Context(Data):
    """Everything found, best first. tests: files that test those places; summary: all of it as one text.

    where: the places and documents, one `path:line symbol` a line, for somebody who is asked about a change.
    """

    places: list[CodePlace]
    models: list[ModelNamed]
    tests: list[str]
    documents: list[DocumentPlace]
    summary: str
    where: str


def _context(given: CodeContext, reach: Reach) -> ToolResult:
    text = given.text.strip()[:TEXT_CHARACTERS_MAX]
    if not text:
        raise ToolFailed("There is no text to find the code for.", "Give the title and the text of the issue.")
    chosen = parts(reach, text)[: given.limit]
    places = [_place(reach, part) for part in chosen]
    tests = tests_about(reach, chosen)[:TESTS_MAX]
    known = schema(reach)
    models = [_model(known, model) for model in _models(known, text, chosen, places)]
    documents = _documents(reach, text)
    summary = _summary(places, models, tests, documents)
    where = "\n".join(
        [
            *(f"{place.path}:{place.line} {place.symbol}".rstrip() for place in places),
            *(f"{one.path}:{one.line} {shorten(one.text, 120)}" for one in documents),
        ]
    )
    data = Context(places=places, models=models, tests=tests, documents=documents, summary=summary, where=where)
    noun = "place" if len(places) == 1 else "places"
    headline = (
        f"{len(places)} {noun} in the code, {len(models)} models, {len(tests)} test files and "
        f"{len(documents)} documents on “{shorten(text.splitlines()[0], 60)}”."
    )
    return result(headline, [line for place in places for line in _lines(place)], reach, data=data)


def _place(reach: Reach, part: Part) -> CodePlace:
    lines = read_text(reach.root, part.path).lines
    first, last = part.line, part.end_line
    if last - first >= EXCERPT_LINES:  # around its best line, of a file without parts a little of both sides
        first = max(first, min(part.best - EXCERPT_LINES // 4, last - EXCERPT_LINES + 1)) if part.best else first
        last = first + EXCERPT_LINES - 1
    text = storable("\n".join(lines[first - 1 : last]))
    return CodePlace(path=part.path, line=first, end_line=last, symbol=part.symbol, text=text)


def _lines(place: CodePlace) -> list[ResultLine]:
    return [
        ResultLine(text=line, citation=Citation(path=place.path, line=number))
        for number, line in enumerate(place.text.split("\n"), place.line)
    ]


def _models(known: Schema, text: str, chosen: Sequence[Part], places: Sequence[CodePlace]) -> list[Model]:
    """The models whose names stand in the text, in the places' code, or that are places themselves; best first."""
    held = frozenset(words(text))
    classes = {(part.path, part.symbol.partition(".")[0]) for part in chosen if part.symbol}
    used = Counter(name for place in places for name in frozenset(re.findall(r"\b[A-Z]\w+\b", place.text)))
    scores: dict[str, float] = {}
    for model in known.models.values():
        called = frozenset(words(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.name)))
        named = 3.0 * len(called) if called and called <= held else 0.0
        scores[model.label] = named + used[model.name] + (2.0 if (model.path, model.name) in classes else 0.0)
    best = sorted(scores, key=lambda label: (-scores[label], known.models[label].abstract, label))
    return [known.models[label] for label in best[:MODELS_MAX] if scores[label] > 0]


def _model(known: Schema, model: Model) -> ModelNamed:
    fields = [field_line(known, field).text for field in model.fields if not field.automatic]
    return ModelNamed(model=model.label, path=model.path, line=model.cls.node.lineno, fields=fields)


def _documents(reach: Reach, text: str) -> list[DocumentPlace]:
    """What the text names first (`decision 2`, `docs/tenancy.md`), then what holds most of its words."""
    names = [name for name in files_of(reach.root, frozenset({".md", ".rst", ".txt"})) if _told(name, reach)]
    numbers = frozenset(_DECISION.findall(text))
    spelled = frozenset(_DOCUMENT.findall(text))
    named = [name for name in names if _numbered(name) & numbers or any(name.endswith(path) for path in spelled)]
    found = {name: DocumentPlace(path=name, line=1, text=_first(reach, name)) for name in named}
    for hit in search(reach, names, text).hits:
        if len(found) >= DOCUMENTS_MAX:
            break
        found.setdefault(hit.path, DocumentPlace(path=hit.path, line=hit.line, text=hit.text))
    return list(found.values())[:DOCUMENTS_MAX]


def _told(name: str, reach: Reach) -> bool:
    """Whether it says how things should be: not an issue, not the list of changes, not a list of packages."""
    last = name.rpartition("/")[2].casefold()
    return own(name) and not name.startswith(f"{reach.issues}/") and not last.startswith(("changelog", "requirements"))


def _numbered(name: str) -> frozenset[str]:
    folder, _, last = name.rpartition("/")
    digits = re.match(r"0*(\d{1,5})[-_]", last)
    return frozenset({digits[1]}) if digits and re.search(r"decision|adr", folder) else frozenset()


def _first(reach: Reach, name: str) -> str:
    rows = (row.strip() for row in read_text(reach.root, name).lines)
    return shorten(next((row.lstrip("# ") for row in rows if row.startswith("#")), name), 200)


def _summary(
    places: Sequence[CodePlace], models: Sequence[ModelNamed], tests: Sequence[str], documents: Sequence[DocumentPlace]
) -> str:
    pieces = [f"{place.path}:{place.line} {place.symbol}".rstrip() + f"\n{place.text}" for place in places]
    about = [f"Model {model.model} ({model.path}:{model.line})\n  " + "\n  ".join(model.fields) for model in models]
    rest = [f"Tests: {', '.join(tests)}"] if tests else []
    rest += [f"{document.path}:{document.line} {document.text}" for document in documents]
    kept: list[str] = []
    left = SUMMARY_CHARACTERS_MAX
    for piece in [*pieces[:3], *about, *rest, *pieces[3:]]:
        left -= len(piece) + 2
        if left < 0:
            break
        kept.append(piece)
    return "\n\n".join(kept)


TOOLS = (
    reading(
        "code_context",
        "Finds the code an issue or a question is about: functions and classes with their lines, the models and "
        "fields concerned, the test files, and the documents that say how it should be.",
        CodeContext, _context, output=Context,
    ),
)  # fmt: skip
