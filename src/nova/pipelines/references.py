"""`${node.output.field}` in text: read into bindings and written back. Refuses to know what a node gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import EVENT, INPUTS, ITEM, Binding, Fields, First, Items, Literal, Ref, Text
from nova.core.text import nearest, shorten
from nova.settings.located import KeyPath

RESERVED = (INPUTS, ITEM, EVENT)
"""First words of references that name no node."""
Note: TypeAlias = Callable[[KeyPath, str, str], None]
"""Takes what is wrong: the place, what, and how to mend it."""
_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_PART = re.compile(r"[A-Za-z0-9_-]+")


def parse_ref(written: str) -> Ref:
    """The reference between `${` and `}`. Raises BadInput."""
    parts = written.strip().split(".")
    if not all(_PART.fullmatch(part) for part in parts):
        what = f"“${{{shorten(written, 60)}}}” is no reference."
        raise BadInput(what, "Write ${node.output.field}, ${inputs.name}, or $${ for these two signs themselves.")
    head, rest = parts[0], tuple(parts[1:])
    if head in RESERVED:
        return Ref(head, rest)
    if not rest or rest[0] != "output":
        raise BadInput(f"“${{{shorten(written, 60)}}}” does not say what is meant.", _meant(head, rest))
    return Ref(head, rest[1:])


def _meant(head: str, rest: tuple[str, ...]) -> str:
    if near := nearest(head, RESERVED, 1):
        return f"Did you mean ${{{'.'.join((near[0], *rest))}}}? What a node gives is ${{node.output.field}}."
    return f"Write ${{{'.'.join((head, 'output', *rest))}}} for what the node “{shorten(head, 40)}” gives."


def parse_binding(value: Json) -> Binding:
    """Where a value comes from, read from how it is written. Raises BadInput for the first reference that is none."""

    def refuse(place: KeyPath, what: str, mend: str) -> None:
        del place
        raise BadInput(what, mend)

    return read_binding(value, (), refuse)


def read_binding(value: Json, place: KeyPath, note: Note) -> Binding:
    """The same, at a place of a file: what is wrong goes to `note`, and its text stands in for it."""
    if isinstance(value, str):
        return _text(value, place, note)
    if isinstance(value, list):
        items = tuple(read_binding(one, (*place, number), note) for number, one in enumerate(value))
        return _plain(items) if all(isinstance(one, Literal) for one in items) else Items(items)
    if isinstance(value, dict):
        return _object(value, place, note)
    return Literal(value)


def _object(value: Mapping[str, Json], place: KeyPath, note: Note) -> Binding:
    if list(value) == ["first"] and isinstance(options := value["first"], list):
        if not options:
            note(place, "“first” has nothing to choose from.", "Write {first: [${...}, a value for want of it]}.")
        return First(tuple(read_binding(one, (*place, "first", n), note) for n, one in enumerate(options)))
    fields = {key: read_binding(one, (*place, key), note) for key, one in value.items()}
    if all(isinstance(one, Literal) for one in fields.values()):
        return Literal({key: one.value for key, one in fields.items() if isinstance(one, Literal)})
    return Fields(fields)


def _plain(items: tuple[Binding, ...]) -> Literal:
    return Literal([one.value for one in items if isinstance(one, Literal)])


def _text(written: str, place: KeyPath, note: Note) -> Binding:
    parts: list[str | Ref] = []
    for part in _parts(written, place, note):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    if len(parts) == 1 and isinstance(only := parts[0], Ref):
        return only
    if any(isinstance(part, Ref) for part in parts):
        return Text(tuple(parts))
    return Literal("".join(part for part in parts if isinstance(part, str)))


def _parts(written: str, place: KeyPath, note: Note) -> Iterator[str | Ref]:
    end = 0
    for found in _TOKEN.finditer(written):
        yield written[end : found.start()]
        end = found.end()
        if found.group() == "$${":
            yield "${"
        elif found.group(1) is None:
            note(place, "A reference is opened with ${ and never closed.", "Close it, or write $${ for these signs.")
        else:
            try:
                yield parse_ref(found.group(1))
            except BadInput as wrong:
                note(place, wrong.what, wrong.mend)
                yield found.group()
    yield written[end:]


def written(binding: Binding) -> Json:
    """The binding as a file has it; `parse_binding` reads it back as it was."""
    match binding:
        case Ref():
            return str(binding)
        case Literal(value):
            return _escaped(value)
        case Text(parts):
            return "".join(str(part) if isinstance(part, Ref) else part.replace("${", "$${") for part in parts)
        case Items(of):
            return [written(one) for one in of]
        case First(of):
            return {"first": [written(one) for one in of]}
        case Fields(of):
            return {name: written(one) for name, one in of.items()}


def _escaped(value: Json) -> Json:
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    if isinstance(value, dict):
        return {key: _escaped(one) for key, one in value.items()}
    return value
