"""An embeddings endpoint on loopback, well-behaved and not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nova.core.degradations import DegradationKind
from nova.core.errors import ProviderPermanent, ProviderTransient
from nova.models.embeddings_endpoint import TEXTS_MAX, open_endpoint
from nova.models.encoder_choice import EndpointChoice
from nova.models.encoding import open_encoder

Answer = Callable[[list[str]], tuple[int, object]]


def vectors(texts: list[str]) -> tuple[int, object]:
    """Three numbers a text, in reverse order, as a server may."""
    data = [{"index": row, "embedding": [len(text), 1.0, 2.0]} for row, text in enumerate(texts)]
    return 200, {"data": data[::-1]}


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], tuple[EndpointChoice, list[tuple[str, str, int]]]]]:
    """Starts a server that answers so; gives its choice and what was asked: path, key, texts."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Answer) -> tuple[EndpointChoice, list[tuple[str, str, int]]]:
        asked: list[tuple[str, str, int]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append((self.path, self.headers.get("Authorization", ""), len(body["input"])))
                status, value = answer(body["input"])
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        address = f"http://127.0.0.1:{server.server_port}/v1"
        return EndpointChoice(base_url=address, model="tiny", key="secret", timeout_seconds=5), asked

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


Serve = Callable[[Answer], tuple[EndpointChoice, list[tuple[str, str, int]]]]


def test_vectors(serve: Serve) -> None:
    """Vectors come back in order, of unit length, in calls of bounded size, with the key as a bearer."""
    choice, asked = serve(vectors)
    network = open_endpoint(choice)
    rows = network.read([str(number) * (number % 7 + 1) for number in range(TEXTS_MAX + 5)])
    assert network.blocks == (3,)
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-5
    assert rows[0, 0] < rows[1, 0] < rows[2, 0]
    assert [count for _, _, count in asked] == [1, TEXTS_MAX, 5]
    assert {(path, key) for path, key, _ in asked} == {("/v1/embeddings", "Bearer secret")}


@pytest.mark.parametrize(
    ("status", "error"), [(429, ProviderTransient), (503, ProviderTransient), (401, ProviderPermanent)]
)
def test_refusals(serve: Serve, status: int, error: type[Exception]) -> None:
    """Overload is worth another try, a wrong key is not."""
    choice, _ = serve(lambda _texts: (status, {}))
    with pytest.raises(error, match=str(status)):
        open_endpoint(choice)


@pytest.mark.parametrize(
    "value",
    [
        b"no json",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": [1]}]}',
        b'{"other": 1}',
    ],
)
def test_nonsense(serve: Serve, value: bytes) -> None:
    """An answer that is no list of as many vectors is refused."""
    choice, _ = serve(lambda _texts: (200, value))
    with pytest.raises(ProviderPermanent):
        open_endpoint(choice)


def test_absent_server() -> None:
    """A server that is not there is a degradation with its address, and words are used."""
    encoder = open_encoder(EndpointChoice(base_url="http://127.0.0.1:9/v1", model="tiny", timeout_seconds=1))
    assert encoder.name == "words"
    assert encoder.degradations[0].kind is DegradationKind.NO_ENCODER
    assert "127.0.0.1:9" in encoder.degradations[0].what
