"""Saying no to what needs a language model, by name, and giving the facts instead. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from nova.models.extractive.values import Answer

_LINE = re.compile(r"^[ \t]*(?:[-*][ \t]*)?generates:[ \t]*[\"']?(.*?)[\"'.]?[ \t]*$", re.IGNORECASE | re.MULTILINE)
FACTS = "What I can give you are the facts it would be built on:"


def generates(instructions: str) -> str:
    """What an agent writes, by the line `Generates: a translation` of its instructions; empty when there is none."""
    found = _LINE.search(instructions)
    return found[1].strip() if found else ""


def declined(thing: str, facts: Answer | None) -> Answer:
    """The answer that declines to write `thing`, followed by the facts when there are any."""
    sentence = f"I can't write {thing} without a language model: add a key (`nova models`) and ask again."
    if facts is None or facts.nothing_found or facts.weak:
        return Answer(text=sentence, needs_model=thing, failed=facts.failed if facts else ())
    return replace(facts, text=f"{sentence} {FACTS}\n\n{facts.text}", needs_model=thing)
