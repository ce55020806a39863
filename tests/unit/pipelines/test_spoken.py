"""A pipeline and its inputs in the owner's words: what asks for a start now, what does not, and which values."""

from __future__ import annotations

import pytest
from tests.support.a_crew import a_plan

from nova.core.json import Json
from nova.pipelines.spoken import inputs_in, start_wish

NAMES = (
    "release-notes", "morning-briefing", "issue-to-fix", "price-import", "price-import-check",
    "weekly-decisions-digest", "site-audit",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("run the release notes pipeline", "release-notes"),
        ("Run release-notes since 2.4.0", "release-notes"),
        ("start the morning briefing", "morning-briefing"),
        ("please kick off the site audit now", "site-audit"),
        ("can you start the weekly decisions digest?", "weekly-decisions-digest"),
        ("run the price import check", "price-import-check"),
        ("run price_import", "price-import"),
        ("start issue-to-fix for issue 5 in airep", "issue-to-fix"),
        ("starte bitte das Morning-Briefing", "morning-briefing"),
        ("kannst du das site audit starten?", "site-audit"),
    ],
)
def test_words_that_ask_for_a_start_name_their_pipeline(said: str, name: str) -> None:
    """An order in the imperative, or a polite question, that names one pipeline asks for that one."""
    assert start_wish(said, NAMES) == name


@pytest.mark.parametrize(
    "said",
    [
        "which pipelines do I have",
        "did the release notes pipeline run?",
        "what does the site audit do",
        "when is the next run of the morning briefing?",
        "how do I start the release notes pipeline",
        "can I run the site audit twice?",
        "don't run the release notes pipeline",
        "run the release notes pipeline every friday",
        "start the morning briefing at 6 and not at 7",
        "run the site audit tomorrow",
        "run the release notes pipeline, but leave out the last step",
        "run the release notes again from step 2",
        "start the weekly link check now",
        "run the release notes and the site audit",
        "run it",
        "the site audit has been running for an hour",
        "stop the site audit",
        "run the tests of the site audit",
        "run the website-audit",
        "",
    ],
)
def test_words_that_only_speak_of_a_pipeline_start_nothing(said: str) -> None:
    """Questions, times to come, exceptions, several names, other names: in doubt nothing is started."""
    assert start_wish(said, NAMES) == ""


INPUTS: dict[str, Json] = {
    "issue": {"type": "integer", "minimum": 1},
    "since": {"type": "string", "default": ""},
    "places_max": {"type": "integer", "maximum": 30, "default": 12},
    "loud": {"type": "boolean", "default": False},
    "tests": {"type": "array", "items": {"type": "string"}, "default": []},
    "mode": {"type": "string", "enum": ["quick", "whole"], "default": "quick"},
}


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("run issue-to-fix for issue 5", {"issue": 5}),
        ("run issue-to-fix for issue #12.", {"issue": 12}),
        ("run issue-to-fix issue=3 places max 7", {"issue": 3, "places_max": 7}),
        ("run issue-to-fix with places_max=99", {}),
        ("run issue-to-fix since yesterday, loud=yes", {"since": "yesterday", "loud": True}),
        ('run issue-to-fix since "last monday"', {"since": "last monday"}),
        ('run issue-to-fix tests=["a.py", "b.py"] now', {"tests": ["a.py", "b.py"]}),
        ("run issue-to-fix mode whole", {"mode": "whole"}),
        ("run issue-to-fix, mode is up to you", {}),
        ("run the issue to fix pipeline since the beginning", {}),
        ("run issue-to-fix", {}),
    ],
)
def test_inputs_are_taken_from_words_that_fit(said: str, given: dict[str, Json]) -> None:
    """A value behind an input's name is taken when it fits the input's schema, and never out of the pipeline's name."""
    plan = a_plan({"look": {"tool": "look", "with": {"a": "1"}}}, id="issue-to-fix", inputs=INPUTS)
    assert inputs_in(said, plan) == given
