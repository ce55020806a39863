"""nova models: which models answer in which role, which providers are ready, and how to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.cli import frame

if TYPE_CHECKING:
    from nova.app.local_servers import LocalServer
    from nova.app.providers import Standing
    from nova.core.json import Json
    from nova.settings.definition import Settings

ROLE_SAID = {
    "quick": "for most agents",
    "strong": "for agents whose work needs more thought",
    "arbiter": "asked where the router itself is not sure",
}


def list_models(*, as_json: bool, look: bool = False) -> None:
    """Prints them. look: also asks the usual ports of this machine; without it no connection is opened."""
    from nova.app.local_servers import look as look_around
    from nova.app.providers import standings
    from nova.settings.load import load_settings

    home = frame.the_home()
    settings = load_settings(home.settings_file)
    found = standings(settings)
    servers = look_around() if look else None
    if as_json:
        frame.out_json(_json(settings, found, servers))
        return
    _roles(settings)
    frame.out("\nProviders")
    for one in found:
        _provider(one)
    if servers is not None:
        _servers(servers)
    _advice(str(home.settings_file), found, servers)


def _roles(settings: Settings) -> None:
    from nova.settings.definition import ROLES

    frame.out("Roles, each with its models in the order they are tried")
    for role in ROLES:
        tried = " → ".join(str(one) for one in settings.choices(role))
        built_in = "" if settings.models.get(role) else "   (the built-in model; no language model is configured)"
        if role == "arbiter" and not settings.models.get(role):
            tried, built_in = "none", "   (the best guess is taken, and said aloud as unsure)"
        frame.out(f"  {role:<8} {tried}{built_in}   {ROLE_SAID[role] if settings.models.get(role) else ''}".rstrip())


def _provider(one: Standing) -> None:
    state = "ready" if one.ready else "not ready"
    key = f"key at {one.key}" if one.key else "no key needed"
    used = ", ".join(one.roles) or "no role"
    frame.out(f"  {one.name:<12} {state:<10} {one.kind:<18} {one.address}   {key}   used by: {used}")
    frame.out(f"  {'':<12} may be sent: {', '.join(one.cleared_for) or 'nothing'}")
    for missing in one.missing:
        frame.out(f"  {'':<12} ! {missing}")


def _servers(servers: tuple[LocalServer, ...]) -> None:
    frame.out("\nOn this machine")
    if not servers:
        frame.out("  nothing answers at the ports of Ollama, LM Studio, llama.cpp and vLLM")
    for server in servers:
        frame.out(f"  {server.usual:<12} {server.address}   models: {', '.join(server.models) or 'none loaded'}")


def _advice(file: str, found: tuple[Standing, ...], servers: tuple[LocalServer, ...] | None) -> None:
    """What to write into nova.toml for what is nearest at hand: a server that runs, a key that is there, an example."""
    local = next((server for server in servers or () if server.models), None)
    ready = next((one.name for one in found if one.ready and not one.roles and one.name in _EXAMPLES), "")
    frame.out(f"\nTo add one, write into {file} (below [models], which is there already):")
    if ready and local is None:
        frame.out(f'\n  quick = ["{_EXAMPLES[ready]}"]\n  strong = ["{_EXAMPLES[ready]}"]')
    else:
        address, model = (local.address, local.models[0]) if local else ("http://127.0.0.1:11434/v1", "qwen3:8b")
        frame.out(f'\n  quick = ["local:{model}"]\n  strong = ["local:{model}"]')
        frame.out(f"\nand at the end:\n{_SECTION.format(address=address)}")
    if not ready and local is None:
        frame.out("\nOr a provider with a key, which never stands in the file itself:\n")
        frame.out(f'  export ANTHROPIC_API_KEY=...   ./nova setup anthropic   quick = ["{_EXAMPLES["anthropic"]}"]')
        frame.out(f'  export OPENAI_API_KEY=...                               quick = ["{_EXAMPLES["openai"]}"]')
        frame.out(f'  export GOOGLE_API_KEY=...      ./nova setup google      quick = ["{_EXAMPLES["google"]}"]')
    if servers is None:
        frame.out("\nWhich servers run on this machine: nova models --look")


_EXAMPLES = {
    "anthropic": "anthropic:claude-sonnet-5-5",
    "openai": "openai:gpt-6-luna",
    "google": "google:gemini-3.8-flash",
}
_SECTION = """
  [providers.local]
  kind = "openai-compatible"
  base_url = "{address}"
  cleared_for = ["all"]   # it runs on your machine; leave this line out if it does not"""


def _json(settings: Settings, found: tuple[Standing, ...], servers: tuple[LocalServer, ...] | None) -> dict[str, Json]:
    from nova.app.providers import standing_json
    from nova.settings.definition import ROLES

    value: dict[str, Json] = {
        "roles": {role: [str(one) for one in settings.choices(role)] for role in ROLES},
        "providers": [standing_json(one) for one in found],
    }
    if servers is not None:
        value["servers"] = [{"usual": one.usual, "address": one.address, "models": list(one.models)} for one in servers]
    return value
