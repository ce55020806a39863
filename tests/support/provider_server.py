"""Servers on loopback that speak the providers' real streaming formats over real HTTP, and break as real ones do.

Knows three wire formats (OpenAI chat completions, Anthropic messages, Google generateContent); refuses to know Nova.
Which format is spoken follows from the path that is asked for. Each request takes the next turn of the list.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias, assert_never, cast

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"
INPUT_TOKENS, OUTPUT_TOKENS = 321, 45
"""What every good turn reports as its usage."""
PIECE_CHARACTERS = 9


@dataclass(frozen=True, slots=True)
class Speak:
    """The model says this, in pieces."""

    text: str


@dataclass(frozen=True, slots=True)
class UseTool:
    """The model calls a tool; the arguments travel in pieces, where the format has pieces."""

    tool: str
    arguments: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Refuse:
    """An HTTP error with the body that this provider sends for it."""

    status: int
    message: str = "not today"


class Break(Enum):
    """Ways in which a connection or a stream goes wrong."""

    CUT_BEFORE_FIRST_BYTE = "the status line says 200, then the connection is closed without a byte of the stream"
    RESET = "the connection is reset before any answer"
    MALFORMED = "the stream holds something that is no JSON"
    WRONG_SHAPE = "the stream holds JSON of another kind"
    CUT_IN_THE_MIDDLE = "some words arrive, then the connection is closed"
    SILENT = "nothing comes for a second and a half"


Turn: TypeAlias = Speak | UseTool | Refuse | Break
SILENT_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived. headers: names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Json]
    text: str


@dataclass(kw_only=True)
class ProviderServer:
    """What a running server was asked, and where it is. Every request is counted, also those that fail."""

    address: str
    turns: list[Turn]
    asked: list[Asked] = field(default_factory=list[Asked])


class _Quiet(ThreadingHTTPServer):
    """A client that hangs up is what some tests are about; anything else is a bug of the server and is shown."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # pyright: ignore[reportArgumentType]


@contextmanager
def serve(*turns: Turn) -> Generator[ProviderServer]:
    """A server on a free port of loopback for the time of the block."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0"))).decode("utf-8")
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = cast("dict[str, Json]", json.loads(raw))
            with lock:
                running.asked.append(Asked(path=self.path, headers=headers, body=body, text=raw))
                number = len(running.asked)
                turn = running.turns.pop(0) if running.turns else Refuse(500, "the list of turns is used up")
            _answer(self, turn, number)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Nothing is written to the terminal of the tests."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    running = ProviderServer(address=f"http://127.0.0.1:{server.server_port}", turns=list(turns))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> str:
    """An address on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def _answer(handler: BaseHTTPRequestHandler, turn: Turn, number: int) -> None:
    if isinstance(turn, Refuse):
        _refuse(handler, turn)
    elif turn is Break.RESET:
        linger = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True
        handler.connection.close()
    elif turn is Break.SILENT:
        time.sleep(SILENT_SECONDS)
        handler.close_connection = True
    else:
        _stream(handler, turn, number)


def _stream(handler: BaseHTTPRequestHandler, turn: Speak | UseTool | Break, number: int) -> None:
    """Server-sent events in HTTP chunks; a cut is a connection that ends without the last chunk."""
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream; charset=utf-8")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    handler.wfile.flush()
    if turn is Break.CUT_BEFORE_FIRST_BYTE:
        handler.close_connection = True
        return
    if turn is Break.MALFORMED:
        _chunk(handler, "event: message_start\ndata: {this is no JSON\n\n")
    elif turn is Break.WRONG_SHAPE:
        _chunk(
            handler,
            _data({"type": "message_start", "choices": 5, "candidates": "none", "message": [1]}, event="message_start"),
        )
    elif turn is Break.CUT_IN_THE_MIDDLE:
        for piece in list(_format(handler.path)(Speak("Half of an answer, and then"), number))[:3]:
            _chunk(handler, piece)
        handler.close_connection = True
        return
    elif isinstance(turn, Break):
        raise ValueError(f"{turn} is no stream")
    else:
        for piece in _format(handler.path)(turn, number):
            _chunk(handler, piece)
    handler.wfile.write(b"0\r\n\r\n")


def _chunk(handler: BaseHTTPRequestHandler, text: str) -> None:
    data = text.encode("utf-8")
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def _format(path: str) -> Callable[[Speak | UseTool, int], Iterator[str]]:
    if path.startswith("/v1/chat/completions"):
        return _openai
    if path.startswith("/v1/messages"):
        return _anthropic
    if ":streamGenerateContent" in path and "alt=sse" in path:
        return _google
    raise ValueError(f"no provider has a stream at {path}")


def _data(value: Json, event: str = "") -> str:
    return (f"event: {event}\n" if event else "") + f"data: {json.dumps(value)}\n\n"


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE_CHARACTERS] for start in range(0, len(text), PIECE_CHARACTERS)]


def _openai(turn: Speak | UseTool, number: int) -> Iterator[str]:
    """Chunks of `chat.completion.chunk`, the usage in one of its own without choices, then `[DONE]`."""

    def chunk(delta: dict[str, Json], finish: str | None = None) -> str:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**head, "choices": [choice], "usage": None})

    head: dict[str, Json] = {
        "id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1_795_000_000, "model": "served",
        "system_fingerprint": "fp_1",
    }  # fmt: skip
    yield chunk({"role": "assistant", "content": None if isinstance(turn, UseTool) else ""})
    match turn:
        case Speak(text):
            for piece in _pieces(text):
                yield chunk({"content": piece})
            yield chunk({}, "stop")
        case UseTool(tool, arguments):
            begin: Json = {
                "index": 0,
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": tool, "arguments": ""},
            }
            yield chunk({"tool_calls": [begin]})
            for piece in _pieces(json.dumps(arguments)):
                yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
            yield chunk({}, "tool_calls")
        case _:
            assert_never(turn)
    usage: Json = {
        "prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }  # fmt: skip
    yield _data({**head, "choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _anthropic(turn: Speak | UseTool, number: int) -> Iterator[str]:
    """message_start, one content block in deltas with a ping between, message_delta with the usage, message_stop."""

    def event(kind: str, **fields: Json) -> str:
        return _data({"type": kind, **fields}, event=kind)

    message: Json = {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": "served", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": 1},
    }  # fmt: skip
    yield event("message_start", message=message)
    match turn:
        case Speak(text):
            reason = "end_turn"
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            yield event("ping")
            for piece in _pieces(text):
                yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        case UseTool(tool, arguments):
            reason = "tool_use"
            block: Json = {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": {}}
            yield event("content_block_start", index=0, content_block=block)
            for piece in ["", *_pieces(json.dumps(arguments))]:
                yield event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece})
        case _:
            assert_never(turn)
    yield event("content_block_stop", index=0)
    yield event(
        "message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": OUTPUT_TOKENS}
    )
    yield event("message_stop")


def _google(turn: Speak | UseTool, number: int) -> Iterator[str]:
    """Whole GenerateContentResponse objects; a function call is never split, the usage is in the last one."""

    def response(parts: list[Json], finish: str | None = None) -> str:
        candidate: dict[str, Json] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        value: dict[str, Json] = {"candidates": [candidate], "modelVersion": "served", "responseId": f"g{number}"}
        if finish:
            candidate["finishReason"] = finish
            value["usageMetadata"] = {
                "promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS,
                "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
            }  # fmt: skip
        return _data(cast("Json", value))

    match turn:
        case Speak(text):
            pieces = _pieces(text)
            yield from (response([{"text": piece}]) for piece in pieces[:-1])
            yield response([{"text": pieces[-1]}], "STOP")
        case UseTool(tool, arguments):
            yield response([{"functionCall": {"name": tool, "args": cast("Json", arguments)}}], "STOP")
        case _:
            assert_never(turn)


def _refuse(handler: BaseHTTPRequestHandler, turn: Refuse) -> None:
    data = json.dumps(_error(handler.path, turn)).encode("utf-8")
    handler.send_response(turn.status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    if turn.status == 429:
        handler.send_header("retry-after", "1")
    handler.end_headers()
    handler.wfile.write(data)


def _error(path: str, turn: Refuse) -> Json:
    if path.startswith("/v1/messages"):
        kinds = {401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}
        return {"type": "error", "error": {"type": kinds.get(turn.status, "api_error"), "message": turn.message}}
    if ":streamGenerateContent" in path:
        kinds = {401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}
        status = kinds.get(turn.status, "UNKNOWN")
        return {"error": {"code": turn.status, "message": turn.message, "status": status}}
    kinds = {401: "invalid_request_error", 429: "requests", 500: "server_error"}
    code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(turn.status)
    error: Json = {"message": turn.message, "type": kinds.get(turn.status, "server_error"), "param": None, "code": code}
    return {"error": error}
