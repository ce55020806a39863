"""The package: each dependency has its reason, the locks follow pyproject.toml, the wheel holds what it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from tests.house.tree import ROOT, source_files

LOCKS = {
    "nova.lock": (),
    "anthropic.lock": ("anthropic",),
    "google.lock": ("google",),
    "dev.lock": ("dev",),
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))? *\\?$", re.MULTILINE)


@cache
def pyproject() -> dict[str, dict[str, object]]:
    """pyproject.toml as it stands."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted(lock: str) -> list[Requirement]:
    """What pyproject.toml asks of this lock: the dependencies, and those of its extra or group."""
    project = pyproject()["project"]
    extras = cast("dict[str, list[str]]", project["optional-dependencies"])
    lines = list(cast("list[str]", project["dependencies"]))
    for name in LOCKS[lock]:
        group = cast("list[str]", pyproject()["dependency-groups"].get(name, []))
        lines += extras[name] if name in extras else [*group, *(one for extra in extras.values() for one in extra)]
    return [Requirement(line) for line in lines]


def pins(text: str) -> dict[str, Version]:
    """Name -> version of every package that a lock installs on this platform."""
    found = PIN.findall(text)
    return {canonicalize_name(name): Version(version) for name, version, on in found if not on or Marker(on).evaluate()}


def out_of_step(requirements: list[Requirement], pinned: dict[str, Version]) -> list[str]:
    """Requirements that a lock does not meet."""
    return [
        str(one)
        for one in requirements
        if (version := pinned.get(canonicalize_name(one.name))) is None or not one.specifier.contains(version)
    ]


def without_reason(text: str) -> list[str]:
    """Dependency lines of a pyproject.toml that carry no comment."""
    lines = [line.strip() for line in text.splitlines()]
    named = [line for line in lines if re.match(r'(?:\w+ = \[)?"[a-z0-9-]+(?:==|>=)', line) and "requires" not in line]
    return [line for line in named if not re.search(r"[\],]\s*# .{10,}", line)]


def test_each_dependency_says_why() -> None:
    """Each dependency line of pyproject.toml carries the reason it is there."""
    assert without_reason((ROOT / "pyproject.toml").read_text(encoding="utf-8")) == []
    assert without_reason('dependencies = [\n  "numpy>=2",\n  "rich>=15",  # tables on a terminal\n]') == [
        '"numpy>=2",'
    ]


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_locks_are_in_step(lock: str) -> None:
    """Each lock pins every dependency at a version that pyproject.toml allows, with hashes."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert out_of_step(wanted(lock), pins(text)) == []
    for block in re.split(r"\n(?=\S)", text):
        assert block.startswith("#") or "--hash=sha256:" in block, block.splitlines()[0]


def test_a_lock_out_of_step_is_seen() -> None:
    """A package that is missing, or pinned at a version that is not allowed, is named."""
    requirements = [Requirement("numpy>=2,<3"), Requirement("rich>=15"), Requirement("PyYAML>=6")]
    assert out_of_step(requirements, pins("numpy==1.9 \\\nrich==15.1 ; python_version < '4' \\\n")) == [
        "numpy<3,>=2",
        "PyYAML>=6",
    ]


def test_locks_agree() -> None:
    """What all locks share is pinned at one version, so that tests run what people install."""
    nova = pins((ROOT / "requirements" / "nova.lock").read_text(encoding="utf-8"))
    for lock in LOCKS:
        other = pins((ROOT / "requirements" / lock).read_text(encoding="utf-8"))
        assert {name: other.get(name) for name in nova} == nova, lock


def test_the_default_install_stays_small() -> None:
    """At most 60 packages by default, and neither torch nor an SDK that one provider alone needs."""
    nova = pins((ROOT / "requirements" / "nova.lock").read_text(encoding="utf-8"))
    assert len(nova) <= 60
    assert not {"torch", "sentence-transformers", "huggingface-hub", "anthropic", "google-genai"} & set(nova)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline by hatchling."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    (file,) = folder.glob("*.whl")
    return file


def test_the_wheel_holds_everything(wheel: Path) -> None:
    """The wheel carries every module, the whole catalog with its schemas, the examples and the licence."""
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = [
        str(file.relative_to(ROOT)) for file in source_files() if str(file.relative_to(ROOT / "src")) not in names
    ]
    assert missing == []
    for folder in ("catalog", "examples"):
        files = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        assert len(files) > 30
        assert [str(one) for one in files if f"nova/_data/{one.relative_to(ROOT).as_posix()}" not in names] == []
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))] == []


def test_the_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    """Installed from the wheel alone, nova finds its catalog with all 34 agents."""
    target = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, timeout=300, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import nova; from nova.app.data import catalog;"
        "from nova.agents.load import agent_files;"
        "print(nova.__file__); print(len(agent_files(catalog(), None)))"
    )
    command = [sys.executable, "-I", "-c", code, str(target)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    assert said == [str(target / "nova" / "__init__.py"), "34"]
