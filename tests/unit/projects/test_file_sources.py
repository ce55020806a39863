"""What a project's files leave open and how they want things done: to-dos, guidance, changelogs, issues, quotes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.projects.replayed import WORKSPACE
from tests.unit.tools.places import commit, write

from nova.projects.sources.changelog import changelog
from nova.projects.sources.files import FILES_MAX, Content, files_of, fingerprint, own
from nova.projects.sources.guidance import guidance
from nova.projects.sources.issues import issues
from nova.projects.sources.markdown import blocks, sections
from nova.projects.sources.todos import TodoKind, todos

CODE = """\
# TODO(grace): decide whether a draft
#   counts as a review
total = 1  # FIXME rounds half up
xxx = "TODO: not a comment"  # the word TODO is only mentioned
// XXX: drop this with Python 3.12
"""
PAGE = """\
# Plan

- [ ] Ask the bank
  about the account
- [x] Open the shop

To do: one real plan of ours,
before and after.

A TODO in the middle of a sentence is only talk.
"""


def test_todos_are_found_with_line_and_date(tmp_path: Path) -> None:
    """Comments, boxes and "To do:" paragraphs are found whole, with who wrote them and when; mentions are not."""
    commit(tmp_path, "Start", {"a.py": CODE, "docs/plan.md": PAGE}, "2026-10-01")
    write(tmp_path, {"new.py": "# TODO: not committed yet\n", "examples/e.py": "# TODO: not ours\n"})
    write(tmp_path, {".github/PULL_REQUEST_TEMPLATE.md": "- [ ] I wrote a test\n", ".env": "# TODO: secret\n"})
    found = todos(tmp_path)
    assert [(one.path, one.line, one.kind, one.text) for one in found.todos] == [
        ("a.py", 1, TodoKind.TODO, "decide whether a draft counts as a review"),
        ("a.py", 3, TodoKind.FIXME, "rounds half up"),
        ("a.py", 5, TodoKind.XXX, "drop this with Python 3.12"),
        ("docs/plan.md", 3, TodoKind.BOX, "Ask the bank about the account"),
        ("docs/plan.md", 7, TodoKind.PROSE, "one real plan of ours, before and after."),
        ("new.py", 1, TodoKind.TODO, "not committed yet"),
    ]
    first, last = found.todos[0], found.todos[-1]
    assert (first.who, first.author, first.at and first.at.date()) == ("grace", "Ada Byron", date(2026, 10, 1))
    assert first.quote.fingerprint == fingerprint("# TODO(grace): decide whether a draft #   counts as a review")
    assert (last.commit, first.commit != "") == ("", True)
    assert not found.cut
    assert len(todos(tmp_path, todos_max=2).todos) == 2
    assert todos(tmp_path, todos_max=2).cut


def test_todos_without_git(tmp_path: Path) -> None:
    """A folder in no repository is read as well, and nothing is dated."""
    write(tmp_path, {"a.py": CODE, "docs/plan.md": PAGE})
    found = todos(tmp_path).todos
    assert [one.line for one in found] == [1, 3, 5, 3, 7]
    assert {one.at for one in found} == {None}


AGENTS = """\
# Notes for agents

Nova is a program.

## Tests

- Run `./test` before you commit.
- The suite takes four minutes.

Never push to main.
"""


def test_guidance_keeps_what_commands(tmp_path: Path) -> None:
    """Items and sentences that command are rules, numbered ones always; what only tells is none."""
    write(
        tmp_path,
        {
            "AGENTS.md": AGENTS,
            "docs/rules/listings.md": "# Rules\n\nQuoted by number.\n\nL1. One listing, one sign.\nL2. Short titles.\n",
            "docs/agents.md": "# Agents\n\nYou must read this.\n",
            "tests/fixtures/CLAUDE.md": "Always obey.\n",
        },
    )
    found = guidance(tmp_path)
    assert [(rule.path, rule.line, rule.name, rule.heading, rule.text) for rule in found.rules] == [
        ("AGENTS.md", 7, "", "Tests", "Run `./test` before you commit."),
        ("AGENTS.md", 10, "", "Tests", "Never push to main."),
        ("docs/rules/listings.md", 5, "L1", "", "One listing, one sign."),
        ("docs/rules/listings.md", 6, "L2", "", "Short titles."),
    ]
    assert (found.problems, found.cut, guidance(tmp_path, rules_max=2).cut) == ((), False, True)


def test_changelogs_by_version_and_by_month(tmp_path: Path) -> None:
    """Headings with versions, brackets, days or months are releases, each with its lines; Unreleased is one too."""
    text = "# Changelog\n\n## [Unreleased]\n\n- A\n\n## [1.4.0] - 2026-11-17\n\n- B\n  goes on\n\n## 2026-10\n\n- C\n"
    write(tmp_path, {"CHANGELOG.md": text})
    found = changelog(tmp_path)
    assert [(one.version, one.day, one.line, [entry.text for entry in one.entries]) for one in found] == [
        ("Unreleased", None, 3, ["A"]),
        ("1.4.0", date(2026, 11, 17), 7, ["B goes on"]),
        ("2026-10", None, 12, ["C"]),
    ]
    assert found[0].unreleased
    assert changelog(tmp_path / "nowhere") == ()


def test_issues_of_an_example() -> None:
    """Issues know who opened them, since when, whether they are open, and whom they wait for."""
    root = WORKSPACE / "repositories" / "client-sites"
    found = issues(root, "issues", [path.relative_to(root).as_posix() for path in root.rglob("*.md")])
    assert [(one.number, one.open, one.opened_by) for one in found] == [
        (1, False, "Priya Nandakumar"),
        (2, True, "Marek Dvorak"),
        (3, True, "Marek Dvorak"),
        (4, True, "Marek Dvorak"),
        (5, True, "Priya Nandakumar"),
    ]
    assert found[2].opened == date(2026, 10, 13)
    assert found[1].line_of("status") == 4
    assert found[1].body[0][1].startswith("The fields have placeholders")


def test_an_issue_that_waits(tmp_path: Path) -> None:
    """Whom an issue waits for is read from its front matter; a link out of the project is no issue."""
    write(
        tmp_path, {"issues/3-x.md": "---\ntitle: X\nstatus: blocked\nwaiting_on: the bank\nopened: soon\n---\nBody.\n"}
    )
    (tmp_path / "issues" / "4-passwords.md").symlink_to("/etc/passwd")
    (only,) = issues(tmp_path, "issues")
    assert (only.number, only.open, only.waits_for, only.opened) == (3, True, "the bank", None)


def test_a_fingerprint_knows_words_and_not_lines() -> None:
    """Wrapping a paragraph anew keeps its fingerprint, another word changes it."""
    assert fingerprint("a b\nc") == fingerprint(" a  b c\n")
    assert fingerprint("a b c") != fingerprint("a b d")


def test_a_quote_is_whole_lines() -> None:
    """A quote that would be too long ends with a line, and its fingerprint is that of its words."""
    content = Content(path="a.md", lines=tuple("x" * 900 for _ in range(5)), cut=False)
    quote = content.quote(2, 5)
    assert (quote.line, quote.text.count("x"), quote.text.count("\n")) == (2, 1_800, 1)
    assert quote.fingerprint == fingerprint(quote.text)


def test_files_of_a_kind(tmp_path: Path) -> None:
    """Files can be asked for by their endings; secrets and libraries are never among them, examples are not our own."""
    write(tmp_path, {"README.MD": "", "Makefile": "", "a.py": "", ".env": "", "node_modules/x/README.md": ""})
    assert files_of(tmp_path, frozenset({".md", ""})) == ["Makefile", "README.MD"]
    assert files_of(tmp_path) == ["Makefile", "README.MD", "a.py"]
    assert own("docs/a.md")
    assert not own("tests/Fixtures/a.md")
    assert FILES_MAX >= 1_000


@given(st.text(alphabet="#-* \n`~>[]x1.L|<!\u2014a", max_size=200))
def test_markdown_never_fails_and_keeps_its_lines(text: str) -> None:
    """Whatever the text, blocks come in order, inside it, and no section is longer than the text."""
    lines = text.split("\n")
    found = blocks(lines, 1, len(lines))
    assert all(1 <= one.first <= one.last <= len(lines) for one in found)
    assert [one.first for one in found] == sorted(one.first for one in found)
    assert all(one.line < one.first and one.last <= len(lines) for one in sections(lines))
