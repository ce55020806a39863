"""`{value: ${tests.output.passed}, is: true}`: read into conditions. Refuses to evaluate them."""

from __future__ import annotations

from nova.core.json import Json
from nova.core.plans import Condition, Literal, Test
from nova.pipelines.file import ConditionFile
from nova.pipelines.notes import Notes
from nova.pipelines.references import read_binding

_FIELDS = {
    "is_": Test.IS, "is_not": Test.IS_NOT, "less": Test.LESS, "more": Test.MORE, "contains": Test.CONTAINS,
    "empty": Test.EMPTY, "in_": Test.IN,
}  # fmt: skip


def read_condition(written: ConditionFile | None, notes: Notes) -> Condition | None:
    """The condition as a value; None without one. A condition that has no test, or two, is noted."""
    if written is None:
        return None
    tests = [name for name in _FIELDS if name in written.model_fields_set]
    if len(tests) != 1:
        what = "This condition compares with nothing." if not tests else "This condition compares in two ways."
        notes.add((), what, f"Give it exactly one of: {', '.join(_FIELDS.values())}.")
    value = read_binding(written.value, ("value",), notes.add)
    test = _FIELDS[tests[0]] if tests else Test.IS
    to: Json = getattr(written, tests[0]) if tests else None
    if isinstance(read_binding(to, (test.value,), notes.add), Literal):
        return Condition(value=value, test=test, to=to)
    what = "A condition compares with a fixed value."
    notes.add((test.value,), what, "Put the reference under value, and what it is compared with here.")
    return None
