"""The home's text files as a git repository: Nova commits what it changes, with the reason. Knows git's command line.

Only the paths that were changed are committed; what the owner has half done beside them stays his.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nova.core.errors import NotReady

_NOBODY = ("-c", "user.name=Nova", "-c", "user.email=nova@localhost", "-c", "commit.gpgsign=false")
_IGNORED = ".nova/\n"


def begin(root: Path) -> None:
    """Makes the home a repository if it is none. Raises NotReady when git is missing or refuses."""
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORED, encoding="utf-8")
    if not (root / ".git").exists():
        _git(root, "init", "--quiet", "--initial-branch=main")


def commit(root: Path, paths: Sequence[Path], reason: str) -> None:
    """Commits exactly these paths with the reason. Nothing to commit is fine."""
    begin(root)
    names = [str(path.relative_to(root)) for path in paths]
    _git(root, "add", "--force", "--", *names)
    changed = _git(root, "status", "--porcelain", "--", *names)
    if changed.strip():
        _git(root, *_NOBODY, "commit", "--quiet", "--no-verify", "--message", reason, "--", *names)


def _git(root: Path, *arguments: str) -> str:
    if shutil.which("git") is None:
        raise NotReady("git is not installed; the home's text files are kept in it.", "Install git, then try again.")
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise NotReady(f"git refused in {root}: {said}", "Look with git status; your files are as they were.")
    return done.stdout
