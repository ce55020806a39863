"""The pages are true: links lead somewhere, words are explained, proofs exist, nothing names one person's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.house.tree import DOCS, ROOT, pages, text_files

LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(
    rf"(?<![\w.$}}/-])(?:/(?:home|Users)/(?!you\b)\w{{2,}}|/root/|[A-Z]:\\Users|{re.escape(str(ROOT))}\b)"
)
PROOF = re.compile(r"`(tests/[\w/]+\.py)?(?:::(test_\w+))?`(?<!``)")
WORDS = (
    "Agent", "Roster", "Skill", "Project", "Home", "Request", "Route", "Plan", "Pipeline", "Run", "Step", "Event",
    "Brief", "Handoff", "Context", "Profile", "Note", "Episode", "Label", "Gate", "Review", "Outcome", "Ledger",
    "Scorecard", "Proposal", "Trial", "Verdict", "Scope", "Zone", "Degradation",
)  # fmt: skip


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead to no file, or to no heading of one."""
    found: list[str] = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place) if place else page
        if not file.exists() or (anchor and anchor not in _anchors(text if file == page else file.read_text("utf-8"))):
            found.append(target)
    return found


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file that is there, and to a heading that it has."""
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_seen() -> None:
    """A missing file and a missing heading are named; addresses and code are left alone."""
    text = "# One\n[a](missing.md) [b](#two) [c](#one) [d](https://nova.example)\n```\n[e](gone.md)\n```\n"
    assert broken_links(ROOT / "README.md", text) == ["missing.md", "#two"]


def test_no_file_names_a_machine() -> None:
    """No file of the project names a folder of the machine it was written on."""
    found = [
        f"{file.relative_to(ROOT)}: {hit.group()}"
        for file in text_files()
        if file != Path(__file__)
        for hit in MACHINE.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_a_machine_is_seen() -> None:
    """Personal folders and this checkout's own are found; folders of a web address or of an example user are not."""
    assert [hit.group() for hit in MACHINE.finditer("in /home/anna/x and /root/y")] == ["/home/anna", "/root/"]
    assert MACHINE.search(f"see {ROOT}/README.md") is not None
    assert MACHINE.search("https://x.example/home/page, /home/you/code, ${workspace}/home/anna") is None


def test_the_glossary_has_every_word() -> None:
    """Each word of the design has a line in the glossary."""
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert [word for word in WORDS if f"**{word}**" not in glossary] == []


def test_the_changelog_is_open() -> None:
    """The changelog begins with what is not released yet, in Keep a Changelog's sections, each entry a sentence."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert sections[0] == "[Unreleased]"
    kinds = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert kinds
    entries = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    assert [entry for entry in entries if not entry.endswith(".")] == []


def test_contributing_is_short() -> None:
    """The page for contributors stays under 100 lines; tools say the rest."""
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 100


def test_decisions_are_numbered() -> None:
    """Decisions are numbered without gaps, and each says what was chosen, why, and what it costs."""
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert all(f"## {part}\n" in text for part in ("Decision", "Why", "What it costs")), file.name


def test_promises_name_tests_that_exist() -> None:
    """Each test that a page gives as proof is there, under that name."""
    missing: list[str] = []
    for page in pages():
        file = ""
        for named, test in PROOF.findall(page.read_text(encoding="utf-8")):
            file = named or file
            place = ROOT / file
            if not place.is_file() or (test and f"def {test}(" not in place.read_text(encoding="utf-8")):
                missing.append(f"{page.name}: {file}::{test}")
    assert missing == []


def test_a_missing_proof_is_seen() -> None:
    """The pattern finds a file alone, a test in a file, and a test that leans on the file named before."""
    text = "`tests/a/test_b.py`, `tests/a/test_c.py::test_d`, `::test_e`"
    assert PROOF.findall(text) == [("tests/a/test_b.py", ""), ("tests/a/test_c.py", "test_d"), ("", "test_e")]
