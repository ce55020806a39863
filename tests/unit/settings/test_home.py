"""Where a home lies is decided by two variables and the platform, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova.settings.home import find_home


def test_a_home_of_its_own(tmp_path: Path) -> None:
    """NOVA_HOME holds the text files, its .nova the data; the cache is shared unless NOVA_CACHE says otherwise."""
    home = find_home({"NOVA_HOME": str(tmp_path / "h"), "NOVA_CACHE": str(tmp_path / "c")})
    assert home.root == tmp_path / "h"
    assert home.settings_file == tmp_path / "h" / "nova.toml"
    assert home.database == tmp_path / "h" / ".nova" / "nova.db"
    assert home.encoder == tmp_path / "c" / "encoder"
    assert not home.exists
    home.root.mkdir()
    home.settings_file.write_text("")
    assert home.exists


def test_without_variables_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Text files and data lie apart, each below its XDG folder."""
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    home = find_home({"NOVA_HOME": " "})
    assert home.root.is_relative_to(tmp_path / "config")
    assert home.data.is_relative_to(tmp_path / "data")
    assert home.cache.is_relative_to(tmp_path / "cache")


def test_tilde_and_relative_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """~ and relative paths become absolute at once, so that a later chdir changes nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert find_home({"NOVA_HOME": "~/n"}).root == tmp_path / "n"
    assert find_home({"NOVA_HOME": "n"}).root == tmp_path / "n"
