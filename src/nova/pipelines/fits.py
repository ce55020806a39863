"""Whether a value fits a schema, and whether one schema fits another: whatever the first gives, the second takes.

Of what a schema cannot know beforehand (a number's bounds, a text's pattern) only a value is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from nova.core.json import Json
from nova.core.plans import Schema
from nova.core.text import nearest, shorten
from nova.pipelines.types import alternatives, describe, kind_of, kind_of_value, names, obj
from nova.settings.located import KeyPath

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

PROBLEMS_MAX = 20
_REQUIRED = re.compile(r"^'(.*)' is a required property$")
_BOUNDS = {
    "minimum": "is smaller than {}", "maximum": "is larger than {}", "exclusiveMinimum": "is not larger than {}",
    "exclusiveMaximum": "is not smaller than {}", "minLength": "has fewer than {} characters",
    "maxLength": "has more than {} characters", "minItems": "has fewer than {} elements",
    "maxItems": "has more than {} elements", "pattern": "does not match the pattern {}",
    "multipleOf": "is no multiple of {}",
}  # fmt: skip


def check_value(schema: Schema, value: Json, name: str) -> tuple[str, ...]:
    """What keeps the value from fitting, a full sentence each, at most PROBLEMS_MAX; none when it fits."""
    return tuple(f"“{_shown(name, place)}” {said}." for place, said in value_problems(schema, value))


def value_problem(schema: Schema, value: Json) -> str:
    """The first reason why the value does not fit, to be read after “it gives”; empty when it fits."""
    for place, said in value_problems(schema, value):
        return f"“{_shown('', place)}” {said}" if place else f"the value {said}"
    return ""


def value_problems(schema: Schema, value: Json) -> list[tuple[KeyPath, str]]:
    """Each place where the value does not fit the schema, and why: `is text, and a whole number is wanted`."""
    from jsonschema import Draft202012Validator  # late: 10 MB, and a request in one piece has no schema

    errors = Draft202012Validator(schema).iter_errors(value)  # pyright: ignore[reportUnknownMemberType]
    found: list[tuple[KeyPath, str]] = []
    for error in errors:
        found.append((tuple(error.absolute_path), _said(error)))
        if len(found) == PROBLEMS_MAX:
            break
    return found


def schema_problem(schema: Json) -> tuple[KeyPath, str] | None:
    """The place in a schema that makes it none, and what is wrong there; None for a sound one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(cast("dict[str, Json]", schema))
    except SchemaError as error:
        return tuple(error.absolute_path), _said(error)
    return None


def _said(error: ValidationError | SchemaError) -> str:
    keyword, wanted, value = str(error.validator), cast("Json", error.validator_value), cast("Json", error.instance)
    if keyword in _BOUNDS:
        return _BOUNDS[keyword].format(shorten(str(wanted), 60))
    if keyword == "type":
        schema: Schema = {"type": wanted}
        return f"is {describe({'type': kind_of_value(value)})}, and {describe(schema)} is wanted"
    if keyword in ("enum", "const"):
        schema = {keyword: wanted}
        return f"is {describe({'const': value})}, and only {describe(schema)} is taken"
    if keyword == "required" and (missing := _REQUIRED.match(error.message)):
        return f"lacks its field “{shorten(missing.group(1), 60)}”"
    if keyword == "additionalProperties":
        return _unknown_field(cast("Schema", error.schema), value)
    if keyword in ("anyOf", "oneOf"):
        schema = {keyword: wanted}
        return f"is {describe({'type': kind_of_value(value)})}, and {describe(schema)} is wanted"
    return f"does not fit ({keyword})"


def _unknown_field(schema: Schema, value: Json) -> str:
    known = list(obj(schema.get("properties")))
    name = next((key for key in obj(value) if key not in known), "")
    near = nearest(name, known, 1)
    meant = f" (did you mean “{near[0]}”?)" if near else ""
    return f"has a field “{shorten(name, 60)}” that is not known{meant}"


def _shown(name: str, place: KeyPath) -> str:
    return ".".join([*([name] if name else []), *(shorten(str(part), 40) for part in place)])


def misfit(given: Schema, wanted: Schema) -> str:
    """Why a value of the schema `given` may not do where `wanted` is asked for; empty when it always does."""
    if not wanted or not given:
        return ""
    options = list(alternatives(wanted))
    for one in alternatives(given):
        if "const" in one:
            if said := value_problem(wanted, one["const"]):
                return said
            continue
        reasons = [_misfit(one, option) for option in options]
        if all(reasons):
            single = len(options) == 1
            return reasons[0] if single else f"it gives {describe(one)}, and {describe(wanted)} is wanted"
    return ""


def _misfit(given: Schema, wanted: Schema) -> str:
    have, want = kind_of(given), kind_of(wanted)
    if not have or not want:
        return ""
    if "const" in wanted:
        return f"it gives {describe(given)}, and only {describe(wanted)} is taken"
    if have != want and (have, want) != ("integer", "number"):
        return f"it gives {describe(given)}, and {describe(wanted)} is wanted"
    if want == "array":
        said = misfit(obj(given.get("items")), obj(wanted.get("items")))
        return f"in its elements, {said}" if said else ""
    return _misfit_fields(given, wanted) if want == "object" else ""


def _misfit_fields(given: Schema, wanted: Schema) -> str:
    have, want = obj(given.get("properties")), obj(wanted.get("properties"))
    if not have and given.get("additionalProperties") is not False:
        return ""
    sure = names(given.get("required"))
    for name in names(wanted.get("required")):
        if name not in have:
            return f"its field “{name}” is missing"
        if name not in sure:
            return f"its field “{name}” may be missing"
    for name, schema in have.items():
        if name in want:
            if said := misfit(obj(schema), obj(want[name])):
                return f"in its field “{name}”, {said}"
        elif wanted.get("additionalProperties") is False:
            return f"its field “{name}” is not taken"
    return ""
