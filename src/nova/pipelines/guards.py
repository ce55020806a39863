"""Under which conditions a node is walked, so that nobody refers to what may be left out. Pure; evaluates nothing.

A node is left out when its own `when` does not hold, when no case that names it is taken, and when the choose that
names it is left out. What it gives may also be missing when it goes on without an `otherwise` after a failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nova.core.json import Json, dump
from nova.core.plans import Condition, Node, OnFailure, Plan, Test
from nova.pipelines.references import written


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What must hold for a node's output to be there.

    conditions: canonical text -> the condition. chosen: a choose -> the cases that lead to the node.
    lost: the node itself, when it may fail without anything in its place.
    """

    conditions: Mapping[str, Condition] = field(default_factory=dict[str, Condition])
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    lost: str = ""

    def implied_by(self, here: Guards) -> bool:
        """Whether a node under `here` is only walked when this is there."""
        if self.lost:
            return False
        known = all(key in here.conditions for key in self.conditions)
        return known and all(one in here.chosen and here.chosen[one] <= cases for one, cases in self.chosen.items())

    def reason(self) -> str:
        """Why it may not be there, in words."""
        if self.lost:
            return f"“{self.lost}” may fail, and nothing takes the place of its output"
        if self.chosen:
            chooser, cases = list(self.chosen.items())[-1]
            return f"it is walked only in the case {' or '.join(sorted(cases))} of “{chooser}”"
        return "it is left out when its condition does not hold"


NOWHERE = Guards()


def key_of(condition: Condition) -> str:
    """The condition as canonical text: the same condition is always the same text."""
    return dump({"value": written(condition.value), condition.test.value: condition.to})


def guards_of(plan: Plan, order: Sequence[str]) -> dict[str, Guards]:
    """Under what each node is walked; `order`: what a node waits for comes before it."""
    found: dict[str, Guards] = {}
    for name in order:
        node = plan.nodes[name]
        above = NOWHERE
        for chooser in choosers(name, plan.nodes):
            cases = frozenset(case.name for case in chooser.cases if name in case.then)
            outer = found.get(chooser.id, NOWHERE)
            chosen = {} if _always(chooser, cases) else {chooser.id: cases}
            above = Guards(
                conditions={**above.conditions, **outer.conditions}, chosen={**above.chosen, **outer.chosen, **chosen}
            )
        own = {key_of(node.when): node.when} if node.when is not None else {}
        found[name] = Guards(conditions={**above.conditions, **own}, chosen=above.chosen)
    return found


def output_guards(node: Node, walked: Guards) -> Guards:
    """Under what the output of a node is there that is walked under `walked`."""
    may_lose = node.policy.on_failure is OnFailure.CONTINUE and node.policy.otherwise is None
    return Guards(conditions=walked.conditions, chosen=walked.chosen, lost=node.id) if may_lose else walked


def choosers(name: str, nodes: Mapping[str, Node]) -> list[Node]:
    """The choose nodes that name this node."""
    return [one for one in nodes.values() if any(name in case.then for case in one.cases)]


def one_always_there(options: Sequence[Guards], here: Guards, nodes: Mapping[str, Node]) -> bool:
    """Whether at least one of these is there, whichever way a node under `here` comes to be walked."""
    if any(one.implied_by(here) for one in options):
        return True
    sound = [_beyond(one, here) for one in options if not one.lost]
    return _complementary(sound) or any(
        _covers(name, sound, nodes, here) for name in {name for one in sound for name in one.chosen}
    )


def _beyond(guards: Guards, here: Guards) -> Guards:
    """What is left of the guards where those of `here` hold already."""
    chosen = {
        name: cases
        for name, cases in guards.chosen.items()
        if name not in here.chosen or not here.chosen[name] <= cases
    }
    rest = {key: one for key, one in guards.conditions.items() if key not in here.conditions}
    return Guards(conditions=rest, chosen=chosen)


def _covers(chooser: str, options: Sequence[Guards], nodes: Mapping[str, Node], here: Guards) -> bool:
    only = [one.chosen[chooser] for one in options if set(one.chosen) == {chooser} and not one.conditions]
    covered = frozenset[str]().union(*only)
    if chooser in here.chosen:
        return here.chosen[chooser] <= covered
    return _always(nodes[chooser], covered)


def _always(chooser: Node, cases: frozenset[str]) -> bool:
    has_otherwise = any(case.when is None for case in chooser.cases)
    return has_otherwise and cases >= {case.name for case in chooser.cases}


def _complementary(options: Sequence[Guards]) -> bool:
    single = [next(iter(one.conditions.values())) for one in options if len(one.conditions) == 1 and not one.chosen]
    return any(_opposite(one, other) for one in single for other in single)


def _opposite(one: Condition, other: Condition) -> bool:
    if written(one.value) != written(other.value):
        return False
    if one.test is Test.EMPTY and other.test is Test.EMPTY:
        return one.to is not other.to
    if one.test is Test.IS and other.test is Test.IS:
        return {dump(one.to), dump(other.to)} == {"true", "false"}
    return {one.test, other.test} == {Test.IS, Test.IS_NOT} and _same(one.to, other.to)


def contradicts(one: Condition, other: Condition) -> bool:
    """Whether the two can never hold together, as far as this can be seen without their values."""
    if _opposite(one, other):
        return True
    both = one.test is Test.IS and other.test is Test.IS
    return both and written(one.value) == written(other.value) and not _same(one.to, other.to)


def _same(one: Json, other: Json) -> bool:
    return dump(one) == dump(other)
