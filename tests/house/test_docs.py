"""The pages are true: links lead somewhere, commands exist, words are explained, nothing names one person's machine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.generator.commands import Command, commands
from tests.house.tree import DOCS, ROOT, pages, text_files

LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(
    rf"(?<![\w.$}}/-])(?:/(?:home|Users)/(?!you\b)\w{{2,}}|/root/|[A-Z]:\\Users|{re.escape(str(ROOT))}\b)"
)
WORDS = (
    "Agent", "Roster", "Skill", "Project", "Home", "Request", "Route", "Plan", "Pipeline", "Run", "Step", "Event",
    "Brief", "Handoff", "Context", "Profile", "Note", "Episode", "Label", "Gate", "Review", "Outcome", "Ledger",
    "Scorecard",
    "Proposal", "Trial", "Verdict", "Scope", "Zone", "Degradation",
)  # fmt: skip
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"python -m ((?:nova|docs|benchmarks)[\w.]*\w)")
PROOF = re.compile(r"`(tests/[\w/]+\.py)?(?:::(test_\w+))?`(?<!``)")
KNOWN = {command.words: command for command in commands()}


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


def wrong_commands(text: str) -> list[str]:
    """Lines of a page's code blocks that call nova with a command, option or argument it does not have."""
    return [line for line in _lines(text) if (call := _call(line)) is not None and not _exists(call)]


def _lines(text: str) -> Iterator[str]:
    blocks = [block for language, block in BLOCK.findall(text) if language in ("", "sh", "console")]
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")


def _call(line: str) -> list[str] | None:
    """The words after `nova` of a line that calls it, without comment and pipes; None for any other line."""
    if re.match(r"(?:[A-Z_]+=\S+ +)*(?:\./)?nova(?: |$)", line) is None:
        return None
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
    lexer.whitespace_split = True
    words = list(lexer)
    start = next(place for place, word in enumerate(words) if word in ("nova", "./nova"))
    end = next((place for place, word in enumerate(words) if place > start and word[0] in "|;&<>"), len(words))
    return words[start + 1 : end]


def _exists(words: list[str]) -> bool:
    if words[:1] == ["setup"]:
        return words[1:] in (["anthropic"], ["google"])  # handled by the script ./nova itself
    command, rest = KNOWN[""], list(words)
    while rest:
        longer = f"{command.words} {rest[0]}".strip()
        if longer in KNOWN:
            command = KNOWN[longer]
            rest = rest[1:]
        elif rest[0].startswith("-"):
            taken = _option(command, rest[0])
            if not taken:
                return False
            rest = rest[taken:]
        elif command.arguments:
            rest = rest[1:]
        else:
            return False
    return True


def _option(command: Command, word: str) -> int:
    """How many words this option takes; 0 when there is no such option."""
    flag = word.partition("=")[0]
    if flag == "-" or flag in ("--help", "-h"):
        return 1
    for option in command.options:
        if flag in (*option.opts, *option.secondary_opts):
            return 1 if option.is_flag or "=" in word else 2
    return 0


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file that is there, and to a heading that it has."""
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_seen() -> None:
    """A missing file and a missing heading are named; addresses and code are left alone."""
    text = "# One\n[a](missing.md) [b](#two) [c](#one) [d](https://nova.example)\n```\n[e](gone.md)\n```\n"
    assert broken_links(ROOT / "README.md", text) == ["missing.md", "#two"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """Every nova command in a code block exists with the options that are shown."""
    assert wrong_commands(page.read_text(encoding="utf-8")) == []


def test_a_wrong_command_is_seen() -> None:
    """A command, option or argument that does not exist is named; pipes, comments and variables are understood."""
    right = [
        "./nova ask -p airep 'Why?' | less",
        "NOVA_HOME=x nova --home demo why   # the last",
        "nova agents show decisions",
    ]
    wrong = ["nova fly", "nova why --loud", "nova agents paint", "./nova setup openai", "nova doctor now"]
    text = "```text\nnova sings\n```\n```sh\n" + "\n".join([*right, *wrong, "novalis x"]) + "\n```\n"
    assert wrong_commands(text) == wrong


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


def test_python_modules_in_pages_exist() -> None:
    """Each `python -m MODULE` that a page shows is a module that can be run."""
    shown = {name for page in pages() for name in MODULE.findall(page.read_text(encoding="utf-8"))}
    assert {"docs.generator", "benchmarks.routing"} <= shown
    assert [name for name in shown if not _runs(name)] == []
    assert not _runs("benchmarks.absent")


def _runs(module: str) -> bool:
    base = ROOT / "src" if module.startswith("nova") else ROOT
    place = base.joinpath(*module.split("."))
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


EXAMPLES = [
    (page.relative_to(ROOT).as_posix(), code) for page in pages() for code in PYTHON.findall(page.read_text("utf-8"))
]


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=[page for page, _ in EXAMPLES])
def test_python_in_pages_runs(page: str, code: str, tmp_path: Path) -> None:
    """Every Python example of a page runs as it stands, and what it asserts is true."""
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(tmp_path / "example.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, f"{page}:\n{ran.stderr}"
