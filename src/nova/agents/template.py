"""The file a new agent begins as. Loads as it stands; lint says what is still to be written."""

from __future__ import annotations

import json

from nova.core.errors import BadInput
from nova.core.text import shorten
from nova.settings.file import NAME, NAME_LENGTH_MAX

_TEMPLATE = """\
---
name: {name}
description: {description}
tools: []                   # tools it may call; nova agents show orientation is an example
model: quick                # quick or strong, see [models] in nova.toml
skills: []
max_turns: 8
nova:
  domain: {domain}
  kinds: []                 # project kinds it serves; [] means any project, or none
  reason: ""                # why it exists apart from its neighbours, in one or two sentences
  generates: ""             # what a model must write, as in "a translation"; "" when facts are enough
  not_for: []               # 4 or more, one a line below: - {{what: "legal advice", who: another-agent}}
  examples: []              # 12 or more requests as you would type them, one a line below: - Who wrote this page?
  failure_modes: []         # 2 or more: how it goes wrong, and what it does about it
  needs: [profile, project, conversation]
  handoffs: []              # agents it may pass work on to
  reads_private: false      # true: it may read files of projects
  sees_untrusted: false     # true: it may be shown text by strangers
  acts_outside: false
  supervised: false         # true: its result is a proposal that you review
  visitors: false
  limits: {{model_calls: 8, tool_calls: 16, tokens: 40000, seconds: 120}}
  evals: []
---
You are {name}. Your job: {job}

How to work:
- State only what you have read in this run, and cite it as path:line or as a short commit id.
- When a request is another agent's job, say whose, and stop.

The answer comes first, in one sentence; then what supports it. Say what you looked for and did not find.
"""


def agent_template(name: str, description: str, domain: str = "general") -> str:
    """The text of agents/NAME.md for a new agent. Raises BadInput when the name, domain or description is none."""
    for word, what in ((name, "an agent"), (domain, "a domain")):
        if len(word) > NAME_LENGTH_MAX or not NAME.fullmatch(word):
            raise BadInput(
                f"“{shorten(word, 60)}” cannot be the name of {what}.",
                f"Use a-z, 0-9 and hyphens, a letter first, at most {NAME_LENGTH_MAX} characters.",
            )
    job = " ".join(description.split())
    if not job:
        raise BadInput(f"The agent {name} needs a description.", "Say in one sentence what it does.")
    return _TEMPLATE.format(name=name, domain=domain, description=json.dumps(job, ensure_ascii=False), job=job)
