"""What a run is given, held against what its plan asks for, defaults filled in. Refuses to know where it came from."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Plan, Schema
from nova.core.text import nearest, shorten
from nova.pipelines.fits import check_value
from nova.pipelines.types import describe, kind_of_value


def check_inputs(plan: Plan, given: Json) -> dict[str, Json]:
    """All inputs of a run of this plan. Raises BadInput, naming every input that is missing, unknown or wrong."""
    if not isinstance(given, dict):
        found = describe({"type": kind_of_value(given)})
        raise BadInput(f"The inputs of {plan.id} must be an object, and are {found}.", "Write {name: value}.")
    if problems := [*_problems(plan.inputs, given)]:
        raise BadInput(f"{plan.id} cannot run with these inputs. {' '.join(problems)}", _asked(plan.inputs))
    defaults = {name: copy.deepcopy(one["default"]) for name, one in plan.inputs.items() if "default" in one}
    return {**defaults, **given}


def _problems(wanted: Mapping[str, Schema], given: Mapping[str, Json]) -> Iterator[str]:
    for name, schema in wanted.items():
        if name in given:
            yield from check_value(schema, given[name], name)
        elif "default" not in schema:
            yield f"“{name}” is missing: {describe(schema)}."
    for name in given:
        if name not in wanted:
            near = nearest(name, wanted, 1)
            yield f"There is no input “{shorten(name, 60)}”" + (f", did you mean “{near[0]}”?" if near else ".")


def _asked(wanted: Mapping[str, Schema]) -> str:
    each = [f"{name} ({describe(one)}{', optional' if 'default' in one else ''})" for name, one in wanted.items()]
    return f"Its inputs: {', '.join(each)}." if each else "It takes none."
