"""Where everything of one home lies. Knows folders and two environment variables; refuses to create anything.

Text files (a git repository) and the database lie apart, so that a commit never holds data. The cache holds only
what can be made again and is the same for every home (the encoder's 92 MB), so all homes of a person share it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "NOVA_HOME"
CACHE_VARIABLE = "NOVA_CACHE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folders of one home; all paths absolute.

    root: the text files, a git repository. data: the database. cache: may be deleted at any time.
    """

    root: Path
    data: Path
    cache: Path

    @property
    def settings_file(self) -> Path:
        """nova.toml"""
        return self.root / "nova.toml"

    @property
    def profile_file(self) -> Path:
        """profile.md: who the owner is, put before every model."""
        return self.root / "profile.md"

    @property
    def agents(self) -> Path:
        """Agents of this home; they shadow the catalog by name."""
        return self.root / "agents"

    @property
    def projects(self) -> Path:
        """One Markdown file for each project."""
        return self.root / "projects"

    @property
    def pipelines(self) -> Path:
        """Pipelines of this home; they shadow the catalog by id."""
        return self.root / "pipelines"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "nova.db"

    @property
    def encoder(self) -> Path:
        """The sentence encoder's two files, pinned by content."""
        return self.cache / "encoder"

    @property
    def exists(self) -> bool:
        """Whether `nova init` has been here; true as well when that may not be seen, so that reading says why."""
        try:
            return self.settings_file.is_file()
        except OSError:
            return True


def find_home(environment: Mapping[str, str] | None = None) -> Home:
    """The home of this process: NOVA_HOME with its data in `.nova` beneath, or the folders of the platform (XDG)."""
    variables = os.environ if environment is None else environment
    cache = _folder(variables.get(CACHE_VARIABLE)) or platformdirs.user_cache_path("nova").absolute()
    if root := _folder(variables.get(HOME_VARIABLE)):
        return Home(root=root, data=root / ".nova", cache=cache)
    return Home(
        root=platformdirs.user_config_path("nova").absolute(),
        data=platformdirs.user_data_path("nova").absolute(),
        cache=cache,
    )


def _folder(written: str | None) -> Path | None:
    return Path(written).expanduser().absolute() if written and written.strip() else None
