"""The source itself: imports go down the stair, every file and every public name says what it is."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house.tree import ROOT, SOURCE, source_files

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the import contract over folder/src with folder/pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {"PYTHONPATH": str(folder / "src"), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def public_without_docstring(tree: ast.Module) -> list[str]:
    """Names of public functions, methods and classes that say nothing, and `module` for the file itself."""
    missing = [] if _first_line(tree) else ["module"]
    return missing + [name for name, node in _public(tree, "") if not _first_line(node)]


def _first_line(node: ast.Module | Documented) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0].strip()


def _public(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Documented]]:
    for child in node.body:
        if isinstance(child, Documented) and not child.name.startswith("_"):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from _public(child, f"{prefix}{child.name}.")


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def test_imports_go_down_the_stair() -> None:
    """Every import goes down, every package has a floor, and SQL and the model library stay in their rooms."""
    checked = lint_imports(ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_contract_sees_an_import_that_goes_up(tmp_path: Path) -> None:
    """A module of `core` that imports the command line is named as broken."""
    (tmp_path / "src").mkdir()
    for file in (*source_files(), SOURCE / "core" / "upwards.py"):
        copy = tmp_path / "src" / "nova" / file.relative_to(SOURCE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes() if file.exists() else b"import nova.cli.main\n")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    checked = lint_imports(tmp_path)
    assert checked.returncode == 1
    assert "nova.core.upwards -> nova.cli.main" in checked.stdout


def test_every_public_name_says_what_it_is() -> None:
    """Each file, public class and public function of the package begins with a docstring."""
    silent = {str(file.relative_to(ROOT)): public_without_docstring(_parsed(file)) for file in source_files()}
    assert {file: names for file, names in silent.items() if names} == {}


def test_silence_is_seen() -> None:
    """A silent module, class or method is named; private names and nested functions may be silent."""
    source = (
        "class Run:\n    def end(self): ...\n    def _cut(self): ...\ndef ask():\n    'Asks.'\n    def inner(): ...\n"
    )
    assert public_without_docstring(ast.parse(source)) == ["module", "Run", "Run.end"]


def test_every_test_says_what_must_stay_true() -> None:
    """Each test begins with the sentence that must stay true."""
    silent = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(_parsed(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not _first_line(node)
    ]
    assert silent == []


@pytest.mark.parametrize("module", ["nova.testing"])
def test_public_names_are_there(module: str) -> None:
    """What a package for others lists in `__all__` exists, is documented, and is in alphabetical order."""
    loaded = __import__(module, fromlist=["__all__"])
    names: list[str] = loaded.__all__
    assert names == sorted(names)
    assert [name for name in names if not (getattr(loaded, name).__doc__ or "").strip()] == []
