"""What changed between two points of a history: points found, commits grouped, reverts gone, the changelog believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.tools.places import ask, commit, run_git

from nova.core.errors import ToolFailed
from nova.tools.builtin.releases import Released

LOG = "# Changelog\n\n## 1.0.0 (2026-10-05)\n\n- First release.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one release and some commits after it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    commit(folder, "Start", {"app.py": "1\n"}, day="2026-10-01")
    commit(folder, "Release 1.0.0", {"CHANGELOG.md": LOG}, day="2026-10-05")
    commit(folder, "Add baskets (#2)", {"app.py": "2\n", "issues/2-b.md": "# Baskets\n"}, day="2026-10-10")
    commit(folder, "Fix totals of empty baskets", {"app.py": "3\n"}, day="2026-10-12")
    commit(folder, "Try colours", {"app.py": "4\n"}, day="2026-10-13")
    run_git(folder, "revert", "--no-edit", "HEAD", day="2026-10-14")
    commit(folder, "Explain baskets", {"docs/b.md": "x\n", "tests/test_b.py": "x\n"}, day="2026-10-15")
    commit(folder, "feat(api)!: drop the old address", {"shop/migrations/0002_x.py": "x\n"}, day="2026-10-16")
    return folder


async def released(root: Path, **arguments: str | int) -> Released:
    """What release_changes gives."""
    found = (await ask(root, "release_changes", **arguments)).data
    assert isinstance(found, Released)
    return found


async def test_commits_are_grouped_and_what_was_taken_back_is_gone(root: Path) -> None:
    """By type, by files nobody notices, by verb; a revert and what it reverts are told, and count for nothing."""
    found = await released(root)
    assert found.since == "1.0.0 (2026-10-05)"
    assert [(one.group, one.subject) for one in found.entries] == [
        ("breaking", "feat(api)!: drop the old address"),
        ("added", "Add baskets (#2)"),
        ("fixed", "Fix totals of empty baskets"),
        ("internal", "Explain baskets"),
    ]
    assert found.reverted == ["Try colours"]
    assert found.upgrade == ["shop/migrations/0002_x.py"]
    assert [(one.number, one.open) for one in found.issues] == [(2, True)]
    assert "Known and still open" in found.notes


async def test_the_changelog_says_what_a_change_is(root: Path) -> None:
    """Where a line of it speaks of a commit, its word for it counts, and the notes quote the line."""
    text = LOG.replace(
        "## 1.0.0", "## 1.1.0 (2026-10-20)\n\n- Changed: baskets can be added to a wish list.\n\n## 1.0.0"
    )
    commit(root, "Release 1.1.0", {"CHANGELOG.md": text}, day="2026-10-20")
    found = await released(root, since="1.0.0", until="v1.1.0")
    assert {one.subject: one.group for one in found.entries}["Add baskets (#2)"] == "changed"
    assert found.mentioned == ["Changed: baskets can be added to a wish list."]
    assert "`CHANGELOG.md:5`" in found.notes
    assert (await released(root)).commits == 0


async def test_points_are_versions_tags_commits_and_days(root: Path) -> None:
    """Each way to say since when leads to the same commits."""
    base = run_git(root, "log", "--format=%h", "--grep=Release 1.0.0")
    run_git(root, "tag", "v1", base)
    counts = [(await released(root, since=one)).commits for one in ("1.0.0", "v1", base, "2026-10-06", "")]
    assert counts == [6] * 5
    with pytest.raises(ToolFailed, match="no version, tag, commit or day"):
        await ask(root, "release_changes", since="next tuesday-ish")
    with pytest.raises(ToolFailed):
        await ask(root, "release_changes", since="--output=/tmp/x")
    with pytest.raises(ToolFailed, match="which commit"):
        await ask(root, "release_changes", until="2026-10-12")


async def test_a_project_without_releases_goes_four_weeks_back(tmp_path: Path) -> None:
    """No tag and no changelog: the last four weeks, said as a day; no commit at all is said too."""
    commit(tmp_path, "Old", {"a": "1"}, day="2026-09-01")
    commit(tmp_path, "New", {"a": "2"}, day="2026-11-10")
    found = await released(tmp_path)
    assert (found.since, [one.subject for one in found.entries]) == ("2026-10-23", ["New"])
    assert found.unmentioned == []


async def test_a_changelog_by_months_gives_only_the_lines_of_the_span(tmp_path: Path) -> None:
    """Which lines belong to a span is told by who wrote them and when, not by the headings they stand under."""
    text = "# Changelog\n\n## 2026-10\n\n{}- Old prices are kept.\n\n## 2026-09\n\n- The shop opens.\n"
    commit(tmp_path, "Open", {"CHANGELOG.md": text.format("")}, day="2026-10-02")
    commit(tmp_path, "Sell", {"CHANGELOG.md": text.format("- Brushes are sold.\n")}, day="2026-10-20")
    found = await released(tmp_path, since="2026-10-15")
    assert found.mentioned == ["Brushes are sold."]
