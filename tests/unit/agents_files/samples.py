"""A small valid agent file, and ways to write it into a catalog."""

from __future__ import annotations

from pathlib import Path

TOOLS = ("files_list", "files_read", "git_log")
SCHEMA = """\
---
name: schema
description: >-
  States models and their fields, field types and defaults; foreign keys. Relations too.
tools: [files_list, files_read]
model: quick
skills: []
max_turns: 6
nova:
  domain: erp
  kinds: [django-erp]
  reason: Facts can be read.
  generates: ""
  not_for:
    - {what: "writing migrations", who: migrations}
    - what: slow queries
      who: migrations
  examples:
    - Which fields does Invoice have?
    - "models: all of them"
  failure_modes:
    - Names a field that was renamed.
  needs: [profile, project]
  handoffs: [migrations]
  reads_private: true
  sees_untrusted: false
  acts_outside: false
  supervised: false
  visitors: false
  limits: {model_calls: 5, tool_calls: 9, tokens: 30000, seconds: 60}
  evals: []
---
You know the data model.

Cite path:line.
"""
MIGRATIONS = """\
---
name: migrations
description: Writes migrations.
---
You write migrations.
"""


def write_agents(base: Path, **texts: str) -> Path:
    """Writes agents/NAME.md below `base` for each NAME (with _ for -) and returns `base`."""
    (base / "agents").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (base / "agents" / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return base
