"""What pages show can be typed: commands and modules exist, Python runs, the demonstration asks what is shown."""

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
from tests.house.tree import ROOT, pages

from nova.app.demo import QUESTIONS

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"python -m ((?:nova|docs|benchmarks)[\w.]*\w)")
ASKED = re.compile(r"^\[(\d)/\d\] (.+?)> (.+)$", re.MULTILINE)
KNOWN = {command.words: command for command in commands()}
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in pages()}
EXAMPLES = [(name, code) for name, text in TEXTS.items() for code in PYTHON.findall(text)]


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
        return words[1:] in (["anthropic"], ["google"], ["postgres"])  # handled by the script ./nova itself
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


@pytest.mark.parametrize("page", TEXTS)
def test_commands_exist(page: str) -> None:
    """Every nova command in a code block exists with the options that are shown."""
    assert wrong_commands(TEXTS[page]) == []


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


def test_python_modules_in_pages_exist() -> None:
    """Each `python -m MODULE` that a page shows is a module that can be run."""
    shown = {name for text in TEXTS.values() for name in MODULE.findall(text)}
    assert {"docs.generator", "benchmarks.routing"} <= shown
    assert [name for name in shown if not _runs(name)] == []
    assert not _runs("benchmarks.absent")


def _runs(module: str) -> bool:
    base = ROOT / "src" if module.startswith("nova") else ROOT
    place = base.joinpath(*module.split("."))
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=[page for page, _ in EXAMPLES])
def test_python_in_pages_runs(page: str, code: str, tmp_path: Path) -> None:
    """Every Python example of a page runs as it stands, and what it asserts is true."""
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(tmp_path / "example.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, f"{page}:\n{ran.stderr}"


def test_pages_show_what_the_demonstration_asks() -> None:
    """Each question that a page shows as the demonstration's is one that it asks, in that place and project."""
    shown = {name: ASKED.findall(text) for name, text in TEXTS.items() if ASKED.search(text)}
    assert set(shown) == {"README.md", "docs/tutorial.md"}
    for number, project, text in [one for found in shown.values() for one in found]:
        question = QUESTIONS[int(number) - 1]
        assert (project, text) == (question.project or "no project", question.text)
