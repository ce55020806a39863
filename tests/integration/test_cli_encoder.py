"""nova encoder, nova warm and completion as a person meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.terminal import Terminal, repository

from nova.models.encoder_files import FILES


def test_an_absent_encoder_is_told_with_the_command_that_gets_it(tmp_path: Path) -> None:
    """status exits with 3 and names the command; no home is needed."""
    shown = Terminal(tmp_path, tmp_path).nova("encoder", "status")
    assert (shown.code, shown.clean) == (3, True)
    assert "nova encoder install" in shown.out


def test_other_bytes_are_refused_and_never_called_installed(tmp_path: Path) -> None:
    """Files with the right names and other bytes are neither installed nor taken for the encoder."""
    at = Terminal(tmp_path, tmp_path)
    source = tmp_path / "source"
    source.mkdir()
    for file in FILES:
        (source / file.name).write_bytes(b"not the weights")
    shown = at.nova("encoder", "install", str(source))
    assert (shown.code, shown.clean) == (3, True)
    assert at.nova("encoder", "status").code == 3
    folder = tmp_path / "cache" / "encoder"
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        with (folder / file.name).open("wb") as stream:
            stream.truncate(file.size)  # the right size, all zeros
    state = at.nova("encoder", "status", "--json")
    assert state.code == 3
    assert "published bytes" in str(state.value["problem"])


def test_a_source_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    """A path that does not exist is an error with a mend, as JSON too."""
    shown = Terminal(tmp_path, tmp_path).nova("encoder", "install", str(tmp_path / "nowhere.whl"), "--json")
    assert (shown.code, shown.clean) == (3, True)
    assert shown.value["mend"]


def test_warm_imports_all_that_an_answer_needs(tmp_path: Path) -> None:
    """Every module that set-up compiles exists; a renamed one fails here and not on a stranger's machine."""
    shown = Terminal(tmp_path, tmp_path).nova("warm")
    assert (shown.code, shown.out) == (0, ""), shown.err


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal with a home, an agent of its own and a project."""
    place = tmp_path_factory.mktemp("completion")
    terminal = Terminal(place, repository(place / "shop", manage_dot_py="print('django')\n"))
    assert terminal.nova("init").code == 0
    assert terminal.nova("agents", "new", "erp-taxes", "-d", "Explains taxes").code == 0
    return terminal


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("nova agents lint erp-", {"erp-schema", "erp-taxes"}),
        ("nova agents show erp-s", {"erp-schema"}),
        ("nova projects show ", {"shop"}),
        ("nova projects add . --kind s", {"site"}),
        ("nova --home /nowhere agents lint erp-t", {"erp-tenancy"}),
    ],
)
def test_the_shell_completes_names(at: Terminal, line: str, offered: set[str]) -> None:
    """After TAB come the names that fit, of the home that the line itself names; never an error."""
    words = line.split()
    position = len(words) if line.endswith(" ") else len(words) - 1
    shown = at.nova(_NOVA_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(position))
    assert shown.clean
    assert set(shown.out.split()) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_there_for_each_shell(at: Terminal, shell: str) -> None:
    """bash, zsh and fish each get a script that calls nova back."""
    shown = at.nova(_NOVA_COMPLETE=f"source_{shell}")
    assert shown.code == 0, shown.err
    assert "_NOVA_COMPLETE" in shown.out
