"""Decision records in the customs people have, and which takes back which."""

# ruff: noqa: E501 (a record stands as it would in a file)

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.projects.replayed import WORKSPACE
from tests.unit.tools.places import write

from nova.projects.sources.decision_record import Decision
from nova.projects.sources.decision_status import DecisionStatus, head_of
from nova.projects.sources.decisions import Decisions, decisions

NYGARD = """\
# 9. Use one queue

Date: 2026-03-04

## Status

Superseded by [12. Use two queues](0012-use-two-queues.md)

## Context

Jobs came late.

## Decision

We will use one queue for all jobs.

## Consequences

Slow jobs hold up quick ones.
"""
TWO_QUEUES = """\
# 12. Use two queues

Date: 2026-05-06

## Status

Accepted

Supersedes [9. Use one queue](0009-use-one-queue.md)

## Decision

Two queues, quick and slow.
"""
MADR = """\
---
status: accepted
date: 2026-02-03
decision-makers: Ada Byron, Grace
---
# Keep prices in cents

## Context and Problem Statement

Floats lost a cent.

## Decision Drivers

* The ledger must agree.

## Considered Options

* Cents as integers
* Decimal
* Floats, rounded late

## Decision Outcome

Chosen option: "Cents as integers", because nothing can be lost.

## Pros and Cons of the Options

### Decimal

Bad, because it is slow in the browser.
"""
DOTTED = "# 0006 · Corrections are a text file\n\n2026-11-20 · stands\n\n## Decision\n\nOne file.\n\n## Why\n\nIt is diffed.\n\n## What it costs\n\n- A lock.\n"
LOG = "# Decisions\n\n## 2026-04-01: No cookies\n\nStatus: accepted.\n\nWe set no cookies.\n\n## 2026-05-01: One font\n\nOne font is enough.\n"
PROPOSED = "# 0013 Use three queues\n\nStatus: proposed\nDate: 2026-06-07\nSupersedes: 0012\n\n## Decision\n\nThree.\n\n## Open questions\n\n- Who watches the third?\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(
        tmp_path / "shop",
        {
            "docs/adr/0009-use-one-queue.md": NYGARD,
            "docs/adr/0012-use-two-queues.md": TWO_QUEUES,
            "docs/adr/0013-use-three-queues.md": PROPOSED,
            "docs/adr/README.md": "# Our records\n",
            "docs/adr/template.md": "# NNNN Title\n\nStatus: proposed\n",
            "adr-madr/2026-02-03-keep-prices-in-cents.md": MADR,
            "decisions/0006-corrections.md": DOTTED,
            "DECISIONS.md": LOG,
            "examples/blog/docs/decisions/0001-not-ours.md": "# 0001 Not ours\n\n## Decision\n\nNo.\n",
        },
    )


def named(found: Decisions, title: str) -> Decision:
    """The record of that title."""
    return next(record for record in found.records if record.title == title)


def test_records_are_found_by_custom(root: Path) -> None:
    """Records lie in adr, adr-something and decisions folders or in one log; indexes, templates and examples are none."""
    found = decisions(root)
    assert [record.title for record in found.records] == [
        "2026-04-01: No cookies",
        "2026-05-01: One font",
        "Keep prices in cents",
        "Corrections are a text file",
        "Use one queue",
        "Use two queues",
        "Use three queues",
    ]
    assert (found.problems, found.cut) == ((), False)


def test_a_section_named_status_links_both_ways(root: Path) -> None:
    """A status in a section of its own, with a link whose text holds other numbers, names one record."""
    found = decisions(root)
    old, new = named(found, "Use one queue"), named(found, "Use two queues")
    assert (old.number, old.status, old.day) == (9, DecisionStatus.SUPERSEDED, date(2026, 3, 4))
    assert [(link.number, link.part) for link in old.superseded_by] == [(12, "")]
    assert [(link.number, link.part) for link in new.supersedes] == [(9, "")]
    assert new.status is DecisionStatus.ACCEPTED
    assert (new.decision, new.decision_line) == ("Two queues, quick and slow.", 13)
    assert old.consequences[0].text == "Slow jobs hold up quick ones."


def test_what_is_proposed_takes_nothing_back(root: Path) -> None:
    """A proposal that means to supersede an accepted record leaves it in force."""
    found = decisions(root)
    assert named(found, "Use three queues").status is DecisionStatus.PROPOSED
    assert named(found, "Use two queues").status is DecisionStatus.ACCEPTED
    assert named(found, "Use two queues").superseded_by == ()
    assert [block.text for block in named(found, "Use three queues").questions] == ["Who watches the third?"]


def test_options_that_were_not_chosen_are_alternatives(root: Path) -> None:
    """Of the considered options the chosen one is left out, and a section on an option gives its reason."""
    record = named(decisions(root), "Keep prices in cents")
    assert (record.by, record.day, record.number) == ("Ada Byron, Grace", date(2026, 2, 3), None)
    assert {one.name: one.reason for one in record.alternatives} == {
        "Decimal": "Bad, because it is slow in the browser.",
        "Floats, rounded late": "",
    }
    assert record.context == "Floats lost a cent. The ledger must agree."


def test_other_customs(root: Path) -> None:
    """A status after a dot, reasons called Why and costs, and a log with one heading a decision are read too."""
    found = decisions(root)
    dotted = named(found, "Corrections are a text file")
    assert (dotted.number, dotted.status, dotted.day) == (6, DecisionStatus.ACCEPTED, date(2026, 11, 20))
    assert (dotted.context, dotted.consequences[0].text) == ("It is diffed.", "A lock.")
    log = named(found, "2026-05-01: One font")
    assert (log.line, log.day, log.decision) == (9, date(2026, 5, 1), "One font is enough.")


def record(number: int, title: str, head: str) -> tuple[str, str]:
    """A small record as path and text."""
    return f"docs/decisions/{number:04}-r.md", f"# {number:04} {title}\n\n{head}\n\n## Decision\n\nWe do {title}.\n"


def test_links_that_lead_nowhere_or_in_a_circle_are_named(tmp_path: Path) -> None:
    """Records that take each other back, round three corners too, and unknown or double numbers are located problems."""
    root = write(
        tmp_path,
        dict(
            [
                record(1, "one", "Status: accepted. Supersedes 0003."),
                record(2, "two", "Status: accepted. Supersedes 0001."),
                record(3, "three", "Status: accepted. Supersedes 0002."),
                record(4, "four", "Status: superseded by 0044"),
                record(5, "five", "Status: accepted\nSupersedes: 0007"),
                ("docs/decisions/0007-a.md", "# 0007 A\n"),
                ("docs/decisions/0007-b.md", "# 0007 B\n"),
            ]
        ),
    )
    found = decisions(root)
    assert len([one for one in found.problems if "takes it back in turn" in one.what]) == 3
    said = {(one.file, one.line, one.what) for one in found.problems}
    assert ("docs/decisions/0004-r.md", 1, "The record names 0044, and no other record is called so.") in said
    assert ("docs/decisions/0005-r.md", 1, "The record names 0007, and several are called so.") in said
    assert all(record.status is DecisionStatus.ACCEPTED for record in found.records if record.number in (1, 2, 3))
    assert named(found, "four").status is DecisionStatus.SUPERSEDED


def test_a_part_is_not_the_whole(tmp_path: Path) -> None:
    """A record that is taken back in part stays in force, and the part is named, whichever of the two says it."""
    for number, (old, new) in enumerate(
        [
            ("Status: accepted; the part on fees is superseded by 0002.", "Status: accepted"),
            ("Status: accepted", "Status: accepted. Supersedes the fees in [0001](0001-r.md)."),
            ("Status: accepted", "Status: accepted\nPartly supersedes ADR-1 (fees)."),
            ("Status: accepted; partially superseded by ADR-0002", "Status: accepted"),
            ("Status: accepted", "Status: accepted\nAmends [0001](0001-r.md)"),
        ]
    ):
        root = write(tmp_path / str(number), dict([record(1, "one", old), record(2, "two", new)]))
        one, two = decisions(root).records
        assert one.status is DecisionStatus.ACCEPTED, number
        assert [(link.number, bool(link.part)) for link in one.superseded_by] == [(2, True)], number
        assert [(link.number, bool(link.part)) for link in two.supersedes] == [(1, True)], number


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Status: superseded by [ADR-0002](0002-r.md)", "Status: accepted"),
        ("Status: ~~accepted~~ superseded by ADR-2", "Status: accepted"),
        ("Status: Superseded by 2, see [the page](../model.md)", "Status: accepted"),
        ("Status: accepted", "Status: accepted\nSupersedes: ADR-0001, ADR-0003"),
        ("Status: accepted", "* Status: accepted\n* Date: 2026-01-02\n* Replaces 1, 3"),
        ("Status: accepted", "| Status | accepted |\n|---|---|\n| Supersedes | 0001 |"),
    ],
)
def test_ways_to_take_back(tmp_path: Path, old: str, new: str) -> None:
    """A record is taken back as a whole in any of these wordings, told by the old one or by the new one."""
    root = write(tmp_path, dict([record(1, "one", old), record(2, "two", new), record(3, "three", "Status: accepted")]))
    found = decisions(root)
    assert found.problems == ()
    one, two, three = found.records
    assert (one.status, two.status) == (DecisionStatus.SUPERSEDED, DecisionStatus.ACCEPTED)
    assert [(link.number, link.part) for link in one.superseded_by] == [(2, "")]
    assert [link.number for link in two.supersedes][:1] == [1]
    assert (three.status is DecisionStatus.SUPERSEDED) == ("3" in new.split("-")[-1])


def test_odd_files_are_problems_or_plain_records(tmp_path: Path) -> None:
    """A binary record is a problem with its path; one without any heading is called by its file."""
    root = write(tmp_path, {"adr/0003-no-heading.md": "We do it.\n", "adr/0004-empty.md": ""})
    (root / "adr" / "0005-binary.md").write_bytes(b"\0\1\2")
    (root / "adr" / "0006-link.md").symlink_to("/etc/passwd")
    found = decisions(root)
    assert [(one.title, one.decision) for one in found.records] == [("No heading", "We do it."), ("Empty", "")]
    assert [problem.file for problem in found.problems] == ["adr/0005-binary.md", "adr/0006-link.md"]


@given(st.text(alphabet="# Status: accepted superseded by 0001[](x.md)\n-·|~2026-11-20", max_size=300))
def test_no_head_makes_the_reader_fail(text: str) -> None:
    """Whatever stands above the first section, it is read, and a day that no calendar has is none."""
    head = head_of(text)
    assert all(one.number is None or one.number > 0 for one in (*head.supersedes, *head.superseded_by))
    assert head_of("Date: 2026-13-45").day is None


@pytest.mark.parametrize("piece", ["a", "a ", "-", "\n", "[", "superseded by ", "Status: ", "| "])
def test_a_record_made_to_stall_is_read_at_once(tmp_path: Path, piece: str) -> None:
    """200 KB of the same piece in a record cost less than two seconds."""
    root = write(tmp_path, {"adr/0001-a.md": "# 0001 A\n\n" + piece * (200_000 // len(piece))})
    started = time.process_time()
    decisions(root, ["adr/0001-a.md"])
    assert time.process_time() - started < 2


def test_the_example_projects() -> None:
    """Every record of the five example projects is read with its status, its links and its alternatives."""
    said: dict[str, list[str]] = {}
    for folder in sorted((WORKSPACE / "repositories").iterdir()):
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.md")]
        found = decisions(folder, names)
        assert found.problems == ()
        said[folder.name] = [
            f"{one.number} {one.status.value} {one.day} <{','.join(f'{link.number}{link.part}' for link in one.superseded_by)}"
            f" >{','.join(f'{link.number}{link.part}' for link in one.supersedes)} {len(one.alternatives)}"
            for one in found.records
        ]
    assert said == {
        "airep": [
            "1 accepted 2026-08-26 < > 3",
            "2 accepted 2026-09-04 < > 3",
            "3 accepted 2026-09-09 <5valuation > 2",
            "4 accepted 2026-09-18 < > 2",
            "5 accepted 2026-10-20 < >3valuation 2",
        ],
        "blog": [],
        "client-sites": [],
        "find-a-sign": [
            "1 accepted 2026-08-20 < > 0",
            "2 superseded 2026-08-27 <4 > 0",
            "3 accepted 2026-09-10 < > 0",
            "4 accepted 2026-10-15 < >2 0",
        ],
        "sweeper-parts": [
            "1 accepted 2026-08-21 < > 0",
            "2 superseded 2026-09-04 <3 > 0",
            "3 accepted 2026-10-22 < >2 0",
        ],
    }
