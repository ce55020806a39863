"""The peers' environments, each made once from its pinned requirements in the user's cache; never mixed with Nova's."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import platformdirs

INSTALL_SECONDS_MAX = 600


def python_with(requirements: Path) -> Path | str:
    """The interpreter of an environment with these packages, or a sentence that says why there is none."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(requirements.read_bytes() + version.encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("nova") / "benchmarks" / f"{requirements.stem}-{digest}"
    python = folder / "bin" / "python"
    if python.exists():
        return python
    building = folder.with_name(f"{folder.name}.{os.getpid()}.making")
    try:
        venv.create(building, with_pip=True, clear=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        done = subprocess.run(
            [str(building / "bin" / "python"), *install, "-r", str(requirements)],
            capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX, check=False,
        )  # fmt: skip
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            return f"What {requirements.name} asks for could not be installed, so it is not compared: {last}"
        building.rename(folder)
    except (OSError, subprocess.SubprocessError) as problem:
        return f"What {requirements.name} asks for could not be installed, so it is not compared: {problem}"
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return python
