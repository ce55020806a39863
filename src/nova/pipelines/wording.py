"""What a pipeline gave, as a person reads it. Pure: outputs in, text out; the whole of them stays in the record."""

from __future__ import annotations

from typing import cast

from nova.core import json
from nova.core.json import Json
from nova.core.text import shorten

LINES_MAX, LINE_MAX = 40, 200


def text_of(output: Json) -> str:
    """The output `text` first, then each other output that says something, in a line or a block of its own.

    What is empty or false is left out, and what is made for programs (objects, lists of them) is only counted.
    """
    if not isinstance(output, dict):
        return output if isinstance(output, str) else json.dump(output)
    text = output.get("text")
    said = text.strip() if isinstance(text, str) else ""
    rest = [_line(name, value) for name, value in output.items() if not (name == "text" and said) and _tells(value)]
    return "\n\n".join(filter(None, [said, "\n".join(rest).rstrip()])) or "Done."


def _tells(value: Json) -> bool:
    """An empty or false value tells a program something, and a person nothing; a zero is a count."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value is not False and value not in ([], {})


def _line(name: str, value: Json) -> str:
    match value:
        case str():
            return f"{name}:\n{value.strip()}\n" if "\n" in value.strip() else f"{name}: {value.strip()}"
        case True:
            return f"{name}: yes"
        case list():
            return _list(name, value)
        case dict():
            return f"{name}: {len(value)} field{'s' * (len(value) != 1)}"
        case _:
            return f"{name}: {json.dump(value)}"


def _list(name: str, items: list[Json]) -> str:
    """Texts, and results of tools by their headlines, one below the other; of other things only how many."""
    texts = [_headline(one) for one in items]
    if not all(texts):
        return f"{name}: {len(items)}"
    shown = [f"- {shorten(one, LINE_MAX)}" for one in texts[:LINES_MAX]]
    more = [f"- … and {len(texts) - LINES_MAX} more"] if len(texts) > LINES_MAX else []
    return "\n".join([f"{name}:", *shown, *more])


def _headline(value: Json) -> str:
    if isinstance(value, dict):
        value = cast("dict[str, Json]", value).get("headline")
    return value if isinstance(value, str) else ""
