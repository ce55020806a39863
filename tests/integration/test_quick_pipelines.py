"""What a pipeline pays for: only what its steps need is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.terminal import Terminal, repository

LOOKS = """\
id: looks
version: 1
description: Two tools that only read.
outputs: {text: "${log.output.headline}"}
nodes:
  status: {tool: git_status}
  log: {tool: git_log, after: [status]}
"""


def test_a_pipeline_of_tools_that_read_loads_no_model_library(tmp_path: Path) -> None:
    """Who asks no agent pays for none: neither the model library nor the engine is loaded."""
    at = Terminal(tmp_path, repository(tmp_path / "blog", readme_dot_md="# Blog\n"))
    assert at.nova("init").code == 0
    (at.home / "pipelines" / "looks.yaml").write_text(LOOKS, encoding="utf-8")
    typed = "import sys; from nova.cli.main import app; sys.argv = ['nova', 'pipelines', 'run', 'looks']"
    environment = {**os.environ, "NOVA_HOME": str(at.home), "NOVA_CACHE": str(at.folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", f"{typed}\ntry: app()\nfinally: print(*sys.modules)"],
        cwd=at.at, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "nova.coordinator.crew" in loaded
    assert loaded & {"pydantic_ai", "openai", "dbos", "nova.coordinator.crew_agents"} == set()
