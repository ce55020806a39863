"""Issues as Markdown files: listed, filtered, read with their places; odd files are no issues, never a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.tools.places import ask, reach, write

from nova.core.errors import ToolFailed
from nova.tools.registry import toolbox

ISSUE = """---
number: 12
title: "Totals: off by a cent"
status: open
labels: [invoicing, rounding]
severity: high
opened: 2026-11-02
closed:
---
The sum of the lines differs.

Expected 20.00, got 19.99.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(
        tmp_path / "shop",
        {
            "issues/012-totals.md": ISSUE,
            "issues/003-done.md": "---\nnumber: 3\ntitle: Done\nstatus: closed\nlabels: [stock]\n---\nFixed.\n",
            "issues/007-plain-note.md": "# A note without front matter\n\nText.\n",
            "issues/008-broken.md": "---\ntitle: [never closed\n---\nBody.\n",
            "issues/README.md": "How we write issues.\n",
            "issues/data.csv": "1,2\n",
        },
    )


async def test_issues_are_listed_by_number(root: Path) -> None:
    """Every file that carries a number is listed with status, severity, labels and its place."""
    result = await ask(root, "issues_list")
    assert result.headline == "4 issues of 4 in issues."
    assert [line.text.split(" ")[0] for line in result.lines] == ["#3", "#7", "#8", "#12"]
    assert str(result.lines[3]) == (
        "issues/012-totals.md:3  #12 Totals: off by a cent (open, severity high, opened 2026-11-02) "
        "[invoicing, rounding]"
    )


async def test_issues_are_filtered(root: Path) -> None:
    """By status and by label, without regard to case; a miss says what there is."""
    assert [line.text[:2] for line in (await ask(root, "issues_list", status="Closed")).lines] == ["#3"]
    assert [line.text[:3] for line in (await ask(root, "issues_list", label="Rounding")).lines] == ["#12"]
    miss = await ask(root, "issues_list", label="nonsense")
    assert miss.headline == ("0 issues with the label “nonsense” of 4 in issues. Labels: invoicing, rounding, stock.")


async def test_an_issue_is_read_with_places(root: Path) -> None:
    """One issue is read with the line of each fact; its words are untrusted."""
    result = await ask(root, "issues_read", number=12)
    assert result.headline == "Issue #12 “Totals: off by a cent” is open."
    assert "issues/012-totals.md:6  severity: high" in result.text()
    assert "issues/012-totals.md:12  Expected 20.00, got 19.99." in result.text()
    assert "closed" not in result.text()
    assert not result.label.trusted


async def test_an_unknown_number_names_the_range(root: Path) -> None:
    """A number that does not exist is refused with those that do."""
    with pytest.raises(ToolFailed, match="Numbers go from 3 to 12"):
        await ask(root, "issues_read", number=99)


async def test_without_a_folder_it_says_where_to_name_it(tmp_path: Path) -> None:
    """A project without a folder of issues is told where it is named."""
    with pytest.raises(ToolFailed, match="There is no file “issues”"):
        await ask(tmp_path, "issues_list")
    write(tmp_path, {"issues": "a file"})
    with pytest.raises(ToolFailed, match="has no folder “issues”"):
        await ask(tmp_path, "issues_list")


async def test_values_enumerate_issues(root: Path) -> None:
    """Numbers, statuses and labels are enumerated; without issues there are none."""
    values = toolbox()["issues_list"].values
    assert list(toolbox()["issues_read"].values["number"](reach(root))) == ["3", "7", "8", "12"]
    assert list(values["status"](reach(root))) == ["closed", "open"]
    assert list(values["label"](reach(root / "issues"))) == []
