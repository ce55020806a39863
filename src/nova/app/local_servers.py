"""Language models that run on this machine: looks at the usual ports on loopback, and nowhere else."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import cast

LOOK_SECONDS = 0.3
ANSWER_BYTES_MAX = 1_000_000
PORTS = ((11434, "Ollama"), (1234, "LM Studio"), (8080, "llama.cpp"), (8000, "vLLM"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A server that answered as an OpenAI-compatible one. usual: what mostly listens there; models: what it lists."""

    usual: str
    address: str
    models: tuple[str, ...]


def look(ports: tuple[tuple[int, str], ...] = PORTS) -> tuple[LocalServer, ...]:
    """The servers that answer. Takes LOOK_SECONDS a port at most where nothing listens; sends no key."""
    found = ((usual, port, _models(port)) for port, usual in ports)
    return tuple(
        LocalServer(usual=usual, address=f"http://127.0.0.1:{port}/v1", models=models)
        for usual, port, models in found
        if models is not None
    )


def _models(port: int) -> tuple[str, ...] | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LOOK_SECONDS)
    try:
        connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            return None
        return _listed(json.loads(answer.read(ANSWER_BYTES_MAX)))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _listed(value: object) -> tuple[str, ...] | None:
    """The ids of a model list; None when it is none, so that any other web server is not taken for a model's."""
    listed = cast("dict[str, object]", value).get("data") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return None
    entries = [cast("dict[str, object]", one) for one in cast("list[object]", listed) if isinstance(one, dict)]
    return tuple(str(one["id"]) for one in entries if "id" in one)
