"""Every mistake in a pipeline file that loading can see is said with its line and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.plans import KNOWN, OTHERS

from nova.core.errors import BadFiles, Problem
from nova.pipelines.load import parse_pipeline

FILE = Path("demo.yaml")
SOUND = """\
id: demo
version: 1
description: Adds, says and asks.
inputs:
  name: {type: string}
  number: {type: integer, default: 3}
  items: {type: array, items: {type: integer}, default: [1]}
outputs:
  said: ${say.output.said}
nodes:
  sum: {tool: add, with: {a: "${inputs.number}", b: 2}}
  say:
    tool: echo
    with:
      text: The sum is ${sum.output.sum}, ${inputs.name}.
  person:
    agent: orientation
    task: What of ${say.output.text}?
    output: {type: object, properties: {mood: {type: string}, age: {type: integer}}, required: [mood]}
  each:
    map: ${inputs.items}
    do: {tool: add, with: {a: "${item}"}}
  decide:
    choose:
      - {name: big, when: {value: "${sum.output.large}", is: true}, then: [ask]}
      - {name: otherwise, then: [rest]}
  ask: {review: "Go on, ${inputs.name}?", show: {evidence: "${say.output.lines}"}}
  rest: {wait: 5}
  may-fail:
    tool: fail
    on_failure: continue-degraded
triggers:
  - {id: daily, schedule: "0 7 * * mon-fri", zone: Europe/Berlin, with: {name: Ada}}
"""


def problems(old: str, new: str) -> list[Problem]:
    """What is said after `old` was replaced by `new` in a sound file."""
    assert SOUND.count(old) == 1, old
    with pytest.raises(BadFiles) as caught:
        parse_pipeline(SOUND.replace(old, new).encode(), FILE, KNOWN, OTHERS)
    return list(caught.value.problems)


def test_the_file_they_are_made_in_is_sound() -> None:
    """Without a mistake nothing is said, so each of these tests sees its own mistake."""
    plan = parse_pipeline(SOUND.encode(), FILE, KNOWN, OTHERS)
    assert plan.name == "demo@1"
    assert plan.nodes["say"].line == 12


FULL_TRIGGER = 'schedule: "0 7 * * mon-fri", zone: Europe/Berlin, with: {name: Ada}'
MISTAKES = [
    # names
    ("tool: echo", "tool: ehco", 13, "There is no tool named “ehco”. Did you mean echo?"),
    ("agent: orientation", "agent: orientatoin", 17, "There is no agent named “orientatoin”. Did you mean"),
    ("rest: {wait: 5}", "rest: {pipeline: twise}", 28, "There is no pipeline named “twise”. Did you mean twice?"),
    ("${say.output.said}", "${sya.output.said}", 9, "does not exist. Did you mean say?"),
    ("${say.output.said}", "${say.output.siad}", 9, "there is no field “siad”. Did you mean said"),
    ("${inputs.name}.", "${inputs.nmae}.", 15, "there is no field “nmae”. Did you mean name"),
    ("${say.output.said}", "${say.said}", 9, "Write ${say.output.said} for what the node “say” gives."),
    ("${inputs.name}.", "${input.name}.", 15, "Did you mean ${inputs.name}?"),
    ("${say.output.said}", "${say.output.said", 9, "never closed"),
    ("${say.output.said}", "${say output}", 9, "is no reference"),
    ("${say.output.said}", "say.output.said", 9, "The output “said” refers to nothing."),
    ("${inputs.name}.", "${item}.", 15, "only known inside the do of a map"),
    ("${inputs.name}.", "${event.x}.", 15, "only known in a trigger"),
    ("rest: {wait: 5}", "rest: {wait: 5, after: [sya]}", 28, "There is no node named “sya”. Did you mean say?"),
    ("then: [ask]", "then: [aks]", 25, "There is no node named “aks”. Did you mean ask?"),
    # types
    ('a: "${inputs.number}"', 'a: "${inputs.name}"', 11, "it gives text, and a whole number is wanted"),
    ("b: 2", "b: two", 11, "“b” is text, and a whole number is wanted"),
    ("b: 2", "bb: 2", 11, "There is no “bb” at the tool add. Did you mean b?"),
    ("with: {a: \"${inputs.number}\", b: 2}", "with: {b: 2}", 11, "“a” is missing for the tool add."),
    ("${sum.output.sum}", "${inputs.items}", 15, "stands inside a text, and gives a list (a whole number)"),
    ("map: ${inputs.items}", "map: ${inputs.name}", 21, "it gives text, and a list is wanted"),
    ('a: "${item}"', 'a: "x ${item}"', 22, "a whole number is wanted"),
    ("evidence: \"${say.output.lines}\"", "evidence: \"${inputs.items}\"", 27, "in its elements, it gives a"),
    ("${inputs.name}.", "${person.output.data.age}.", 12, "These nodes wait for each other"),
    ("?\", show", " ${person.output.data.age}\", show", 27, "“age” may be missing"),
    ("?\", show", " ${say.output.lines.0}\", show", 27, "“0” may be missing"),
    ("is: true", 'is: "yes"', 25, "This can never hold: “yes” is what it is compared with"),
    ("is: true", "less: 3", 25, "it gives true or false, and a number is wanted"),
    ("is: true", "contains: x", 25, "true or false holds nothing"),
    ("default: 3}", "default: three}", 6, "The default of “number” does not fit"),
    ("type: integer, default: 3", "type: intger, default: 3", 6, "This is no JSON Schema"),
    ("name: {type: string}", "name: {model: \"nova.core.plans:Plan\"}", 5, "is no pydantic model"),
    ("name: {type: string}", "name: {model: \"nova.settings.file:SettingFile\"}", 5, "Did you mean SettingsFile"),
    ("name: {type: string}", "name: {model: \"antigravity:Balloon\"}", 5, "antigravity is not installed"),
    ("name: {type: string}", "name: {$ref: \"http://example.org/a.json\"}", 5, "The schema refers to “http://example.org/a.json”"),
    # presence
    ("?\", show", " ${rest.output.waited_seconds}\", show", 27, "only in the case otherwise of “decide”"),
    ("${inputs.name}.", "${may-fail.output.text}.", 15, "Give “may-fail” an otherwise"),
    ("said: ${say.output.said}", "said: ${ask.output.answer}", 9, "it is walked only in the case big of “decide”"),
    ("said: ${say.output.said}", "said: {first: [\"${ask.output.answer}\"]}", 9, "none of these is there"),
    # nodes
    ("    tool: echo\n", "    tool: echo\n    agent: orientation\n", 12, "is two at once: agent and tool"),
    ("    tool: echo\n", "    tol: echo\n", 12, "Did you mean “tool”"),
    ("    task: What of ${say.output.text}?\n", "", 16, "“task” is missing."),
    ("    tool: fail\n", "    tool: fail\n    when: {value: 3, is: 3}\n", 31, "says the same every time"),
    ("    tool: fail\n", "    tool: fail\n    when: {value: \"${inputs.number}\"}\n", 31, "compares with nothing"),
    ("continue-degraded", "continue", 31, "on_failure"),
    ("on_failure: continue-degraded", "otherwise: x", 31, "is never used"),
    ("on_failure: continue-degraded", "on_failure: review\n    otherwise: 3", 32, "an object is wanted"),
    ("on_failure: continue-degraded", "retries: {times: 2, on: [ToolTransent]}", 31, "Did you mean ToolTransient"),
    ("on_failure: continue-degraded", "timeout_seconds: -1", 31, "“timeout_seconds” is too small"),
    ("rest: {wait: 5}", "rest: {wait: 2h}", 28, "Write wait: 7200."),
    ("rest: {wait: 5}", "rest: {wait: {event: webhok}}", 28, "There is no event named “webhok”. Did you mean webhook?"),
    ("rest: {wait: 5}", "rest: {wait: 5, timeout: 3}", 28, "Did you mean “timeout_seconds”?"),
    ("show: {evidence", "timeout_seconds: 5, show: {evidence", 27, "“timeout_seconds” is no key here."),
    ("do: {tool: add, with: {a: \"${item}\"}}", "do: {map: [1], do: {wait: 1}}", 22, "A map cannot do a map"),
    ("do: {tool: add,", "do: {after: [say], tool: add,", 22, "cannot have “after”"),
    ("rest: {wait: 5}", "rest: {choose: []}", 28, "“rest” has nothing to choose from."),
    ("then: [rest]}", "then: [rest]}\n      - {name: late, then: []}", 27, "The case “late” is never reached"),
    ("then: [rest]}", "then: [rest, ask, rest]}", 26, "“rest” is listed twice"),
    ("name: otherwise,", "name: big,", 26, "Two cases are called “big”."),
    ("rest: {wait: 5}", "rest: {wait: 5}\n  Rest: {wait: 5}", 29, "cannot be the name of a node"),
    ("rest: {wait: 5}", "rest: {wait: 5}\n  item: {wait: 5}", 29, "has a meaning of its own"),
    # the whole
    ("id: demo", "id: damo", 1, "Rename the file to damo.yaml"),
    ("version: 1", "version: one", 2, "“version” must be a whole number"),
    ("version: 1\n", "version: 1\nbugdet: {}\n", 3, "Did you mean “budget”?"),
    ("version: 1\n", "version: 1\nbudget: {tokens: -5}\n", 3, "“budget.tokens” is too small"),
    # triggers
    ("0 7 * * mon-fri", "0 25 * * *", 33, "is not a schedule"),
    ("0 7 * * mon-fri", "7 o'clock", 33, "is not a schedule of five fields"),
    ("0 7 * * mon-fri", "0 0 30 2 *", 33, "is never due"),
    ("Europe/Berlin", "Europe/Berlni", 33, "Did you mean Europe/Berlin"),
    ("with: {name: Ada}", "with: {nmae: Ada}", 33, "There is no “nmae” at the pipeline demo. Did you mean name"),
    ("with: {name: Ada}", "with: {name: 3}", 33, "“name” is a whole number, and text is wanted"),
    (", with: {name: Ada}", "", 33, "“name” is missing for the pipeline demo"),
    (", with: {name: Ada}", ", with: {name: Ada}, check: lsit_numbers", 33, "Did you mean list_numbers?"),
    ("schedule: \"0 7 * * mon-fri\", zone: Europe/Berlin", "event: webhok", 33, "Did you mean webhook?"),
    ("schedule: \"0 7 * * mon-fri\",", "", 33, "must have either a schedule or an event"),
    ("with: {name: Ada}", "with: {name: \"${event.titel}\"}", 33, "there is no field “titel”"),
    ("zone: Europe/Berlin", "catch_up: first", 33, "“triggers, item 1.catch_up” cannot be “first”"),
    (FULL_TRIGGER, "event: issue-opened, where: {titel: x}, with: {name: \"${event.title}\"}", 33, "mean title"),
    (FULL_TRIGGER, "event: issue-opened, with: {name: \"${event.number}\"}", 33, "it gives a whole number"),
    (FULL_TRIGGER, "event: webhook, catch_up: last, with: {name: \"${event.any}\"}", 33, "Only a schedule has"),
    # YAML
    ("{value: \"${sum.output.large}\"", "{value: ${sum.output.large}", 25, "put references in quotes"),
    ("description: Adds, says and asks.", "description: &a Adds.", 3, "is a YAML anchor"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES)
def test_a_mistake_is_said_at_its_line(old: str, new: str, line: int, said: str) -> None:
    """The line is the one a person would look at, and the sentence tells what to do."""
    found = problems(old, new)
    assert any(said in str(one) and one.line == line for one in found), "\n".join(map(str, found))
    assert all(one.file == "demo.yaml" and one.mend for one in found), found


def test_all_mistakes_are_said_at_once() -> None:
    """Nobody mends one mistake only to be told the next."""
    broken = SOUND.replace("tool: echo", "tool: ehco").replace("b: 2", "b: two").replace("then: [ask]", "then: [aks]")
    broken = broken.replace("agent: orientation", "agent: orientatoin").replace("Europe/Berlin", "Europe/Berlni")
    with pytest.raises(BadFiles) as caught:
        parse_pipeline(broken.encode(), FILE, KNOWN, OTHERS)
    assert [one.line for one in caught.value.problems] == [11, 13, 17, 25, 33]


def test_a_circle_names_its_nodes() -> None:
    """Nodes that wait for each other are listed in the order of the circle."""
    (found,) = problems(
        "rest: {wait: 5}", "rest: {wait: 5, after: [x]}\n  x: {wait: 1, after: [y]}\n  y: {wait: 1, after: [rest]}"
    )
    assert found.what == "These nodes wait for each other: rest → y → x → rest."
