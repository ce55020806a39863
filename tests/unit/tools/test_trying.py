"""tests_run: a project's own tests run in the sandbox on a copy, and what could not be run is no failure."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import cast

import pytest
from tests.house.tree import ROOT
from tests.unit.tools.places import commit, reach, write

from nova.core.degradations import DegradationKind
from nova.core.errors import ToolFailed
from nova.policy import sandbox_ready
from nova.policy.interpreters import Interpreter
from nova.tools.builtin import testing
from nova.tools.registry import call, toolbox
from nova.tools.spec import Reach, ToolResult
from nova.tools.trying import runners
from nova.tools.trying.verdicts import counted

AIREP = ROOT / "examples" / "workspace" / "repositories" / "airep"
SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": "def gross(net):\n    return net * 2\n",
    "tests/test_prices.py": "from shop.prices import gross\n\n\ndef test_gross():\n    assert gross(2) == 4\n",
    "pytest.ini": "[pytest]\n",
}


async def run(root: Path, *, worktree: str = "", paths: tuple[str, ...] = (), at: Reach | None = None) -> ToolResult:
    """The project's tests, called the way the loop does."""
    given = json.dumps({"worktree": worktree, "paths": list(paths)})
    return await call(toolbox()["tests_run"], given, at or reach(root))


def data(found: ToolResult) -> testing.Tested:
    """Its typed fields."""
    return cast("testing.Tested", found.data)


async def test_the_example_project_passes_its_own_tests(tmp_path: Path) -> None:
    """airep's Django tests are found, run by `manage.py test` and counted; nothing of it stays in the project."""
    root = tmp_path / "airep"
    shutil.copytree(AIREP, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    before = sorted(str(file) for file in root.rglob("*"))
    found = await run(root, paths=("core/tests.py", "tenants"))
    told = data(found)
    assert (told.passed, told.failed, told.errors, told.missing, told.broken) == (True, 0, 0, [], [])
    assert told.count > 3
    assert told.command == "python manage.py test --noinput core.tests ./tenants"
    assert found.headline.startswith(f"All of {told.count} tests passed")
    assert not found.label.trusted
    assert sorted(str(file) for file in root.rglob("*")) == before


async def test_a_worktree_is_tested_as_it_is(tmp_path: Path) -> None:
    """What was changed in a worktree is what is tested; the worktree does not see what the tests write."""
    root = tmp_path / "shop"
    root.mkdir()
    commit(root, "Shop", SHOP)
    plain = reach(root)
    at = Reach(root=plain.root, project="shop", scope=plain.scope, run="r1", worktrees=tmp_path / "trees")
    made = await call(toolbox()["worktree_make"], '{"name": "three"}', at)
    assert made.data is not None
    tree = cast("str", made.data.model_dump()["worktree"])
    litter = "import pathlib\npathlib.Path('litter').write_text('x')\npathlib.Path('/project/.git').exists()\n"
    broken = {"path": "shop/prices.py", "text": litter + "def gross(net):\n    return net * 3\n"}
    await call(toolbox()["worktree_write"], json.dumps(broken), at)
    told = data(await run(root, worktree=tree, at=at))
    assert (told.passed, told.count, told.failed) == (False, 1, 1)
    assert any("test_gross" in name for name in told.broken)
    assert data(await run(root)).passed is True
    assert not litters(tmp_path)
    shown = await call(toolbox()["worktree_diff"], "{}", at)
    assert shown.data is not None
    assert shown.data.model_dump()["files"] == ["shop/prices.py"]


async def test_a_package_that_is_not_there_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Django the tests of a Django project were not run: passed is open, the package and the way out named."""
    monkeypatch.setattr(testing, "interpreter_of", bare)
    write(tmp_path, {"manage.py": "import django\n", "shop/tests.py": ""})
    found = await run(tmp_path)
    told = data(found)
    assert (told.passed, told.missing, told.count) == (None, ["django"], 0)
    assert "django is not installed" in found.headline
    [sad] = found.degradations
    assert sad.kind is DegradationKind.STEP_SKIPPED
    assert ".venv" in sad.mend


async def test_packages_in_src_are_found(tmp_path: Path) -> None:
    """A project whose packages lie below `src` is tested without being installed; odd output does no harm."""
    text = "from shop import prices\n\n\ndef test_it():\n    print('\\0\\x1b[31m')\n    assert prices.ONE == 2\n"
    write(tmp_path, {"src/shop/__init__.py": "", "src/shop/prices.py": "ONE = 1\n", "tests/test_it.py": text})
    told = data(await run(tmp_path))
    assert (told.passed, told.failed, told.missing) == (False, 1, [])
    assert not any(character in line for line in told.tail for character in "\0\x1b")


def litters(folder: Path) -> list[Path]:
    """What the tests of a copy have written, found outside of it."""
    return [*folder.rglob("litter")]


def bare(project: Path) -> Interpreter:
    """A Python without any package but its own."""
    del project
    base = Path(sys.base_prefix)
    python = next(base.glob("bin/python3.1?"))
    return Interpreter(path=python, readable=() if base.is_relative_to("/usr") else (base,), own=False)


async def test_whose_fault_a_missing_package_is(tmp_path: Path) -> None:
    """A package the project has always asked for is missing; one that only the change asks for is its own fault."""
    root = tmp_path / "shop"
    root.mkdir()
    asks = "import no_such_package_here\n\n\ndef test_one():\n    assert True\n"
    commit(root, "Shop", SHOP | {"tests/test_more.py": asks})
    told = data(await run(root))
    assert (told.passed, told.missing) == (None, ["no_such_package_here"])
    plain = reach(root)
    at = Reach(root=plain.root, project="shop", scope=plain.scope, run="r1", worktrees=tmp_path / "trees")
    await call(toolbox()["worktree_make"], '{"name": "x"}', at)
    for path, text in (("tests/test_more.py", ""), ("shop/prices.py", "import another_package\ngross = int\n")):
        await call(toolbox()["worktree_write"], json.dumps({"path": path, "text": text}), at)
    told = data(await run(root, worktree="x-r1", at=at))
    assert (told.passed, told.missing) == (False, [])


async def test_without_a_sandbox_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the sandbox does not hold, nothing is run: a degradation of its own says so and names the way out."""
    monkeypatch.setattr(sandbox_ready, "_good", [])
    monkeypatch.setattr(sandbox_ready, "candidates", tuple)
    write(tmp_path, SHOP)
    found = await run(tmp_path)
    assert (data(found).passed, data(found).missing) == (None, ["bubblewrap"])
    [sad] = found.degradations
    assert sad.kind is DegradationKind.SANDBOX_MISSING
    assert "apt install bubblewrap" in sad.mend


async def test_no_tests_are_not_passed_tests(tmp_path: Path) -> None:
    """A project without tests, or with empty test files, has not passed."""
    write(tmp_path, {"a.py": "x = 1\n"})
    assert data(await run(tmp_path)).passed is None
    write(tmp_path, {"tests/test_none.py": "x = 1\n"})
    found = await run(tmp_path)
    assert data(found).passed is None
    assert found.degradations


async def test_secrets_are_not_shown_to_tests(tmp_path: Path) -> None:
    """The copy of a project as it lies holds neither files of secrets nor what git ignores."""
    look = "import os\n\n\ndef test_it():\n    assert not {'.env', 'run.log'} & set(os.listdir())\n"
    commit(tmp_path, "x", {"tests/test_it.py": look, ".gitignore": "*.log\n"})
    write(tmp_path, {".env": "KEY=4711\n", "run.log": "x\n"})
    assert data(await run(tmp_path)).passed is True


@pytest.mark.parametrize("path", ["../x", "/etc", ".env", "nowhere.py"])
async def test_only_what_is_there_is_tested(tmp_path: Path, path: str) -> None:
    """A path that leads out of the project, to secrets or nowhere is refused."""
    write(tmp_path, SHOP)
    with pytest.raises(ToolFailed):
        await run(tmp_path, paths=(path,))


def test_the_runner_is_found_out(tmp_path: Path) -> None:
    """pytest where it is configured, `manage.py test` for a Django project without, pytest for files named as tests."""
    assert runners.runner_of(tmp_path, ()) is None
    write(tmp_path, {"tests/test_a.py": ""})
    found = runners.runner_of(tmp_path, ())
    assert found is not None
    assert (found.needs, found.shown) == (("pytest",), "python -m pytest")
    write(tmp_path, {"manage.py": ""})
    found = runners.runner_of(tmp_path, ("tests/test_a.py",))
    assert found is not None
    assert (found.needs, found.words[-1]) == (("django",), "tests.test_a")
    write(tmp_path, {"pyproject.toml": "[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = 'x'\n"})
    found = runners.runner_of(tmp_path, ())
    assert found is not None
    assert found.needs == ("pytest", "pytest_django", "django")
    names = ("a/tests.py", "tests/x.py", "test_a.py", "a_test.py", "testing.py", "a/contest.py")
    assert [runners.test_file(name) for name in names] == [True, True, True, True, False, False]


DJANGO = """
======================================================================
FAIL: test_tax (invoicing.tests.Totals.test_tax)
AssertionError: 1 != 2
======================================================================
ERROR: billing.tests (unittest.loader._FailedTest.billing.tests)
ModuleNotFoundError: No module named 'stripe'
----------------------------------------------------------------------
Ran 12 tests in 0.100s

FAILED (failures=1, errors=1, skipped=2)
"""
PYTEST = """
FAILED tests/test_a.py::test_one - assert 1 == 2
ERROR tests/test_b.py - ModuleNotFoundError: No module named 'yaml'
ERROR tests/test_c.py
2 failed, 7 passed, 1 skipped, 2 errors in 0.53s
"""


def test_output_is_understood() -> None:
    """Counts, names and missing packages are read from what the runners print; from anything else nothing is."""
    told = counted(DJANGO)
    assert (told.count, told.failed, told.errors, told.missing) == (10, 1, 1, ("stripe",))
    assert told.broken[0] == "test_tax (invoicing.tests.Totals.test_tax)"
    told = counted(PYTEST)
    assert (told.count, told.failed, told.errors, told.missing) == (11, 2, 2, ("yaml",))
    assert len(told.broken) == 3
    told = counted("Ran 1 test in 0.1s\n\nOK\n")
    assert (told.count, told.failed, told.errors) == (1, 0, 0)
    assert counted("").count == counted("Traceback").count == 0
