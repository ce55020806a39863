"""Routes as JSON and back, for the record.

Knows every field's type from the dataclasses; refuses to know what they mean.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from nova.core import degradations, routes
from nova.core.routes import AskBack, Nobody, Route, ToAgent, ToPlan

if TYPE_CHECKING:
    from nova.core.json import Json

_KINDS: dict[str, type[Route]] = {kind.__name__: kind for kind in (ToAgent, ToPlan, AskBack, Nobody)}
_NAMES = {**vars(routes), **vars(degradations)}


def route_to_json(route: Route) -> dict[str, Json]:
    """The route with the name of its kind under `kind`."""
    return {"kind": type(route).__name__, **cast("dict[str, Json]", _plain(route))}


def route_from_json(value: dict[str, Json]) -> Route:
    """The route written by `route_to_json`. Raises KeyError, TypeError or ValueError for anything else.

    Fields that a newer Nova added are left out, and those it had not yet take their defaults.
    """
    return cast(
        "Route", _build(_KINDS[str(value["kind"])], {key: part for key, part in value.items() if key != "kind"})
    )


def _plain(value: object) -> Json:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, StrEnum):
        return str(value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} is no part of a route")


def _build(kind: object, value: Json) -> object:
    """A value of the annotated type `kind` out of JSON."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        rest = [argument for argument in arguments if argument is not types.NoneType]
        return None if value is None else _build(rest[0], value)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(arguments[0], item) for item in value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = typing.get_type_hints(kind, _NAMES)
        known = {field.name for field in dataclasses.fields(kind)}
        return kind(**{name: _build(hints[name], part) for name, part in value.items() if name in known})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(str(value))
    if kind is float and isinstance(value, (int, float)):
        return float(value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    raise TypeError(f"{value!r} is not a {kind}")
