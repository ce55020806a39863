"""nova models as a person meets it."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.integration.terminal import Terminal

from nova.app.local_servers import LocalServer, look

KEY = "sk-test-3f9a7c51"


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a fresh home."""
    terminal = Terminal(tmp_path, tmp_path)
    assert terminal.nova("init").code == 0
    return terminal


def test_without_a_provider_the_built_in_model_answers_and_the_way_to_one_is_shown(at: Terminal) -> None:
    """With nothing configured every role shows the built-in model, each provider what it lacks, and an example."""
    shown = at.nova("models").out
    assert "quick    extractive" in shown
    assert "export ANTHROPIC_API_KEY" in shown
    assert str(at.home / "nova.toml") in shown


def test_the_example_that_is_shown_is_one_that_works(at: Terminal) -> None:
    """Pasting what nova models prints into nova.toml, as it says, gives settings without problems."""
    lines = [line.strip() for line in at.nova("models").out.splitlines()]
    quick = next(line for line in lines if line.startswith("quick = "))
    section = lines[lines.index("[providers.local]") : lines.index("[providers.local]") + 4]
    settings = at.home / "nova.toml"
    text = settings.read_text(encoding="utf-8").replace("[models]\n", f"[models]\n{quick}\n")
    settings.write_text(text + "\n" + "\n".join(section) + "\n", encoding="utf-8")
    value = at.nova("models", "--json")
    assert value.code == 0, value.out
    assert value.value["roles"] == {"quick": ["local:qwen3:8b", "extractive"], "strong": ["extractive"],
                                    "arbiter": ["extractive"]}  # fmt: skip
    local = next(one for one in _providers(value.value["providers"]) if one["name"] == "local")
    assert (local["ready"], local["roles"], local["cleared_for"]) == (True, ["quick"], ["all"])


def test_a_key_is_found_and_never_shown(at: Terminal) -> None:
    """A key in the environment makes its provider ready; neither words nor JSON nor doctor ever hold it."""
    settings = at.home / "nova.toml"
    text = settings.read_text(encoding="utf-8").replace("[models]\n", '[models]\nquick = ["openai:gpt-6-luna"]\n')
    settings.write_text(text, encoding="utf-8")
    for words in (["models"], ["models", "--json"], ["doctor"], ["doctor", "--json"]):
        shown = at.nova(*words, OPENAI_API_KEY=KEY)
        assert shown.code == 0, shown.out
        assert KEY not in shown.out + shown.err
    openai = next(one for one in _providers(at.nova("models", "--json", OPENAI_API_KEY=KEY).value["providers"])
                  if one["name"] == "openai")  # fmt: skip
    assert (openai["ready"], openai["key"]) == (True, "env:OPENAI_API_KEY")


def test_it_opens_no_connection_by_itself(at: Terminal) -> None:
    """Plain nova models reaches for no socket at all, loopback included."""
    watch = at.folder / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(
        "import sys\n"
        "def _watch(event, _arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'):\n"
        "        raise RuntimeError('a connection was opened')\n"
        "sys.addaudithook(_watch)\n",
        encoding="utf-8",
    )
    source = str(Path(__file__).parents[2] / "src")
    shown = at.nova("models", PYTHONPATH=f"{watch}:{source}")
    assert (shown.code, shown.clean) == (0, True), shown.err


class _Models(BaseHTTPRequestHandler):
    """A server of language models, as far as its list goes."""

    def do_GET(self) -> None:
        """Lists two models, or says that there is no such page."""
        body = json.dumps({"data": [{"id": "qwen3:8b"}, {"id": "gemma4"}]}).encode()
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.end_headers()
        self.wfile.write(body if self.path == "/v1/models" else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives
        """Says nothing."""


@pytest.fixture
def server() -> Generator[int]:
    """The port of a running server of models."""
    running = HTTPServer(("127.0.0.1", 0), _Models)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running.server_port
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_local_server_is_found_with_its_models(server: int) -> None:
    """Looking around finds a server that lists models, and takes a closed port for none."""
    assert look(((server, "Ollama"), (9, "nothing"))) == (
        LocalServer(usual="Ollama", address=f"http://127.0.0.1:{server}/v1", models=("qwen3:8b", "gemma4")),
    )


def _providers(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return [one for one in value if isinstance(one, dict)]  # pyright: ignore[reportUnknownVariableType]
