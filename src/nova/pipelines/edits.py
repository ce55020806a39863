"""What the owner gives in the place of something: it has the shape of what it takes the place of, or is refused.

For a review that is its payload; for a failed step it is the step's output, for which a text is enough where the step
gives words. Knows shapes; refuses to know who answers.
"""

from __future__ import annotations

from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.plans import Literal, Node, NodeKind, Plan
from nova.core.reviews import Review
from nova.core.steps import Step
from nova.pipelines import asking
from nova.pipelines.bindings import Absent, View, value_of
from nova.pipelines.fits import check_value
from nova.pipelines.known import Known
from nova.pipelines.outputs import agent_output, stand_in


def is_for(step: Step, review: Review) -> bool:
    """Whether the review is about this step's failure, whose output the edit is then."""
    return step.waits_for == asking.DECIDES + review.id


def step_output(review: Review, plan: Plan, known: Known, edit: Json) -> Json:
    """The edit as the output of the step that failed. Raises BadInput when it is none."""
    node = node_at(plan, review.path)
    if node is None:
        return edit
    made = stand_in(node.kind, node.uses, Literal(edit))
    found = value_of(made, View(inputs={}))
    value = edit if isinstance(found, Absent) else found
    problems = check_value(_gives(node, known), value, "edit")
    if problems:
        what = f"The edit takes the place of what the step {review.path} gives, and does not fit: {' '.join(problems)}"
        raise BadInput(what, f"See what it is about: nova reviews show {review.id} --json")
    return value


def node_at(plan: Plan, path: str) -> Node | None:
    """The node of a step's path; of `each[3]` what the map does for every element."""
    name, element, _ = path.partition("[")
    node = plan.nodes.get(name)
    return node.each if node is not None and element else node


def _gives(node: Node, known: Known) -> dict[str, Json]:
    match node.kind:
        case NodeKind.AGENT:
            return agent_output(node.output)
        case NodeKind.TOOL if node.uses in known.tools:
            return dict(known.tools[node.uses].output)
        case _:
            return {"type": "object"}
