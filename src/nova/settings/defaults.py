"""The nova.toml that a new home begins with: every key that matters, commented out at its default."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT_SETTINGS = """\
# Settings of this home. Everything is optional; what is commented out shows the default or an example.
# Check this file with: nova doctor. All keys: docs/reference/settings.md

# Which models answer, in the order they are tried. The built-in model (extractive) always comes last:
# it needs no key, answers with citations from your files and says what it cannot do.
[models]
# quick = ["openai:gpt-6-luna", "local:qwen3"]
# strong = ["anthropic:claude-sonnet-5-5"]
# arbiter = ["openai:gpt-6-luna"]

# anthropic, openai and google need no section when their key lies in ANTHROPIC_API_KEY, OPENAI_API_KEY
# or GOOGLE_API_KEY. A server of your own (Ollama, llama.cpp, vLLM, LM Studio) needs one:
# [providers.local]
# kind = "openai-compatible"
# base_url = "http://localhost:11434/v1"
# api_key = "env:LOCAL_KEY"                   # env:NAME, keyring:SERVICE/NAME or file:PATH, never the key itself
# cleared_for = ["all"]                       # levels (public, internal, client), scopes of projects, or all
# timeout_seconds = 60.0
# prices = { "qwen3" = { input_usd = 0.0, output_usd = 0.0 } }   # for a million tokens

[router]
# encoder = "minilm"                          # minilm, wordllama, words (no download), endpoint
# sure_error_max = 0.02                       # share of wrong routes accepted among the sure ones
# outside_share = 0.18                        # share of requests expected to be no agent's job
# margin_standard_errors = 2.0                # more: fewer sure routes, fewer mistakes among them

# Ceilings for every run, over the limits in the agents' files; without a key only those count.
[limits]
# model_calls_max = 8
# tool_calls_max = 16
# tokens_max = 40000
# seconds_max = 120.0
# identical_calls_max = 3
# context_tokens_max = 8000

# What a run and everything below it (parts, handoffs, steps of its plan) may use together.
[tree]
# depth_max = 4
# handoffs_max = 16
# model_calls_max = 64
# tool_calls_max = 256
# tokens_max = 400000
# cost_usd_max = 5.0                          # without the key: no limit in money
# seconds_max = 3600.0
# output_bytes_max = 16000000
# silence_seconds_max = 120.0                 # without an event for so long it counts as stalled
# rounds_max = 2                              # of two agents passing the same work to and fro

[store]
# database_url = "env:NOVA_DATABASE_URL"      # PostgreSQL instead of a file: where its address lies
# synchronous = "normal"                      # full: safe against power cuts, slower

[pipelines]
# keep_days = 90                              # steps of ended runs; of triggered ones their events too

# Agents of the catalog that are engaged; without the key: all. Those in agents/ always are.
[roster]
# agents = ["general-chat", "orientation"]

# Values for ${name} in the paths of project files; ${home} is always the folder of this file.
[variables]
# workspace = "~/code"
"""


def initial_settings(roster: Sequence[str] | None = None, workspace: str | None = None) -> str:
    """The default text with the roster and the workspace of a new home filled in. workspace: an absolute path."""
    text = DEFAULT_SETTINGS
    if roster is not None:
        written = "".join(f'  "{name}",\n' for name in roster)
        text = text.replace('# agents = ["general-chat", "orientation"]', f"agents = [\n{written}]")
    if workspace is not None:
        quoted = workspace.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace('# workspace = "~/code"', f'workspace = "{quoted}"')
    return text
